#!/bin/sh
# Usage: bench.sh [--quick] [--neurons M...] [--threads N...] [--repeats N]
#        bench.sh --gpu [--quick] [--continue] [--neurons M...] [--repeats N] [--device N] [--build FOLDER]
#                 [--results FOLDER] [--python PYTHON] [--random123 FOLDER] [--dry-run]
# Compares the speed of timescape with NumPy, Numba and JAX on this machine's processor, or with --gpu with CuPy, Numba
# and JAX on its GPU (bench/peers), and writes the table to bench/results/.
#
# On the processor it installs what is missing (see setup.sh), and the Python packages of bench/peers/requirements.txt
# into its own build folder. Takes about ten minutes; --quick two, for a first look.
#
# On a GPU it installs nothing: PYTHON (default python3) brings NumPy, SciPy, PyYAML and the peers, and a peer that is
# missing is reported as missing. FOLDER of --build is one in which timescape is built already, or will be (default
# build/bench-gpu), with the headers of Random123 from the folder of --random123 where they are not installed. Takes
# about a quarter of an hour; --continue goes on with what an earlier run of the same day has left, --quick writes to the
# build folder unless --results names another. --dry-run checks what can be checked without a GPU; it leaves a made-up
# report where --quick would.
set -eu

usage() { sed -n '2,/^set/s/^# \{0,1\}//p' "$0"; }

say() { echo "bench: $*" >&2; }

root=$(cd "$(dirname "$0")/.." && pwd)
gpu=false
dry_run=false
quick=false
build=
python=python3
random123=
results=
left=$#
while [ "$left" -gt 0 ]; do # takes out what is for this script; the values of the rest are judged by bench/peers
    case $1 in
    -h | --help) usage; exit 0 ;;
    --build | --results | --python | --random123)
        [ "$left" -ge 2 ] || { usage >&2; exit 2; }
        case $1 in
        --build) build=$2 ;;
        --results) results=$2 ;;
        --python) python=$2 ;;
        *) random123=$2 ;;
        esac
        shift 2
        left=$((left - 2))
        continue
        ;;
    --gpu) gpu=true ;;
    --dry-run) dry_run=true ;;
    --quick) quick=true ;;
    --continue | --neurons | --threads | --repeats | --device | [0-9]*) ;;
    *) usage >&2; exit 2 ;;
    esac
    set -- "$@" "$1"
    shift
    left=$((left - 1))
done
if ! $gpu && [ -n "$build$random123" ]; then usage >&2; exit 2; fi

doing=starting
trap '[ $? -eq 0 ] || say "failed while $doing"' EXIT
step() {
    doing=$1
    say "$doing"
}

# Build timescape_throughput in $build with these arguments of CMake.
build_it() {
    step "building in $build"
    cmake -S "$root" -B "$build" -D CMAKE_BUILD_TYPE=Release -D TIMESCAPE_CLI=OFF -D TIMESCAPE_TESTS=OFF \
        -D TIMESCAPE_BENCH=ON "$@"
    cmake --build "$build" --parallel "$(nproc)"
}

end() { # status, sentence
    trap - EXIT
    say "$2"
    exit "$1"
}

if $gpu; then
    case $random123 in '' | /*) ;; *) random123=$PWD/$random123 ;; esac
    prebuilt=false
    if [ -n "$build" ] && [ -x "$build/bench/timescape_throughput" ]; then prebuilt=true; fi
    if ! $dry_run && ! $prebuilt && ! nvidia-smi -L >/dev/null 2>&1; then
        end 1 'this machine has no GPU that works: nvidia-smi finds none (--dry-run checks what can be checked without)'
    fi
    needed='numpy scipy yaml'
    if $dry_run; then needed=numpy; fi
    for module in $needed; do
        "$python" -P -c "import $module" 2>/dev/null || end 1 "$python cannot import $module; --python names another Python"
    done
    cuda='-D TIMESCAPE_CUDA=ON -D CMAKE_CUDA_ARCHITECTURES=native'
    if $dry_run; then cuda='-D TIMESCAPE_CUDA=OFF'; fi
    if ! $prebuilt; then
        if $dry_run; then build=${build:-$root/build/bench-gpu-dry-run}; fi
        build=${build:-$root/build/bench-gpu}
        # shellcheck disable=SC2086 # $cuda is a list
        build_it $cuda ${random123:+-D "RANDOM123_INCLUDE_DIR=$random123"} >&2
    fi
else
    build=$root/build/bench
    python=$build/python/bin/python
    requirements=$root/bench/peers/requirements.txt

    step 'looking for what is needed'
    sh "$root/tools/setup.sh" run bench
    build_it

    if ! cmp -s "$requirements" "$build/python/requirements.txt"; then
        step 'installing the Python packages of the peers'
        python3 -m venv --clear "$build/python"
        "$python" -m pip install --quiet --disable-pip-version-check --requirement "$requirements"
        cp "$requirements" "$build/python/requirements.txt" # the mark that all of them are there
    fi
fi

default=$root/bench/results
if $quick || $dry_run; then default=$build; fi
step 'comparing'
trap - EXIT # what comes now says itself why it failed
export PYTHONPATH="$root/bench${PYTHONPATH:+:$PYTHONPATH}" PYTHONDONTWRITEBYTECODE=1
exec "$python" -P -m peers "--build=$build" "--results=${results:-$default}" "$@" # -P: nothing from the current folder
