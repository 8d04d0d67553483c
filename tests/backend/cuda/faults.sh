#!/bin/sh
# Usage: faults.sh PROGRAM
# Runs PROGRAM under the emulator once for each call that can fail, with that call failing alone, and with it and all
# later ones failing. The calls of a kind are numbered, and the numbers end where there is none left to fail.
set -eu
program=$1
runs=0
errors=0
for kind in malloc hostalloc memcpy memset launch stream event; do
    n=1
    met=0
    while :; do
        later=right
        for fault in "$kind:$n" "$kind:$n+"; do
            if ! said=$(SOFTGPU_FAIL=$fault SOFTGPU_LEAKCHECK=1 "$program" 2>/dev/null); then
                echo "faults: $fault: $said"
                exit 1
            fi
            runs=$((runs + 1))
            case $said in
            error*) errors=$((errors + 1)); met=$((met + 1)) ;;
            esac
            later=$said
        done
        [ "$later" = right ] && break
        n=$((n + 1 + n / 8)) # every call at first, then samples of those that the trainings repeat
    done
    echo "faults: $kind: fewer than $n calls, $met runs ended with an error"
    if [ "$met" -eq 0 ]; then
        echo "faults: no fault of the kind $kind was met"
        exit 1
    fi
done
echo "faults: $runs runs, $errors ended with a clear error, the others with the right results"
