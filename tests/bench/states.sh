#!/bin/sh
# Usage: states.sh TIMESCAPE_THROUGHPUT
# --states writes a line for each training: loss, bias, m positions, m weights; the same for the same seed alone.
set -eu

states() { "$throughput" --states - --neurons 3 --replicates 5 --steps 50 --h 1e-3 "$@"; }
throughput=$1
first=$(states --seed 7)
[ "$(echo "$first" | awk 'NF == 8 && $1 > 0 { n++ } END { print n }')" = 5 ]
[ "$first" = "$(states --seed 7 --threads 1)" ]
[ "$first" != "$(states --seed 8)" ]
[ "$first" != "$(states --seed 7 --noise 0.5)" ]
if states --replicates 0 2>/dev/null; then exit 1; fi
