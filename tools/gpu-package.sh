#!/bin/sh
# Makes a folder that checks the backend cuda on a machine with nothing but a driver: see usage below.
set -eu

usage() {
    cat <<'TEXT'
Usage: gpu-package.sh [--output FOLDER] [--emulator] [--architectures LIST] [--random123 FOLDER]
Builds what tools/gpu-check.sh runs into FOLDER (default: build/gpu-package), to be copied to a machine with a GPU, where
gpu-check.sh in that folder needs no compiler, no CUDA toolkit and no package: Linux on x86-64 with the C library 2.34 or a
later one (Ubuntu 22.04, Debian 12), and a driver for CUDA 13. Needs what a build with CUDA needs: see README.

--emulator             with tests/emulator and programs for it: the package then has `gpu-check.sh --dry-run`, too (on a
                       processor with AVX2)
--architectures LIST   of the machine code, as CMake writes them (default: 90-real;90-virtual, which is that of the H100
                       and H200, and PTX for later ones)
--random123 FOLDER     its headers, where they are not installed
TEXT
}

say() { echo "gpu-package: $*" >&2; }

root=$(cd "$(dirname "$0")/.." && pwd)
output=$root/build/gpu-package
emulator=false
architectures='90-real;90-virtual'
random123=
while [ $# -gt 0 ]; do
    case $1 in
    -h | --help) usage; exit 0 ;;
    --emulator) emulator=true; shift ;;
    --output | --architectures | --random123)
        [ $# -ge 2 ] || { say "$1: a value is missing"; exit 2; }
        case $1 in
        --output) output=$2 ;;
        --architectures) architectures=$2 ;;
        *) random123=$2 ;;
        esac
        shift 2
        ;;
    *) say "found '$1'; --help says what is allowed"; exit 2 ;;
    esac
done
case $random123 in '' | /*) ;; *) random123=$PWD/$random123 ;; esac
mkdir -p "$output"
output=$(cd "$output" && pwd)

programs='timescape_parity timescape_faults timescape_golden bench/timescape_info bench/timescape_launches bench/timescape_phase
bench/timescape_schedule bench/timescape_throughput'

# Build the programs in the folder $1 with these arguments of CMake, and put them, without their symbols, into $2.
build_into() {
    build=$1
    into=$2
    shift 2
    say "building in $build"
    # Linked into the programs: the runtime of OpenMP. Only the C library is left to the machine.
    cmake -S "$root" -B "$build" -D TIMESCAPE_CUDA=ON -D TIMESCAPE_CLI=OFF -D CMAKE_BUILD_TYPE=Release \
        -D CMAKE_SKIP_RPATH=ON -D "OpenMP_gomp_LIBRARY=$(cc -print-file-name=libgomp.a)" \
        -D CMAKE_EXE_LINKER_FLAGS='-static-libgcc -static-libstdc++' \
        ${random123:+-D "RANDOM123_INCLUDE_DIR=$random123"} "$@" >&2
    # shellcheck disable=SC2046 # names
    cmake --build "$build" --parallel "$(nproc)" --target $(for path in $programs; do basename "$path"; done) >&2
    rm -rf "$into"
    mkdir -p "$into/bench"
    for path in $programs; do strip -o "$into/$path" "$build/$path"; done
}

# Does the program need anything but the C library, or a later one than 2.34?
check_needs() {
    needed=$(objdump -p "$1" | sed -n 's/^ *NEEDED *//p' | grep -vE "^(lib(c|m|dl|rt|pthread)\.so\.[0-9]+|ld-linux-x86-64\.so\.2$2)\$" || true)
    latest=$(objdump -T "$1" | sed -n 's/.*GLIBC_\([0-9.]*\)[) ].*/\1/p' | sort -uV | tail -n 1)
    if [ -n "$needed" ] || [ "$(printf '%s\n2.34\n' "$latest" | sort -V | tail -n 1)" != 2.34 ]; then
        say "$1 needs $needed, and version $latest of the C library"
        exit 1
    fi
}

build_into "$root/build/gpu-package-programs" "$output/programs" -D TIMESCAPE_CUDART=static \
    -D "CMAKE_CUDA_ARCHITECTURES=$architectures"
for path in $programs; do check_needs "$output/programs/$path" ''; done

rm -rf "$output/emulated" "$output/tests"
mkdir -p "$output/tests"
cp -r "$root/tests/golden" "$output/tests/"
if $emulator; then
    build_into "$root/build/gpu-package-emulated" "$output/emulated/programs" -D TIMESCAPE_EMULATOR=ON \
        -D 'TIMESCAPE_EMULATOR_FLAGS=-O3 -march=x86-64-v3'
    cmake --build "$root/build/gpu-package-emulated" --parallel "$(nproc)" --target timescape_emulator >&2
    cmake --build "$root/build/gpu-package-emulated" --target fake_nvml >&2 || say 'without a stand-in for NVML'
    for path in $programs; do check_needs "$output/emulated/programs/$path" '|libcudart\.so\.13'; done
    mkdir -p "$output/emulated/lib" "$output/tests/tools"
    cp "$root/build/gpu-package-emulated/emulator/libcudart.so.13" "$output/emulated/lib/"
    cp "$root/build/gpu-package-emulated/tests/fake_nvml/libnvidia-ml.so.1" "$output/emulated/lib/" || true
    for library in libstdc++.so.6 libgcc_s.so.1; do # of the emulator
        cp -L "$(cc -print-file-name=$library)" "$output/emulated/lib/"
    done
    cp -r "$root/tests/tools/fakes" "$output/tests/tools/"
fi

say 'instruction counts'
if ! sh "$root/tools/sass-report.sh" --counts --neurons 8,20,32,64,96,128,256,512,1024,2048,4096 >"$output/counts.txt"; then
    say 'without them: there will be no bound'
    rm -f "$output/counts.txt"
fi

rm -rf "$output/tools" "$output/bench/peers"
mkdir -p "$output/tools" "$output/bench" "$output/configs" "$output/docs"
cp -r "$root/tools/gpu-check.sh" "$root/tools/gpu-check" "$root/tools/bench.sh" "$output/tools/"
cp -r "$root/bench/peers" "$output/bench/"
rm -rf "$output/bench/peers/__pycache__"
cp "$root/configs/phase.yaml" "$output/configs/"
cp "$root/docs/gpu-evidence.md" "$output/docs/"
cat >"$output/gpu-check.sh" <<'TEXT'
#!/bin/sh
exec sh "$(dirname "$0")/tools/gpu-check.sh" "$@"
TEXT
chmod +x "$output/gpu-check.sh"

size=$(du -sm "$output" | cut -f 1)
if [ "$size" -ge 60 ]; then
    say "$output has $size MiB, it is to have less than 60"
    exit 1
fi
say "$output: $size MiB, commit $(git -C "$root" describe --always --dirty --exclude='*' 2>/dev/null || echo unknown)"
