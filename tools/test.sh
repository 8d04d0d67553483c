#!/bin/sh
# Usage: test.sh [--preset NAME] [--cuda]
# Builds timescape and runs all of its tests. Installs what is missing for that (see setup.sh). NAME is a preset of
# CMakePresets.json: release (default; with CUDA where nvcc is found), debug, sanitize, or one of them with -cuda.
# --cuda: where there is no nvcc, take one from the Python package index.
set -eu

usage() { sed -n '2,/^set/s/^# \{0,1\}//p' "$0"; }

preset=release
cuda=
while [ $# -gt 0 ]; do
    case $1 in
    -h | --help) usage; exit 0 ;;
    --cuda) cuda=cuda; shift ;;
    --preset) [ $# -ge 2 ] || { usage >&2; exit 2; }; preset=$2; shift 2 ;;
    *) usage >&2; exit 2 ;;
    esac
done

doing=starting
trap '[ $? -eq 0 ] || echo "test: failed while $doing" >&2' EXIT
step() {
    doing=$1
    echo "test: $doing" >&2
}

cd "$(dirname "$0")/.."
step 'looking for what is needed'
# shellcheck disable=SC2086 # nothing, or one word
sh tools/setup.sh run tests $cuda

step "building preset $preset"
cmake --preset "$preset" -D TIMESCAPE_TESTS=ON -D TIMESCAPE_WERROR=ON
cmake --build --preset "$preset" --parallel "$(nproc)"

step "running the tests of preset $preset"
ctest --preset "$preset" --parallel "$(nproc)" --no-label-summary --output-junit tests.xml
