#!/bin/sh
# Usage: instruction-count.sh [--build DIR] [--instructions LIST] [--algorithms LIST] [--neurons LIST] [--eta ETA]
# Counts the instructions of a training step under valgrind's callgrind, for machines whose counters cannot be read. Each
# count is the difference of two runs that differ in their number of steps only, so starts and losses cancel. Prints a
# table, which timescape_throughput --counts reads. Valgrind has no AVX-512. LIST: values with commas between.
set -eu

usage() { sed -n '2,/^set/s/^# \{0,1\}//p' "$0"; }

build=build/release
instructions=avx2,baseline,portable
algorithms=dense,sorted
neurons=20,40,80,200,1000
eta=4e-3
while [ $# -gt 0 ]; do
    case $1 in
    -h | --help) usage; exit 0 ;;
    --build | --instructions | --algorithms | --neurons | --eta)
        [ $# -ge 2 ] || { usage >&2; exit 2; }
        case $1 in
        --build) build=$2 ;;
        --instructions) instructions=$2 ;;
        --algorithms) algorithms=$2 ;;
        --neurons) neurons=$2 ;;
        --eta) eta=$2 ;;
        esac
        shift 2
        ;;
    *) usage >&2; exit 2 ;;
    esac
done
program=$build/bench/timescape_throughput
[ -x "$program" ] || { echo "instruction-count: $program is not there: build it, or give --build DIR" >&2; exit 1; }
command -v valgrind >/dev/null || { echo 'instruction-count: please install valgrind' >&2; exit 1; }

# Whole batches of the widest vectors, so that no lane is empty.
replicates=64
steps=2000

# Instructions of the whole program with trainings of $1 steps; set, algorithm and m as below.
count() {
    if ! said=$(valgrind --tool=callgrind --callgrind-out-file=/dev/null "$program" --instructions "$set" \
        --algorithm "$algorithm" --neurons "$m" --eta "$eta" --threads 1 --replicates "$replicates" --steps "$1" \
        --repeat 1 2>&1 >/dev/null); then
        printf '%s\n' "$said" | grep -v '^==' >&2
        return 1
    fi
    printf '%s\n' "$said" | sed -n 's/.*Collected : //p'
}

printf '# eta %s, %s replicates, steps %s to %s; columns:\n' "$eta" "$replicates" "$steps" $((2 * steps))
echo '# instructions algorithm m eta, instructions of a training step, of a neuron step, of each further neuron'
for set in $(echo "$instructions" | tr , ' '); do
    for algorithm in $(echo "$algorithms" | tr , ' '); do
        if [ "$set" = portable ] && [ "$algorithm" = sorted ]; then continue; fi
        before=
        for m in $(echo "$neurons" | tr , ' '); do
            few=$(count "$steps")
            many=$(count $((2 * steps)))
            now=$(awk -v n=$((many - few)) -v all=$((replicates * steps)) 'BEGIN { printf "%.2f", n / all }')
            awk -v set="$set" -v algorithm="$algorithm" -v m="$m" -v eta="$eta" -v now="$now" -v before="$before" '
                BEGIN {
                    split(before, b)
                    slope = before == "" ? "-" : sprintf("%.3f", (now - b[2]) / (m - b[1]))
                    printf "%-10s %-8s %5d %8g %12s %9.3f %9s\n", set, algorithm, m, eta, now, now / m, slope
                }'
            before="$m $now"
        done
    done
done
