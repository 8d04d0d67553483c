#!/bin/sh
# Checks the backend cuda on this machine's GPU, in stages: see usage below, and docs/gpu-evidence.md.
set -u

usage() {
    cat <<'TEXT'
Usage: gpu-check.sh [--minutes N] [--output FOLDER] [--stages LIST] [--again] [--build FOLDER] [--python PYTHON]
                    [--random123 FOLDER] [--dry-run [--emulator FOLDER]]
Shows on this machine's GPU what an emulator cannot: that the backend cuda gives the bits of the backend cpu, how fast it
is and why, what other programs need, and how it behaves while it runs. In stages, most important first; each writes its
own report as soon as it is done, so that a machine that is taken away costs one stage.

--minutes N      so long at most (default: no limit); each stage has its share
--output FOLDER  for the reports (default: bench/results/DATE-DEVICE-check, in a package results/DATE-DEVICE-check). Stages
                 that have a report there are not repeated: call it again to go on
--stages LIST    these alone, with commas between
--again          repeat stages that have a report
--build FOLDER   where the programs are, or will be built with CMake and nvcc (default: those of the package, or
                 build/gpu-check)
--python PYTHON  that has the peers (default: python3)
--random123 F    headers of Random123, to build with where they are not installed
--dry-run        all of it without a GPU, on the emulator of CUDA (in FOLDER), tiny, with programs built for it, and with
                 stand-ins for ncu, nvidia-smi and compute-sanitizer: shows that the check works, and nothing else

Stages:
TEXT
    stages | while read -r name _ _ what; do printf '  %-11s %s\n' "$name" "$what"; done
    echo
    echo 'Exit status: 0 nothing failed, 1 a stage failed, 2 wrong usage, 130 interrupted.'
}

# name, seconds that it is to have, seconds that it needs at least, what it shows
stages() {
    cat <<'TEXT'
device 5 1 device, driver and clocks; what the program says of them; what tools there are
parity 70 25 the bits of the backend cpu: a quick set over every kernel, then as many as there is time for
throughput 55 15 steps per second and part of the bound, m = 8 to 4096
ncu 60 20 a launch of each kernel under ncu: issue slots, stalls, active warps, bank conflicts
shapes 40 10 lanes of a training near the sizes where the backend changes over
peers 85 40 CuPy, Numba and JAX on the same trainings, m = 20, 256 and 1024
sanitizer 40 15 memcheck and racecheck of compute-sanitizer on small sets
phase 65 20 configs/phase.yaml shortened, end to end: idle share of the GPU
stops 14 8 how long chunks take, and how soon an interrupted run ends
energy 22 10 joules per neuron step
TEXT
}

say() { printf 'gpu-check: %s\n' "$*" >&2; }

wrong() { # sentence
    say "$1"
    exit 2
}

root=$(cd "$(dirname "$0")/.." && pwd) || exit 1
minutes=
output=
chosen=
again=false
build=
python=python3
random123=
dry_run=false
emulator=
while [ $# -gt 0 ]; do
    case $1 in
    -h | --help) usage; exit 0 ;;
    --again) again=true; shift ;;
    --dry-run) dry_run=true; shift ;;
    --minutes | --output | --stages | --build | --python | --random123 | --emulator)
        [ $# -ge 2 ] || wrong "$1: a value is missing"
        case $1 in
        --minutes) minutes=$2 ;;
        --output) output=$2 ;;
        --stages) chosen=$2 ;;
        --build) build=$2 ;;
        --python) python=$2 ;;
        --random123) random123=$2 ;;
        *) emulator=$2 ;;
        esac
        shift 2
        ;;
    *) wrong "found '$1'; --help says what is allowed" ;;
    esac
done
if [ -n "$minutes" ]; then
    printf '%s\n' "$minutes" | grep -Eq '^([0-9]+|[0-9]*\.[0-9]+)$' || wrong "--minutes: found '$minutes', a number is needed"
fi
for name in $(printf '%s' "$chosen" | tr ',' ' '); do
    stages | grep -q "^$name " || wrong "--stages: found '$name', allowed are $(stages | cut -d' ' -f1 | paste -s -d ' ' -)"
done

# shellcheck source=tools/gpu-check/time.sh
. "$root/tools/gpu-check/time.sh"
# shellcheck source=tools/gpu-check/report.sh
. "$root/tools/gpu-check/report.sh"
# shellcheck source=tools/gpu-check/stages.sh
. "$root/tools/gpu-check/stages.sh"

# ---- the programs

in_package=false
if [ -d "$root/programs" ]; then in_package=true; fi
if $dry_run; then
    if $in_package; then
        build=${build:-$root/emulated/programs}
        emulator=${emulator:-$root/emulated/lib}
    fi
    build=${build:-$root/build/emulated}
    emulator=${emulator:-$build/emulator}
    [ -x "$build/timescape_parity" ] || wrong "--dry-run: there are no programs for an emulator in $build"
    [ -e "$emulator/libcudart.so.13" ] || wrong "--dry-run: there is no emulator in $emulator"
    PATH=$root/tests/tools/fakes:$PATH
    LD_LIBRARY_PATH=$emulator:$build/tests/fake_nvml
    SOFTGPU_CC=90
    export PATH LD_LIBRARY_PATH SOFTGPU_CC
elif $in_package; then
    build=${build:-$root/programs}
else
    build=${build:-$root/build/gpu-check}
    if ! [ -x "$build/timescape_parity" ] || ! [ -x "$build/bench/timescape_phase" ]; then
        say "building in $build"
        if ! { cmake -S "$root" -B "$build" -D TIMESCAPE_CUDA=ON -D TIMESCAPE_CLI=OFF -D CMAKE_BUILD_TYPE=Release \
            -D CMAKE_CUDA_ARCHITECTURES=native ${random123:+-D "RANDOM123_INCLUDE_DIR=$random123"} &&
            cmake --build "$build" --parallel "$(nproc)"; } >&2; then
            say 'the build failed'
            exit 1
        fi
    fi
fi

# ---- device and folder

info=$("$build/bench/timescape_info") || { say "$build/bench/timescape_info does not run"; exit 1; }
device=$(printf '%s\n' "$info" | sed -n 's/^gpu 0 *\(.*\), compute capability.*/\1/p')
if [ -z "$device" ]; then
    say "there is no GPU that works: $(printf '%s\n' "$info" | sed -n 's/^gpu *//p' | head -n 1)"
    exit 1
fi
if $dry_run; then device="$device (an emulator, no GPU)"; fi
commit=$(printf '%s\n' "$info" | sed -n 's/^commit *\([0-9a-z]\{1,12\}\)[0-9a-z]*\(-dirty\)\{0,1\}.*/\1\2/p')
multiprocessors=$(printf '%s\n' "$info" | sed -n 's/^gpu 0 .* \([0-9][0-9]*\) multiprocessors.*/\1/p')
if [ -z "$output" ]; then
    output=$root/bench/results
    if $in_package; then output=$root/results; fi
    if $dry_run; then output=$root/build; fi
    output=$output/$(date +%F)-$(printf '%s' "${device%% (*}" | tr 'A-Z _' 'a-z--' | tr -cd 'a-z0-9-')-check
fi
if ! mkdir -p "$output" || ! [ -w "$output" ]; then
    say "$output: it cannot be written"
    exit 1
fi
output=$(cd "$output" && pwd)
others=$(sed -n 's/^- \(device\|commit\): //p' "$output"/[0-9]*.md 2>/dev/null | sort -u | grep -vxF -e "$device" -e "$commit")
if [ -n "$others" ] && ! $again; then
    wrong "$output has reports of '$(printf '%s\n' "$others" | head -n 1)'; take another folder, or --again"
fi
work=$(mktemp -d) || exit 1

# ---- all stages

running= # the process of the command at work
finish() { # exit status
    trap - INT TERM HUP
    if [ -n "$running" ]; then kill -TERM "$running" 2>/dev/null; fi
    write_summary
    rm -rf "$work" "$output"/.unfinished-*
    exit "$1"
}
trap 'say "interrupted"; finish 130' INT TERM HUP

started
number=0
pending=
for name in $(stages | cut -d' ' -f1); do
    number=$((number + 1))
    case ,$chosen, in ,, | *,"$name",*) ;; *) continue ;; esac
    report=$output/$(printf '%02d' $number)-$name.md
    if ! $again && [ -e "$report" ] && [ "$(status_of "$report")" != part ]; then
        say "$name: done before, $(status_of "$report")"
    else
        pending="$pending $number:$name"
    fi
done
share_time "$pending"
for entry in $pending; do
    name=${entry#*:}
    report=$output/$(printf '%02d' "${entry%:*}")-$name.md
    budget=$(budget_of "$name")
    if [ "$budget" -eq 0 ]; then
        say "$name: not begun, $(left) s are left"
        continue
    fi
    run_stage "$name" "$report" "$budget"
done
print_rows
failed=$(grep -l '^- status: FAILED' "$output"/[0-9]*.md 2>/dev/null | wc -l)
say "reports: $output; $failed failed"
if [ "$failed" -gt 0 ]; then finish 1; fi
finish 0
