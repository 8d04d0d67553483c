#!/bin/sh
# Usage: gpu-check.sh [--build FOLDER] [--output FOLDER] [--random123 FOLDER] [--configurations N] [--quick]
# Checks this machine's GPUs: the backend cuda gives the bits of the backend cpu, under the memory, race and initialisation
# checkers of CUDA, too, where compute-sanitizer is there; and how fast it is. Builds what it needs (a C compiler, CMake, nvcc
# and Random123, whose headers may lie in FOLDER; no netCDF, YAML, gnuplot or CMocka) unless the build FOLDER already has it, and
# writes a report, by default to bench/results.
set -u

usage() { sed -n '2,7s/^# //p' "$0"; }

cd "$(dirname "$0")/.." || exit 1
build=build/gpu-check
output=bench/results
random123=
configurations=400
while [ $# -gt 0 ]; do
    case $1 in
    -h | --help) usage; exit 0 ;;
    --quick) configurations=60; shift ;;
    --build | --output | --random123 | --configurations)
        [ $# -ge 2 ] || { usage >&2; exit 2; }
        case $1 in
        --build) build=$2 ;;
        --output) output=$2 ;;
        --random123) random123=$2 ;;
        *) configurations=$2 ;;
        esac
        shift 2
        ;;
    *) usage >&2; exit 2 ;;
    esac
done

say() { printf 'gpu-check: %s\n' "$*" >&2; }

if ! [ -x "$build/timescape_parity" ]; then
    say "building in $build"
    if ! { cmake -S . -B "$build" -D TIMESCAPE_CUDA=ON -D TIMESCAPE_CLI=OFF -D CMAKE_BUILD_TYPE=Release \
        ${random123:+-D "RANDOM123_INCLUDE_DIR=$random123"} &&
        cmake --build "$build" --parallel "$(nproc)"; } >&2; then
        say 'the build failed'
        exit 1
    fi
fi
parity=$build/timescape_parity
faults=$build/timescape_faults
throughput=$build/bench/timescape_throughput

gpu=$(nvidia-smi --query-gpu=name,driver_version --format=csv,noheader 2>/dev/null | sort -u | paste -s -d ';' -)
commit=$(git describe --always --dirty --exclude='*' 2>/dev/null || echo unknown)
name=$(printf '%s' "${gpu:-no-gpu}" | sed 's/,.*//' | tr 'A-Z ' 'a-z-' | tr -cd 'a-z0-9-')
mkdir -p "$output" || exit 1
report=$output/$(date +%F)-$name-parity.md
failed=0

# check 'what' command...: its last lines into the report, and whether it passed
check() {
    what=$1
    shift
    say "$what"
    if "$@" >"$report.log" 2>&1; then verdict=passed; else verdict=FAILED; failed=1; fi
    {
        printf '\n## %s: %s\n\n' "$what" "$verdict"
        # shellcheck disable=SC2016 # back quotes of Markdown
        printf '`%s`\n\n```\n' "$*"
        tail -n 24 "$report.log"
        printf '```\n'
    } >>"$report"
    say "$what: $verdict"
}

{
    printf '# The same bits on a GPU and on the CPU\n\n'
    printf -- '- GPU: %s\n- commit: %s\n- CUDA: %s\n' "${gpu:-none}" "$commit" \
        "$(nvcc --version 2>/dev/null | sed -n 's/.*release \([0-9.]*\).*/\1/p')"
} >"$report"

check 'parity' "$parity" --configurations "$configurations"
check 'parity, other seeds' "$parity" --configurations "$configurations" --seed 2
check 'a run compared training by training' "$faults"
if command -v compute-sanitizer >/dev/null 2>&1; then
    for tool in memcheck racecheck initcheck; do
        check "compute-sanitizer $tool" compute-sanitizer --tool $tool --error-exitcode 9 "$parity" --small \
            --configurations 60
    done
else
    printf '\ncompute-sanitizer is not there: its checks were not run.\n' >>"$report"
fi
if [ -x "$throughput" ]; then
    check 'throughput' "$throughput" --backend cuda --neurons 8,20,32,64,128,256,1024,4096 --repeat 3
    check 'throughput by lanes of a training' "$throughput" --backend cuda --neurons 64,128,256 --lane-group 0,4,8,16 --repeat 3
fi
rm -f "$report.log"
say "report: $report"
if [ $failed -ne 0 ]; then
    say 'something FAILED'
    exit 1
fi
say 'all passed'
