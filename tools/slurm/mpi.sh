#!/bin/sh
# Usage: sbatch [SBATCH OPTION...] tools/slurm/mpi.sh CONFIG [OPTION OF timescape run...]
# E.g.:  sbatch --nodes=4 --ntasks-per-node=1 --exclusive tools/slurm/mpi.sh phase.yaml -o phase.nc
#        sbatch --nodes=4 --ntasks-per-node=8 --gpus-per-node=8 tools/slurm/mpi.sh phase.yaml -o phase.nc
# A campaign by the processes of one MPI job. When it is preempted, comes to its time limit, or loses a machine it goes on
# from its checkpoint, with as many processes as it has then. timescape_mpi is found on the PATH, or in the folder that
# TIMESCAPE_BIN names; TIMESCAPE_LAUNCH is what begins the processes (mpirun; or e.g. srun --mpi=pmix), TIMESCAPE_RESTARTS
# (20) how often the job may begin again.
#SBATCH --job-name=timescape
#SBATCH --ntasks=4
#SBATCH --requeue
#SBATCH --signal=B:TERM@120
#SBATCH --open-mode=append
set -u

if [ -z "${SLURM_JOB_ID:-}" ] || [ $# -eq 0 ]; then
    sed -n '2,/^#SBATCH/{/^#SBATCH/d;s/^# \{0,1\}//p}' "$0"
    exit 2
fi
[ -z "${TIMESCAPE_BIN:-}" ] || PATH=$TIMESCAPE_BIN:$PATH
restarts=${SLURM_RESTART_COUNT:-0}
say() { printf 'mpi.sh: %s\n' "$*" >&2; }

# Open MPI gives processes one core each where nobody says otherwise: here all of a machine share what the job has of it.
# When it is told to end it kills them after a second, which is too soon for a checkpoint.
export OMPI_MCA_hwloc_base_binding_policy="${OMPI_MCA_hwloc_base_binding_policy:-none}"
export OMPI_MCA_odls_base_sigkill_timeout=60 PRTE_MCA_odls_base_sigkill_timeout=60

# Both mpirun and srun pass on USR2, which is the wish to stop; TERM would be the end of mpirun itself.
# shellcheck disable=SC2086 # words
${TIMESCAPE_LAUNCH:-mpirun} timescape_mpi run "$@" &
child=$!
trap 'kill -USR2 "$child" 2>/dev/null' TERM
wait "$child"
status=$?
while kill -0 "$child" 2>/dev/null; do # it was the signal that ended the wait
    wait "$child"
    status=$?
done
trap '' TERM

if [ "$status" -eq 130 ]; then
    if [ "$restarts" -ge "${TIMESCAPE_RESTARTS:-20}" ]; then
        say "the job has begun again $restarts times, and was stopped once more; the same command goes on"
        exit 1
    fi
    say 'the job was stopped; it goes on when its turn comes'
    scontrol requeue "$SLURM_JOB_ID" && sleep 300 # until that ends this shell
fi
exit "$status"
