#!/bin/sh
# Usage: emulated-count.sh [--build DIR] [--cases 'M,ETA,LANES ...']
# What a training step costs on the device, divergence included: instructions of PTX that a warp issues for a step of all
# its trainings, and lanes that are active in them, counted by the emulator of the build DIR (default build/emulated;
# see .ci/run). Each count is the difference of two runs that differ in their number of steps only. A case is M,ETA,LANES or
# M,ETA,LANES,DIMENSION. LANES: that share a training; 1, 4, 8, 16 or 32. ETA = 0: rectified linear units.
set -eu

usage() { sed -n '2,/^set/s/^# \{0,1\}//p' "$0"; }

build=build/emulated
cases='8,4e-3,1 20,4e-3,1 32,4e-3,1 64,4e-3,1 20,1e-5,1 64,1e-5,1 20,4e-2,1 64,4e-3,4 113,4e-3,4 128,4e-3,4 256,4e-3,4
512,4e-3,8 1024,4e-3,16 4096,4e-3,32 113,1e-5,4 128,1e-5,4 256,1e-5,4 512,1e-5,8 1024,1e-5,16 4096,1e-5,32 256,4e-2,4
20,0,4 64,0,8 20,4e-3,4,2 20,4e-3,8,10'
while [ $# -gt 0 ]; do
    case $1 in
    -h | --help) usage; exit 0 ;;
    --build | --cases)
        [ $# -ge 2 ] || { usage >&2; exit 2; }
        case $1 in --build) build=$2 ;; --cases) cases=$2 ;; esac
        shift 2
        ;;
    *) usage >&2; exit 2 ;;
    esac
done
program=$build/timescape_steps
emulator=$build/emulator
if ! [ -x "$program" ] || ! [ -e "$emulator/libcudart.so.13" ]; then
    echo "emulated-count: $build is no build with the emulator (-D TIMESCAPE_EMULATOR=ON)" >&2
    exit 1
fi
counts=$(mktemp)
trap 'rm -f "$counts"' EXIT

# Instructions and active lanes of the advance kernel; m, eta, lanes, steps, dimension
count() {
    LD_LIBRARY_PATH=$emulator SOFTGPU_CC=90 SOFTGPU_STATS=$counts "$program" "$@"
    python3 -c '
import json, sys
kernel = next(k for k in json.load(open(sys.argv[1]))["kernels"] if "advance" in k["name"])
print(kernel["warp_instructions"], kernel["lane_instructions"])' "$counts"
}

echo '| m | eta | dimension | lanes | trainings of a warp | PTX instructions of a warp for a step | active lanes | for a step of one training |'
echo '|---|---|---|---|---|---|---|---|'
for case in $cases; do
    m=$(echo "$case" | cut -d, -f1)
    eta=$(echo "$case" | cut -d, -f2)
    lanes=$(echo "$case" | cut -d, -f3)
    dimension=$(echo "$case,1" | cut -d, -f4)
    steps=600
    few=$(count "$m" "$eta" "$lanes" $steps "$dimension")
    many=$(count "$m" "$eta" "$lanes" $((2 * steps)) "$dimension")
    echo "$few $many" | awk -v m="$m" -v eta="$eta" -v lanes="$lanes" -v dimension="$dimension" -v steps=$steps '{
        warp = ($3 - $1) / steps
        printf "| %d | %s | %d | %d | %d | %.0f | %.1f | %.1f |\n", m, eta, dimension, lanes, 32 / lanes, warp, ($4 - $2) / ($3 - $1),
               warp * lanes / 32
    }'
done
