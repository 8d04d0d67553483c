#!/bin/sh
# Usage: scaling.sh [--build DIR] [--instructions SET] [--threads N] [--repeat N] [neurons|replicates|cells|horizon]...
# Measures how the cost of a run grows with the number of neurons, replicates, cells and with 1/epsilon (all four, unless
# some are named). Writes bench/results/scaling-NAME.csv, a table in scaling-NAME.md and docs/performance/scaling-NAME.svg.
set -eu

usage() { sed -n '2,/^set/s/^# \{0,1\}//p' "$0"; }

build=build/release
instructions=auto
threads=$(nproc)
repeat=5
curves=
while [ $# -gt 0 ]; do
    case $1 in
    -h | --help) usage; exit 0 ;;
    --build | --instructions | --threads | --repeat)
        [ $# -ge 2 ] || { usage >&2; exit 2; }
        case $1 in
        --build) build=$2 ;;
        --instructions) instructions=$2 ;;
        --threads) threads=$2 ;;
        --repeat) repeat=$2 ;;
        esac
        shift 2
        ;;
    neurons | replicates | cells | horizon) curves="$curves $1"; shift ;;
    *) usage >&2; exit 2 ;;
    esac
done
cd "$(dirname "$0")/.."
program=$build/bench/timescape_throughput
[ -x "$program" ] || { echo "scaling: $program is not there: build it, or give --build DIR" >&2; exit 1; }
mkdir -p bench/results docs/performance

algorithms=dense,sorted
[ "$instructions" != portable ] || algorithms=dense

# curve NAME x-column y-expression 'x-axis' 'y-axis' 'title' [options of timescape_throughput]
curve() {
    name=$1 x=$2 y=$3 xname=$4 yname=$5 title=$6
    shift 6
    out=bench/results/scaling-$name
    echo "scaling: $name" >&2
    "$program" --instructions "$instructions" --threads "$threads" --repeat "$repeat" --csv "$out.csv.part" "$@" \
        >"$out.txt"
    mv "$out.csv.part" "$out.csv"
    gnuplot -e "csv='$out.csv'; svg='docs/performance/scaling-$name.svg'; title='$title'; xname='$xname'; \
        yname='$yname'; x='$x'; y='$y'; law='in proportion'" bench/scaling.gnuplot
    {
        head -n 3 "$out.txt" | sed 's/^/    /' # processor, build, clock
        printf '\n%s, %s repeats; exponent: d log(%s) / d log(%s) from the row above\n\n' "$title" "$repeat" \
            "$yname" "$xname"
        awk -F, "NR > 1 { printf \"%s,%s,%.6g,%.6g,%.3g,%.3g\\n\", \$2, \$3, $x, $y, \$13, \$14 }" "$out.csv" |
            sort -t, -k2,2 -k3,3g |
            awk -F, -v xname="$xname" -v yname="$yname" '
                BEGIN {
                    printf "| instructions | algorithm | %s | %s | exponent | spread of the repeats | busy |\n", xname, yname
                    print "|---|---|---|---|---|---|---|"
                }
                {
                    slope = $2 == before ? sprintf("%.2f", log($4 / y) / log($3 / x)) : ""
                    printf "| %s | %s | %.4g | %.3g | %s | %.0f %% | %.1f %% |\n", $1, $2, $3, $4, slope, 100 * $5, 100 * $6
                    before = $2; x = $3; y = $4
                }'
    } >"$out.md"
    rm "$out.txt"
    echo "$out.md docs/performance/scaling-$name.svg" >&2
}

powers() { awk -v n="$1" -v to="$2" 'BEGIN { for (; n < to; n *= 2) printf "%d,", n; print n }'; } # of two

# shellcheck disable=SC2016 # dollars are columns, for gnuplot and awk
for one in ${curves:-neurons replicates cells horizon}; do
    case $one in
    neurons)
        curve neurons '$5' '1e9 * $4 / $15' 'neurons m' 'time of a step on one thread (ns)' \
            "One step of one training, $threads threads" --algorithm "$algorithms,auto" --neurons "$(powers 4 4096)"
        ;;
    replicates)
        curve replicates '$9' '$11' 'replicates of one cell' 'time (s)' \
            "One cell, m = 20, 20000 steps, $threads threads" --replicates "$(powers 1 4096)" --steps 20000
        ;;
    cells)
        curve cells '$8' '$11' 'cells' 'time (s)' \
            "Cells of 16 trainings, m = 20, 10000 steps, $threads threads" --replicates 16 --cells "$(powers 1 1024)" \
            --steps 10000
        ;;
    horizon)
        curve horizon '1 / $7' '$11' '1 / epsilon' 'time (s)' \
            "64 trainings to slow time 0.3, m = 20, h = 1e-3, $threads threads" --replicates 64 --h 1e-3 \
            --slow-time 0.3 --epsilon 1,0.5,0.2,0.1,0.05,0.02,0.01,5e-3,2e-3,1e-3,5e-4,2e-4,1e-4
        ;;
    esac
done
