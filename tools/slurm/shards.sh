#!/bin/sh
# Usage: sbatch [SBATCH OPTION...] tools/slurm/shards.sh CONFIG [OPTION OF timescape run...]
# E.g.:  sbatch --array=1-64 --cpus-per-task=32 tools/slurm/shards.sh phase.yaml -o phase.nc
# A campaign in parts, each a task of an array, and behind them a job that merges them into the result. A task that is
# preempted, comes to its time limit, or loses its machine goes on from its checkpoint. timescape is found on the PATH, or
# in the folder that TIMESCAPE_BIN names; TIMESCAPE_RESTARTS (20) is how often a task may begin again.
#SBATCH --job-name=timescape
#SBATCH --array=1-16
#SBATCH --requeue
#SBATCH --signal=B:TERM@120
#SBATCH --open-mode=append
set -u

if [ -z "${SLURM_ARRAY_TASK_ID:-}" ]; then
    sed -n '2,/^#SBATCH/{/^#SBATCH/d;s/^# \{0,1\}//p}' "$0"
    exit 2
fi
[ -z "${TIMESCAPE_BIN:-}" ] || PATH=$TIMESCAPE_BIN:$PATH
# shellcheck disable=SC2153 # set by Slurm
part=$((SLURM_ARRAY_TASK_ID - SLURM_ARRAY_TASK_MIN + 1))
parts=$SLURM_ARRAY_TASK_COUNT
restarts=${SLURM_RESTART_COUNT:-0}
say() { printf 'shards.sh: %s\n' "$*" >&2; }

# The name of the result: that of -o, or of the configuration, as timescape has it. The parts are named after it.
output=
config=
expected=
for argument; do
    case $expected$argument in
    output*) output=$argument ;;
    value*) ;;
    -o?*) output=${argument#-o} ;;
    --output=*) output=${argument#--output=} ;;
    -*) ;;
    *) config=${config:-$argument} ;;
    esac
    case $expected:$argument in
    :-o | :--output) expected=output ;;
    :--set | :--backend | :--threads | :--instructions | :--algorithm | :--devices | :--checkpoint-every | :--reuse) expected=value ;;
    *) expected= ;;
    esac
done
[ -n "$config" ] || { say 'the configuration file is missing'; exit 2; }
name=${config##*/}
: "${output:=${name%.*}.nc}"
piece=${output%.nc}.part-$part-of-$parts.nc

# Whoever begins first asks for the merge: once, also when it begins again.
if [ "$part" -eq 1 ] && [ "$restarts" -eq 0 ]; then
    all=
    for i in $(seq "$parts"); do all="$all '${output%.nc}.part-$i-of-$parts.nc'"; done
    sbatch --job-name=timescape-merge --dependency="afterok:$SLURM_ARRAY_JOB_ID" --kill-on-invalid-dep=yes \
        --ntasks=1 --open-mode=append --wrap="PATH='$PATH' timescape merge $all -o '$output'" >&2 ||
        say "the parts are to be merged by hand: timescape merge ${output%.nc}.part-*-of-$parts.nc -o $output"
fi

# The last -o counts. A child of this shell, so that TERM is heard at once: it is the wish to stop, for timescape too.
timescape run "$@" --shard "$part/$parts" -o "$piece" &
child=$!
trap 'kill -TERM "$child" 2>/dev/null' TERM
wait "$child"
status=$?
while kill -0 "$child" 2>/dev/null; do # it was the signal that ended the wait
    wait "$child"
    status=$?
done
trap '' TERM

if [ "$status" -eq 130 ]; then
    if [ "$restarts" -ge "${TIMESCAPE_RESTARTS:-20}" ]; then
        say "part $part has begun again $restarts times, and was stopped once more; sbatch --array=$SLURM_ARRAY_TASK_ID goes on"
        exit 1
    fi
    say "part $part was stopped; it goes on when its turn comes"
    scontrol requeue "$SLURM_JOB_ID" && sleep 300 # until that ends this shell
fi
exit "$status"
