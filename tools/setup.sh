#!/bin/sh
# Usage: setup.sh [run] [tests] [checks] [bench] [mpi] [slurm] [cuda]
# Installs what is missing to build and run timescape (run), to test it (tests), for the further checks of continuous
# integration (checks), to compare its speed with that of others (bench), for several machines (mpi), to test the scripts
# for Slurm (slurm), and to compile for GPUs (cuda: nvcc from the Python package index, into build/nvcc, where there is
# none). On a Debian system it uses apt-get, as root or through sudo; elsewhere it names what is missing and stops. Needs no
# network where everything is there.
set -eu

say() { printf 'setup: %s\n' "$*" >&2; }

# Each function succeeds when its piece is there and works.
have() { command -v "$1" >/dev/null 2>&1; }
have_module() { have pkg-config && pkg-config --exists "$1"; }
compiles() { # header, compiler with its flags
    header=$1
    shift
    printf '#include <%s>\nint main(void) { return 0; }\n' "$header" | "$@" -x c - -o /dev/null 2>/dev/null
}
have_cmake() {
    have cmake || return 1
    found=$(cmake --version | sed -n 's/^cmake version \([0-9]*\)\.\([0-9]*\).*/\1 \2/p')
    [ "${found% *}" -gt 3 ] || { [ "${found% *}" -eq 3 ] && [ "${found#* }" -ge 25 ]; }
}
have_nvcc() { have nvcc || [ -x /usr/local/cuda/bin/nvcc ] || [ -x "$nvcc_folder/cuda/bin/nvcc" ]; }
have_host_of_nvcc() { have g++ && have_venv; }
have_mpi() { have mpicc && have mpirun; }
have_slurm() { PATH=$PATH:/usr/sbin have slurmctld && PATH=$PATH:/usr/sbin have slurmd && PATH=$PATH:/usr/sbin have munged; }
have_venv() { python3 -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }
have_xarray() { # the first python3 on the path, or Debian's: tests/CMakeLists.txt looks for it the same way
    for python in python3 /usr/bin/python3; do $python -c 'import xarray, netCDF4' 2>/dev/null && return; done
    return 1
}

nvcc_folder=$(dirname "$0")/../build/nvcc
# The packages lack what a toolkit has: the name without a version that a linker, and CMake, look for.
install_nvcc() {
    say "installing nvcc into build/nvcc (some 200 MB)"
    python3 -m venv --clear "$nvcc_folder"
    "$nvcc_folder/bin/pip" install --quiet --disable-pip-version-check --requirement "$(dirname "$0")/nvcc.txt"
    toolkit=$(cd "$nvcc_folder"/lib/python3*/site-packages/nvidia/cu13 && pwd)
    ln -sf libcudart.so.13 "$toolkit/lib/libcudart.so"
    ln -sfn "$toolkit" "$nvcc_folder/cuda"
}

# need 'Debian packages' 'name for other systems' check...
need() {
    packages=$1
    name=$2
    shift 2
    if ! "$@"; then
        missing_packages="$missing_packages $packages"
        missing_names="${missing_names:+$missing_names, }$name"
    fi
}

look() {
    missing_packages=
    missing_names=
    for part in $parts; do
        case $part in
        run)
            need 'gcc libc6-dev' 'a C compiler with OpenMP' compiles omp.h "${CC:-cc}" -fopenmp
            need cmake 'CMake 3.25 or newer' have_cmake
            need make make have make
            need pkg-config pkg-config have pkg-config
            need librandom123-dev Random123 compiles Random123/philox.h "${CC:-cc}"
            need libyaml-dev libyaml have_module yaml-0.1
            need libnetcdf-dev netCDF-C have_module netcdf
            need libsqlite3-dev SQLite have_module sqlite3
            need zlib1g-dev zlib have_module zlib
            need gnuplot-nox gnuplot have gnuplot
            ;;
        tests)
            need libcmocka-dev CMocka have_module cmocka
            need 'python3-xarray python3-netcdf4' 'xarray and netCDF4 for Python' have_xarray
            ;;
        checks)
            need 'clang libomp-dev' 'clang with OpenMP' compiles omp.h clang -fopenmp
            need clang-format clang-format have clang-format
            need clang-tidy clang-tidy have clang-tidy
            need shellcheck shellcheck have shellcheck
            need doxygen Doxygen have doxygen
            ;;
        bench)
            need 'python3 python3-venv' 'Python 3.11 or newer with venv' have_venv
            ;;
        mpi)
            need 'libopenmpi-dev openmpi-bin' 'MPI (Open MPI or MPICH)' have_mpi
            ;;
        slurm)
            need 'slurm-wlm munge' 'Slurm and munge' have_slurm
            ;;
        cuda)
            have_nvcc || need 'g++ python3 python3-venv' 'a C++ compiler, and Python 3.11 or newer with venv' have_host_of_nvcc
            ;;
        esac
    done
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# Output of apt-get is of interest only when it fails.
apt() {
    if ! as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 "$@" >"$log" 2>&1; then
        cat "$log" >&2
        say "failed: apt-get $*"
        exit 1
    fi
}

parts=
for argument in "${@:-run}"; do
    case $argument in
    run | tests | checks | bench | mpi | slurm | cuda) parts="$parts $argument" ;;
    *)
        sed -n '2,/^set/s/^# \{0,1\}//p' "$0"
        case $argument in -h | --help) exit 0 ;; *) exit 2 ;; esac
        ;;
    esac
done

look_for_nvcc() {
    case $parts in *cuda*) have_nvcc || install_nvcc ;; esac
}

look
if [ -z "$missing_packages" ]; then
    look_for_nvcc
    exit 0
fi
if ! have apt-get; then
    say "missing: $missing_names. This is no Debian system: please install these, then start again."
    exit 1
fi
if [ "$(id -u)" -ne 0 ] && ! have sudo; then
    say "missing packages:$missing_packages. There is no sudo: please install these as root, then start again."
    exit 1
fi
say "installing$missing_packages (some minutes on a bare system)"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt update
# shellcheck disable=SC2086 # a list of words
apt install -y --no-install-recommends $missing_packages

look
if [ -n "$missing_packages" ]; then
    say "installed, and still missing or not working: $missing_names"
    exit 1
fi
look_for_nvcc
