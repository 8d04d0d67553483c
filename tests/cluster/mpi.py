#!/usr/bin/env python3
"""Usage: mpi.py TIMESCAPE TIMESCAPE_MPI MPIRUN [speed]

Runs by several processes end in the same data as one process alone, also when they were stopped or killed on their way
and went on with another number of them. With `speed` it is only measured what one slow process costs.
"""
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time

import netCDF4

alone, together, mpirun = sys.argv[1:4]
# Open MPI begins nothing as root else, and no more processes than there are processors; others do not read these.
os.environ |= {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
               "OMPI_MCA_rmaps_base_oversubscribe": "1", "OMPI_MCA_hwloc_base_binding_policy": "none",
               "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe", "ASAN_OPTIONS": "detect_leaks=0"}

BASE = """seed: 42
target: {base: 1, jumps: [{at: 0.3, by: 2}, {at: 0.7, by: -1}]}
network: {eta: 4.0e-3}
"""
KINDS = {
    "kept": BASE + """sgd: {h: 1.0e-3, noise: 1, horizon: {steps: 20000}}
sweep: {epsilon: {values: [0.03, 0.1, 1]}, neurons: {values: [4, 9, 30]}, replicates: 45}
output: {keep_trainings: true, keep_states: true}
""",
    "rounds": BASE + """sgd: {h: 1.0e-3, noise: 1, horizon: {steps: 6000}}
sweep: {epsilon: {values: [0.03, 0.1, 1]}, neurons: {values: [4, 9]},
        replicates: {at_least: 10, at_most: 400, half_width: 0.08}}
theory: true
""",
    "observed": BASE + """sgd: {h: 1.0e-3, noise: 1, horizon: {steps: 20000}}
sweep: {epsilon: {values: [0.03, 0.1, 1]}, neurons: {values: [4, 9]}, replicates: 50}
observe: {steps: {values: [2000, 5000, 10000]}}
success: {stop: first_success}
""",
    "theory": BASE + """sgd: {h: 1.0e-3, noise: 1, horizon: {steps: 6000}}
sweep: {epsilon: {values: [0.03, 0.1, 1]}, neurons: {values: [4, 9]}, replicates: 50}
theory: {starts: 100}
""",
}
# For somebody to interrupt: some seconds of a processor, with as many steps as that takes.
LONG = BASE + """sgd: {h: 1.0e-3, noise: 1, horizon: {steps: STEPS}}
sweep: {epsilon: {values: [0.03, 0.1]}, neurons: {values: [5, 9]}, replicates: 48}
output: {keep_trainings: true}
"""


def command(processes, config, output, *options):
    program = [mpirun, "-n", str(processes), together] if processes else [alone]
    return program + ["run", config, "-o", output, "--quiet", "--threads", "1", *options]


def run(processes, config, output, *options):
    done = subprocess.run(command(processes, config, output, *options), capture_output=True, text=True, timeout=300)
    if done.returncode:
        sys.exit(f"{processes} processes on {config}: exit status {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def data(path):
    with netCDF4.Dataset(path) as file:
        file.set_auto_mask(False)
        return {name: variable[...].tobytes() for name, variable in file.variables.items()}


def compare(path, other, what):
    left, right = data(path), data(other)
    different = [name for name in set(left) | set(right) if left.get(name) != right.get(name)]
    if different:
        sys.exit(f"{what}: {', '.join(sorted(different))} differ")
    leftovers = [name for name in os.listdir(".") if name not in (path, other) and name.startswith(path)]
    if leftovers:
        sys.exit(f"{what}: {leftovers} are left over")


def write(name, text):
    with open(name, "w") as file:
        file.write(text)


def parts_of(job, count):
    """The processes of a job, when all of them are there."""
    while True:
        found = []
        for process in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{process}/stat") as stat, open(f"/proc/{process}/cmdline") as line:
                    if line.read().split("\0")[0] == together:
                        found.append((int(stat.read().rsplit(")")[1].split()[1]), int(process)))
            except OSError:
                continue
        own = ancestors(found, job.pid)
        if len(own) == count or job.poll() is not None:
            return own
        time.sleep(0.02)


def ancestors(found, job):
    """Those that have `job` as parent, or as parent of the parent: some starters have helpers."""
    own = []
    for parent, process in found:
        while parent not in (0, 1, job):
            try:
                with open(f"/proc/{parent}/stat") as stat:
                    parent = int(stat.read().rsplit(")")[1].split()[1])
            except OSError:
                break
        if parent == job:
            own.append(process)
    return sorted(own)


def wait_for(path, job):
    while not os.path.exists(path) and job.poll() is None:
        time.sleep(0.02)


def interrupted(processes, output, deed):
    """Begin a long run, and do something to it when its first checkpoint is there. Returns what became of it."""
    job = subprocess.Popen(command(processes, "long.yaml", output, "--checkpoint-every", "0.3"),
                           stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    own = parts_of(job, processes) if processes else []
    wait_for(output + ".checkpoint", job)
    time.sleep(0.4)
    if job.poll() is not None:
        sys.exit(f"{processes} processes ended before they could be interrupted: {job.stderr.read()}")
    deed(job, own)
    said = job.communicate(timeout=120)[1]
    if not os.path.exists(output + ".checkpoint"):
        sys.exit(f"{processes} processes left no checkpoint: {said}")
    return job.returncode, said


def kill_one(job, own):
    os.kill(own[-1], signal.SIGKILL)


def kill_first(job, own):
    os.kill(own[0], signal.SIGKILL)


def kill(job, own):
    job.kill()


def stop(job, own):
    for process in own[1:2] or own:
        os.kill(process, signal.SIGUSR2)


def test_kinds():
    for number, (kind, text) in enumerate(KINDS.items()):
        write(kind + ".yaml", text)
        run(0, kind + ".yaml", kind + ".nc")
        for processes in (1, 2, 3, 4) if number == 0 else (2 + number % 3,):
            run(processes, kind + ".yaml", "team.nc")
            compare("team.nc", kind + ".nc", f"{kind} by {processes} processes")


def write_long(seconds):
    """Leaves whole.nc, what a run of it ends in."""
    steps, took = 100000, 0
    while took < seconds:
        steps = int(steps * min(max(1.2 * seconds / took, 1.5), 10)) if took else steps
        write("long.yaml", LONG.replace("STEPS", str(steps)))
        began = time.monotonic()
        run(0, "long.yaml", "whole.nc", "--fresh")
        took = time.monotonic() - began


def test_interruptions():
    write_long(6)
    for first, deed, second in (3, kill_one, 2), (2, kill_first, 4), (2, kill_one, 0), (0, kill, 3):
        status, _ = interrupted(first, "long.nc", deed)
        if status == 0:
            sys.exit(f"{first} processes of which one was killed: exit status 0")
        run(second, "long.yaml", "long.nc")
        compare("long.nc", "whole.nc", f"{first} processes, {deed.__name__}, {second} processes")
        os.remove("long.nc")
    status, said = interrupted(3, "long.nc", stop)
    if status != 130 or "the same command goes on from here" not in said:
        sys.exit(f"3 processes of which one was told to stop: exit status {status}, {said}")
    run(2, "long.yaml", "long.nc")
    for name in os.listdir("."):
        if name.startswith("long.partial"):
            os.remove(name)
    compare("long.nc", "whole.nc", "3 processes that were stopped, then 2")


def test_refusals():
    for options, sentence in (["--threads", "many"], "--threads"), (["--instructions", "none"], "instructions"):
        done = subprocess.run([mpirun, "-n", "3", together, "run", "kept.yaml", *options], capture_output=True, text=True)
        if done.returncode != 2 or done.stderr.count(f"{sentence}: found") != 1:
            sys.exit(f"{options}: exit status {done.returncode}, {done.stderr}")
    write("wrong.yaml", "seed: 1\nsed: 2\n")
    done = subprocess.run([mpirun, "-n", "3", together, "run", "wrong.yaml"], capture_output=True, text=True)
    if done.returncode != 2 or done.stderr.count("wrong.yaml") != 1 or os.path.exists("wrong.nc"):
        sys.exit(f"a wrong configuration: exit status {done.returncode}, {done.stderr}")


def throttle(process, job):
    """Let it work for half of the time."""
    while job.poll() is None:
        try:
            os.kill(process, signal.SIGSTOP)
            time.sleep(0.05)
            os.kill(process, signal.SIGCONT)
            time.sleep(0.05)
        except ProcessLookupError:
            return


def seconds(processes, throttled):
    began = time.monotonic()
    job = subprocess.Popen(command(processes, "long.yaml", "speed.nc", "--fresh"), stdout=subprocess.DEVNULL)
    own = parts_of(job, processes)
    if throttled and own:
        threading.Thread(target=throttle, args=(own[-1], job)).start()
    if job.wait(timeout=600):
        sys.exit("a throttled run failed")
    return time.monotonic() - began


def measure_speed():
    """Two processes of which one has half the speed do in 1/1.5 of the time of one what two do in 1/2: a factor of 1.33,
    where an even division of the work would make it 2."""
    write_long(20)
    for _ in range(2):
        even, uneven = seconds(2, False), seconds(2, True)
        print(f"two equal processes {even:.2f} s, one of them at half speed {uneven:.2f} s: factor {uneven / even:.2f}")


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    if sys.argv[4:] == ["speed"]:
        measure_speed()
    else:
        test_kinds()
        test_interruptions()
        test_refusals()
    os.chdir("/")
