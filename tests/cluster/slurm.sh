#!/bin/sh
# Usage: slurm.sh BUILD PYTHON. The scripts of tools/slurm with a Slurm of this machine alone, which is set up for that in a
# temporary folder, by root: an array of parts and an MPI job, requeued and stopped on their way, end in the same data as
# timescape run. Skipped (77) where there is no Slurm, or nobody to set it up.
set -eu

build=$1
python=$2
source=$(cd "$(dirname "$0")/../.." && pwd)
PATH=$PATH:/usr/sbin:/sbin
for needed in slurmctld slurmd munged sbatch scontrol squeue; do
    command -v "$needed" >/dev/null || { echo "slurm.sh: there is no $needed"; exit 77; }
done
[ "$(id -u)" -eq 0 ] || { echo 'slurm.sh: only root can set up a Slurm'; exit 77; }

folder=$(mktemp -d /tmp/timescape-slurm-XXXXXX)
daemons=
clean() {
    for process in $daemons; do kill "$process" 2>/dev/null || true; done
    sleep 0.5
    for process in $daemons; do kill -9 "$process" 2>/dev/null || true; done
    rm -rf "$folder"
}
trap clean EXIT
trap 'exit 1' INT TERM HUP
fail() {
    echo "slurm.sh: $*"
    squeue -a || true
    tail -n 30 "$folder"/*.log "$folder"/jobs/*.out 2>/dev/null || true
    exit 1
}

# ---- a Slurm

host=$(hostname -s)
free_port() { "$python" -c 'import socket; s = socket.socket(); s.bind(("", 0)); print(s.getsockname()[1])'; }
mkdir "$folder/state" "$folder/spool" "$folder/jobs"
chmod 755 "$folder"
dd if=/dev/urandom of="$folder/key" bs=32 count=1 2>/dev/null
chmod 600 "$folder/key"
cat >"$folder/slurm.conf" <<END
ClusterName=one
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$(free_port)
SlurmdPort=$(free_port)
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$folder/munge.socket,cred_expire=5
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SwitchType=switch/none
ReturnToService=2
JobRequeue=1
KillWait=30
SchedulerParameters=batch_sched_delay=0,sched_interval=2
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) RealMemory=500 State=UNKNOWN
PartitionName=usual Nodes=$host Default=YES MaxTime=INFINITE State=UP
END
export SLURM_CONF="$folder/slurm.conf"
munged --foreground --force --socket="$folder/munge.socket" --key-file="$folder/key" --pid-file="$folder/munged.pid" \
    --log-file="$folder/munged.log" --seed-file="$folder/seed" >"$folder/munged.out.log" 2>&1 &
daemons=$!
slurmctld -D >"$folder/slurmctld.log" 2>&1 &
daemons="$daemons $!"
slurmd -D -N "$host" >"$folder/slurmd.log" 2>&1 &
daemons="$daemons $!"
i=0
until sinfo -h -o %T 2>/dev/null | grep -q idle; do
    i=$((i + 1))
    [ $i -lt 120 ] || fail 'Slurm does not come up'
    sleep 0.5
done

# ---- what is asked of it

cd "$folder/jobs"
export TIMESCAPE_BIN="$build" OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1
# As many steps as keep all processors at work for 20 seconds.
steps=500000
took=0
while [ "$took" -lt 20 ]; do
    steps=$((steps * 2))
    cat >long.yaml <<END
seed: 42
target: {base: 1, jumps: [{at: 0.3, by: 2}, {at: 0.7, by: -1}]}
network: {eta: 4.0e-3}
sgd: {h: 1.0e-3, noise: 1, horizon: {steps: $steps}}
sweep: {epsilon: {values: [0.03, 0.1]}, neurons: {values: [5, 9]}, replicates: 96}
END
    began=$(date +%s)
    "$build/timescape" run long.yaml -o whole.nc --quiet --fresh
    took=$(($(date +%s) - began))
done

state() { scontrol show job "$1" | sed -n 's/.*JobState=\([A-Z_]*\).*/\1/p' | head -n 1; }
# wait_for SECONDS SENTENCE COMMAND...: until the command succeeds
wait_for() {
    patience=$1
    sentence=$2
    shift 2
    while ! "$@"; do
        patience=$((patience - 1))
        [ "$patience" -gt 0 ] || fail "$sentence"
        sleep 1
    done
}
is_state() { [ "$(state "$1")" = "$2" ]; }
is_done() { is_state "$1" COMPLETED; }
same() {
    "$python" - "$1" whole.nc <<END || fail "$1 differs"
import sys, netCDF4
def data(path):
    with netCDF4.Dataset(path) as file:
        file.set_auto_mask(False)
        return {name: variable[...].tobytes() for name, variable in file.variables.items()}
sys.exit(data(sys.argv[1]) != data(sys.argv[2]))
END
}
# has_gone_on OUT TIMES: the job whose output that is went on from its checkpoint so often
has_gone_on() { [ "$(grep -c 'going on from' "$1")" -ge "$2" ]; }

# An MPI job that is requeued on its way, and then gets the signal that comes before the time limit.
job=$(sbatch --parsable --ntasks="$(nproc)" --output=mpi.out "$source/tools/slurm/mpi.sh" long.yaml -o mpi.nc \
    --checkpoint-every 1)
wait_for 120 'the MPI job makes no checkpoint' test -e mpi.nc.checkpoint
scontrol requeue "$job"
began=$(date +%s)
wait_for 60 'the MPI job is not requeued' is_state "$job" PENDING
wait_for 300 'the MPI job does not go on' is_state "$job" RUNNING
again=$(($(date +%s) - began))
wait_for 60 'the MPI job does not begin again' has_gone_on mpi.out 1
sleep 2
scancel --batch --signal=TERM "$job"
wait_for 60 'the MPI job does not ask to be requeued' grep -q 'was stopped; it goes on' mpi.out
wait_for 400 'the MPI job is not done' is_done "$job"
has_gone_on mpi.out 2 || fail 'the MPI job did not go on from its checkpoint'
same mpi.nc
echo "slurm.sh: MPI job: requeued, ran again after $again s, stopped by TERM, done; $(scontrol show job "$job" | grep -o 'Restarts=[0-9]*')"

# An array of three parts, one of them requeued on its way, and the merge behind it.
job=$(sbatch --parsable --array=1-3 --output=part-%a.out "$source/tools/slurm/shards.sh" long.yaml -o parts.nc \
    --threads 1 --checkpoint-every 1)
wait_for 120 'the parts make no checkpoint' test -e parts.part-1-of-3.nc.checkpoint
scontrol requeue "${job}_1"
merge=$(squeue -h -n timescape-merge -o %i)
[ -n "$merge" ] || fail 'there is no job that merges the parts'
wait_for 600 'the parts are not merged' is_done "$merge"
has_gone_on part-1.out 1 || fail 'the part did not go on from its checkpoint'
same parts.nc
echo "slurm.sh: array of 3 parts: one requeued, all merged"
