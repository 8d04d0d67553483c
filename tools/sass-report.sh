#!/bin/sh
# Usage: sass-report.sh [--architecture CC] [--neurons LIST] [--eta ETA] [--counts]
#        sass-report.sh --cycles | --blocks NEURONS | --check | --update [--build DIR] [--policy greedy | turns]
# Counts the machine instructions of the advance kernels, without a GPU: compiles them, disassembles them (nvdisasm; taken
# from the Python package index into build/sass where there is none), and prints what each part of a step takes, by pipe,
# what a step and a neuron step come to, and the bound for some GPUs. --counts: lines for timescape_throughput --counts.
# --cycles runs the machine code on launches that the emulator of the build DIR (default build/emulated; see .ci/run) saved, and
# prints how long steps take in the issue model of tools/sass_issue.py, where a scheduler prefers the warp that it served last
# (greedy) or takes turns; --blocks prints where the cycles of a network go. --check fails when a part has grown by more than
# 5 per cent over docs/performance/sass.txt, or a kernel takes 5 per cent longer than in cycles.txt there; --update writes
# both, and the rates of the issue model in bench/issue_rates.inc.
set -eu

usage() { sed -n '2,/^set/s/^# \{0,1\}//p' "$0"; }

architecture=90
for argument in "$@"; do # their values are judged by sass_report.py
    case $argument in
    -h | --help) usage; exit 0 ;;
    esac
done
if [ "${1:-}" = --architecture ]; then
    [ $# -ge 2 ] || { usage >&2; exit 2; }
    architecture=$2
    shift 2
fi

root=$(cd "$(dirname "$0")/.." && pwd)
work=$root/build/sass
mkdir -p "$work"
nvcc=
for candidate in nvcc /usr/local/cuda/bin/nvcc "$root/build/nvcc/cuda/bin/nvcc"; do
    if command -v "$candidate" >/dev/null 2>&1; then nvcc=$candidate; break; fi
done
[ -n "$nvcc" ] || { echo 'sass-report: there is no nvcc (sh tools/setup.sh cuda installs one)' >&2; exit 1; }

disassembler=$(command -v nvdisasm || true)
if [ -z "$disassembler" ]; then
    disassembler=$(find "$work/python" -name nvdisasm -type f 2>/dev/null | head -n 1)
fi
if [ -z "$disassembler" ]; then
    sh "$root/tools/setup.sh" bench
    python3 -m venv --clear "$work/python"
    "$work/python/bin/pip" install --quiet --disable-pip-version-check nvidia-cuda-nvdisasm
    disassembler=$(find "$work/python" -name nvdisasm -type f | head -n 1)
fi

for kernel in ranked dealt blocked plain; do
    "$nvcc" -cubin -lineinfo "-arch=sm_$architecture" --fmad=false -std=c++17 "-I$root" "-I$root/include" \
        "-I$root/src" -o "$work/$kernel.cubin" "$root/kernels/advance_$kernel.cu"
    "$disassembler" -hex --print-line-info-inline -c "$work/$kernel.cubin" >"$work/$kernel.sass"
done
exec python3 "$root/tools/sass_report.py" --sass "$work" --architecture "$architecture" \
    --baseline "$root/docs/performance/sass.txt" --cycles-baseline "$root/docs/performance/cycles.txt" \
    --rates "$root/bench/issue_rates.inc" "$@"
