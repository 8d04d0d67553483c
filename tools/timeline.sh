#!/bin/sh
# Usage: timeline.sh [--build DIR] [--threads N] [--name NAME] [CONFIG]
# Runs CONFIG (configs/quickstart.yaml) and records when which thread worked on what: bench/results/NAME.csv, and its
# picture docs/performance/NAME.svg (NAME: timeline). Says how much of the time the threads were busy.
set -eu

usage() { sed -n '2,/^set/s/^# \{0,1\}//p' "$0"; }

build=build/release
threads=$(nproc)
name=timeline
cd "$(dirname "$0")/.."
config=configs/quickstart.yaml
while [ $# -gt 0 ]; do
    case $1 in
    -h | --help) usage; exit 0 ;;
    --build | --threads | --name)
        [ $# -ge 2 ] || { usage >&2; exit 2; }
        case $1 in --build) build=$2 ;; --threads) threads=$2 ;; --name) name=$2 ;; esac
        shift 2
        ;;
    -*) usage >&2; exit 2 ;;
    *) config=$1; shift ;;
    esac
done
program=$build/bench/timescape_timeline
[ -x "$program" ] || { echo "timeline: $program is not there: build it, or give --build DIR" >&2; exit 1; }

mkdir -p bench/results docs/performance
csv=bench/results/$name.csv
svg=docs/performance/$name.svg
"$program" "$config" "$threads" >"$csv.part"
mv "$csv.part" "$csv"
gnuplot -e "csv='$csv'; svg='$svg'" bench/timeline.gnuplot
awk -F, 'NR > 1 { busy[$1] += $3 - $2; if ($3 > end) end = $3; if ($1 + 1 > threads) threads = $1 + 1; batches++ }
    END {
        printf "%d batches in %.2f s on %d threads; busy:", batches, end, threads
        for (i = 0; i < threads; i++) { printf " %.1f %%", 100 * busy[i] / end; all += busy[i] }
        printf "; idle altogether %.2f %%\n", 100 - 100 * all / (threads * end)
    }' "$csv"
echo "$csv"
echo "$svg"
