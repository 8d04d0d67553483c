#!/bin/sh
# Usage: bench.sh [--quick] [--neurons M...] [--threads N...] [--repeats N]
# Compares the speed of timescape on this machine's processor with NumPy, Numba and JAX (bench/peers) and writes the
# table to bench/results/. Installs what is missing for that (see setup.sh), and the Python packages of
# bench/peers/requirements.txt into its own build folder. Takes about ten minutes; --quick two, for a first look.
set -eu

usage() { sed -n '2,5s/^# //p' "$0"; }

for argument in "$@"; do # their values are judged by bench/peers
    case $argument in
    -h | --help) usage; exit 0 ;;
    --quick | --neurons | --threads | --repeats | [0-9]*) ;;
    *) usage >&2; exit 2 ;;
    esac
done

doing=starting
trap '[ $? -eq 0 ] || echo "bench: failed while $doing" >&2' EXIT
step() {
    doing=$1
    echo "bench: $doing" >&2
}

root=$(cd "$(dirname "$0")/.." && pwd)
build=$root/build/bench
python=$build/python
requirements=$root/bench/peers/requirements.txt

step 'looking for what is needed'
sh "$root/tools/setup.sh" run bench

step "building in $build"
cmake -S "$root" --preset release -B "$build" -D TIMESCAPE_TESTS=OFF -D TIMESCAPE_BENCH=ON
cmake --build "$build" --parallel "$(nproc)"

if ! cmp -s "$requirements" "$python/requirements.txt"; then
    step 'installing the Python packages of the peers'
    python3 -m venv --clear "$python"
    "$python/bin/pip" install --quiet --disable-pip-version-check --requirement "$requirements"
    cp "$requirements" "$python/requirements.txt" # the mark that all of them are there
fi

step 'comparing'
PYTHONPATH=$root/bench PYTHONDONTWRITEBYTECODE=1 "$python/bin/python" -m peers \
    "--build=$build" "--results=$root/bench/results" "$@"
