"""Usage: crash.py TIMESCAPE [--count N] [--seed S] [--every SECONDS] [--faults LIBRARY]. Runs that are killed at random
instants, and go on until they are complete, end in the data of runs that nothing disturbed.

Runs of several shapes are killed (SIGKILL) N times in all (default: 10): at any time, or while a checkpoint or the result
is being written. Each goes on, perhaps to be killed again, until its result is there; then all of its variables are
compared byte by byte with those of an undisturbed run, and nothing else may lie in the folder. With --faults instead, a
library that is loaded before the others lets a write, a sync or a change of name fail, in each of N runs some other one:
the run ends with its result or with a sentence, and the next start without faults in the same data."""

import argparse
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import netCDF4

COMMON = """
seed: 42
target: {base: 1, jumps: [{at: 0.3, by: 2}, {at: 0.7, by: -1}]}
network: {eta: 4.0e-3}
"""

# About a second of work each, on one thread. What is kept of each differs.
SHAPES = {
    "few long trainings": COMMON
    + """
sgd: {h: 1.0e-3, noise: 1, horizon: {steps: 1500000}}
sweep: {epsilon: {values: [0.1, 1]}, neurons: {values: [4, 9]}, replicates: 2}
""",
    "many short trainings": COMMON
    + """
sgd: {h: 1.0e-3, noise: 1, horizon: {steps: 1000}}
sweep: {epsilon: {linear: {from: 0.1, to: 1, count: 10}}, neurons: {values: [4, 9, 16]}, replicates: 1500}
""",
    "kept trainings": COMMON
    + """
sgd: {h: 1.0e-3, noise: 1, horizon: {steps: 30000}}
sweep: {epsilon: {values: [0.1, 1]}, neurons: {values: [4, 9]}, replicates: 500}
output: {keep_trainings: true, keep_states: true}
""",
    "observations": COMMON
    + """
sgd: {h: 1.0e-3, noise: 1, horizon: {steps: 200000}}
sweep: {epsilon: {values: [0.1, 1]}, neurons: {values: [6, 9]}, replicates: 60}
observe: {steps: {values: [0, 5000, 5001, 50000, 100000, 150000]}}
""",
    "trainings that stop": COMMON
    + """
sgd: {h: 1.0e-3, noise: 0.1, horizon: {steps: 200000}}
sweep: {epsilon: {values: [0.1, 1]}, neurons: {values: [12, 16]}, replicates: 80}
observe: {steps: {values: [20000, 50000, 100000, 150000]}}
success: {unexplained_variance: 0.3, stop: first_success}
""",
    "limits": COMMON
    + """
sgd: {h: 1.0e-3, noise: 1, horizon: {slow_time: 1}}
sweep: {epsilon: {values: [0.1, 0.3]}, neurons: {values: [4, 9]}, replicates: 400}
theory: {starts: 12000}
""",
    "as many as it takes": COMMON
    + """
sgd: {h: 1.0e-3, noise: 0.1, horizon: {steps: 10000}}
sweep: {epsilon: {values: [0.1, 0.3, 1]}, neurons: {values: [4, 9]}, replicates: {at_least: 32, at_most: 2000, half_width: 0.04}}
success: {unexplained_variance: 0.3}
output: {keep_trainings: true}
""",
}

LIMIT = 120  # seconds that nothing takes


class Failure(Exception):
    pass


class Campaign:
    """Runs of one shape in a folder of its own."""

    def __init__(self, program, shape, every, folder):
        self.folder = folder
        self.shape = shape
        folder.mkdir()
        (folder / "sweep.yaml").write_text(SHAPES[shape])
        self.command = [program, "run", "sweep.yaml", "-o", "run.nc", "--threads", "1", "--checkpoint-every", str(every)]
        began = time.monotonic()
        self.expected_cpu = self.finish(self.start())
        self.seconds = time.monotonic() - began
        (folder / "run.nc").rename(folder / "expected.nc")

    def start(self, **environment):
        self.log = tempfile.TemporaryFile()
        return subprocess.Popen(
            self.command, cwd=self.folder, stdout=self.log, stderr=self.log, start_new_session=True,
            env={**os.environ, **environment},
        )

    def said(self):
        self.log.seek(0)
        return self.log.read().decode(errors="replace")

    def reap(self, process):
        """Wait for the end; returns status and seconds of a processor."""
        until = time.monotonic() + LIMIT
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                process.returncode = os.waitstatus_to_exitcode(status)
                return process.returncode, usage.ru_utime + usage.ru_stime
            if time.monotonic() > until:
                os.killpg(process.pid, signal.SIGKILL)
                raise Failure(f"{self.shape}: no end after {LIMIT} s: {self.said()}")
            time.sleep(0.002)

    def finish(self, process):
        status, cpu = self.reap(process)
        if status != 0:
            raise Failure(f"{self.shape}: status {status}: {self.said()}")
        return cpu

    def is_refused(self, status):
        """A child that writes the result outlives its parent, and holds the lock meanwhile."""
        return status == 2 and "another run of timescape" in self.said()

    def complete(self):
        """Go on to the end, and look at what is there."""
        status, cpu = self.reap(self.start())
        while self.is_refused(status):
            status, cpu = self.reap(self.start())
        if status != 0:
            raise Failure(f"{self.shape}: status {status}: {self.said()}")
        self.compare()
        left = sorted(set(os.listdir(self.folder)) - {"sweep.yaml", "expected.nc", "run.nc"})
        if left:
            raise Failure(f"{self.shape}: orphans: {left}")
        (self.folder / "run.nc").unlink()
        return cpu

    def compare(self):
        with netCDF4.Dataset(self.folder / "run.nc") as found, netCDF4.Dataset(self.folder / "expected.nc") as expected:
            if found.variables.keys() != expected.variables.keys():
                raise Failure(f"{self.shape}: other variables")
            for name, variable in expected.variables.items():
                variable.set_auto_mask(False)
                found[name].set_auto_mask(False)
                if found[name][...].tobytes() != variable[...].tobytes():
                    raise Failure(f"{self.shape}: {name} differs")
            if found.complete != expected.complete:
                raise Failure(f"{self.shape}: complete: {found.complete}")

    def wait_for(self, process, endings, seconds):
        """Until a file with one of these endings is there, or the process has ended."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and not has_ended(process):
            if any(name.endswith(endings) for name in os.listdir(self.folder)):
                return
            time.sleep(0.0005)


def has_ended(process):
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def kill(campaign, process, chance):
    """Kill it at a random instant of one of several kinds. Returns the kind, and the seconds since the last checkpoint was
    written, or since the start; None: it had ended before."""
    began = time.time()
    kind = chance.choice(["any time", "any time", "checkpoint", "result"])
    if kind == "any time":
        time.sleep(chance.uniform(0, 1.1 * campaign.seconds))
    elif kind == "checkpoint":
        time.sleep(chance.uniform(0, 0.8 * campaign.seconds))
        campaign.wait_for(process, ("-journal",), campaign.seconds)
    else:
        campaign.wait_for(process, (".tmp",), 3 * campaign.seconds)
        time.sleep(chance.uniform(0, 0.02))
    if has_ended(process):
        return None
    kept = campaign.folder / "run.nc.checkpoint"
    written = began
    try:
        written = max(began, kept.stat().st_mtime)
    except FileNotFoundError:
        pass
    killed = time.time()
    if chance.random() < 0.5:
        os.killpg(process.pid, signal.SIGKILL)
    else:
        os.kill(process.pid, signal.SIGKILL)
    return kind, killed - written


def crash(arguments, folder):
    chance = random.Random(arguments.seed)
    campaigns = [
        Campaign(arguments.program, shape, arguments.every, folder / str(i)) for i, shape in enumerate(SHAPES)
    ]
    kinds, largest, lost, completed = {}, 0, 0, 0
    chance.shuffle(campaigns)
    while sum(kinds.values()) < arguments.count:
        campaign = campaigns[completed % len(campaigns)]
        used, here = 0, 0
        for _ in range(chance.randint(1, 4)):
            process = campaign.start()
            killed = kill(campaign, process, chance)
            status, cpu = campaign.reap(process)
            used += cpu
            if killed is None:
                if status != 0 and not campaign.is_refused(status):
                    raise Failure(f"{campaign.shape}: status {status}: {campaign.said()}")
                break
            kinds[killed[0]] = kinds.get(killed[0], 0) + 1
            largest = max(largest, killed[1])
            here += 1
        used += campaign.complete()
        if here > 0:
            lost += max(0, used - campaign.expected_cpu)
        completed += 1
    kills = sum(kinds.values())
    of_kinds = ", ".join(f"{count} ({kind})" for kind, count in sorted(kinds.items()))
    print(f"{kills} kills: {of_kinds}; {completed} runs completed, all data equal, no file left over")
    print(f"at most {largest:.2f} s since the last checkpoint, on average {lost / kills:.2f} s of work done twice or in vain")


def fault(campaign, kind, number, library):
    """One run in which the `number`-th operation fails; returns whether there were so many, and its status."""
    report = campaign.folder.parent / "fault.txt"
    report.unlink(missing_ok=True)
    process = campaign.start(
        LD_PRELOAD=library, FAULT_FOLDER=str(campaign.folder), FAULT_KIND=kind, FAULT_NUMBER=str(number),
        FAULT_REPORT=str(report),
    )
    status, _ = campaign.reap(process)
    said = campaign.said()
    if status not in (0, 1, 130) or (status != 0 and not re.search("^timescape: .", said, re.MULTILINE)):
        raise Failure(f"{campaign.shape}: {kind} {number}: status {status}: {said}")
    happened = report.exists()
    campaign.complete()
    return happened, status


def faults(arguments, folder):
    chance = random.Random(arguments.seed)
    library = str(Path(arguments.faults).resolve())
    kinds = ["EIO", "ENOSPC", "SHORT", "EIO forever", "ENOSPC forever"]
    campaigns, count, happened = {}, {0: 0, 1: 0, 130: 0}, 0
    while happened < arguments.count:
        shape, kind = chance.choice(list(SHAPES)[: arguments.count]), kinds[happened % len(kinds)]
        if shape not in campaigns:
            campaigns[shape] = Campaign(arguments.program, shape, arguments.every, folder / str(len(campaigns)))
        did, status = fault(campaigns[shape], kind, chance.randint(1, 60), library)
        happened += did
        count[status] += did
    print(f"{happened} faults: {count[0]} runs completed all the same, {count[1]} ended with a sentence; "
          "all data equal after the next start, no file left over")


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("program")
    parser.add_argument("--count", type=int, default=10)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--every", type=float, default=0.2)
    parser.add_argument("--faults")
    arguments = parser.parse_args()
    arguments.program = str(Path(arguments.program).resolve())
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    folder = Path(tempfile.mkdtemp(prefix="timescape-crash-"))
    print(f"seed {arguments.seed}", flush=True)
    try:
        (faults if arguments.faults else crash)(arguments, folder)
    except Failure as failure:
        print(failure)
        print(f"the folder is kept: {folder}")
        sys.exit(1)
    shutil.rmtree(folder)


main()
