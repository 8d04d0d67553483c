"""Usage: checkpoints.py TIMESCAPE [--seconds S]. What checkpoints cost: the time of a processor that the thread which writes
them takes, by the system's account of it, so that it matters little what else the machine does. For sweeps of several
shapes, each run for S seconds (default: 20) with a checkpoint every second."""

import argparse
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path

HEAD = """
seed: 42
target: {base: 1, jumps: [{at: 0.3, by: 2}, {at: 0.7, by: -1}]}
network: {eta: 4.0e-3}
"""
LONG = "sgd: {h: 1.0e-5, noise: 1, horizon: {steps: 100000000000}}\n"
SHORT = "sgd: {h: 1.0e-3, noise: 1, horizon: {steps: 2000}}\n"
SHAPES = {
    "long trainings, m = 20 and 100": LONG
    + "sweep: {epsilon: {values: [0.1, 1]}, neurons: {values: [20, 100]}, replicates: 1000}\n",
    "short trainings, 80 cells": SHORT
    + "sweep: {epsilon: {linear: {from: 0.1, to: 1, count: 10}}, neurons: {values: [4, 6, 8, 12, 16, 24, 40, 64]}, "
    "replicates: 1000000}\n",
    "short trainings, 10,000 cells": SHORT
    + "sweep: {epsilon: {linear: {from: 0.1, to: 1, count: 1000}}, neurons: {linear: {from: 4, to: 13, count: 10}}, "
    "replicates: 5000}\n",
    "kept trainings, m = 20": SHORT
    + "sweep: {epsilon: {values: [0.1, 1]}, neurons: {values: [20]}, replicates: 1000000}\noutput: {keep_trainings: true}\n",
    "observations, 100 times": SHORT
    + "sweep: {epsilon: {values: [0.1, 1]}, neurons: {values: [4, 9]}, replicates: 1000000}\n"
    "observe: {steps: {linear: {from: 0, to: 1980, count: 100}}}\n",
}


def seconds_of(process):
    """Of the thread of checkpoints, and of all threads."""
    one, all_of_them = 0, 0
    for task in Path(f"/proc/{process.pid}/task").iterdir():
        spent = int((task / "schedstat").read_text().split()[0]) / 1e9
        all_of_them += spent
        if (task / "comm").read_text().strip() == "checkpoints":
            one = spent
    return one, all_of_them


def measure(program, text, seconds):
    with tempfile.TemporaryDirectory(prefix="timescape-checkpoints-") as folder:
        (Path(folder) / "sweep.yaml").write_text(HEAD + text)
        process = subprocess.Popen(
            [program, "run", "sweep.yaml", "-o", "run.nc", "--threads", "1", "--checkpoint-every", "1"],
            cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        checkpoint, seen, count = Path(folder) / "run.nc.checkpoint", 0, 0
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            time.sleep(0.02)
            written = checkpoint.stat().st_mtime_ns if checkpoint.exists() else 0
            count += written != seen
            seen = written
        spent = seconds_of(process)
        size = checkpoint.stat().st_size if checkpoint.exists() else 0
        process.send_signal(signal.SIGKILL)
        process.wait()
        return count, *spent, size


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("program")
    parser.add_argument("--seconds", type=float, default=20)
    arguments = parser.parse_args()
    program = os.path.abspath(arguments.program)
    print(f"{'':32} checkpoints  each    of the time   at 30 s   file")
    for name, text in SHAPES.items():
        count, of_thread, of_all, size = measure(program, text, arguments.seconds)
        each = of_thread / max(count, 1)
        print(f"{name:32} {count:8}  {1e3 * each:7.1f} ms  {100 * of_thread / of_all:7.3f} %  {100 * each / 30:7.4f} %  "
              f"{size / 2**20:6.1f} MiB", flush=True)


main()
