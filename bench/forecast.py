"""Usage: forecast.py TIMESCAPE [NAME...]. How near `timescape check` comes to the time that `timescape run` then takes, for
sweeps of many kinds: a table of what was said, what it took, and how long check itself was at work. Ten minutes for all."""

import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

UNITS = {"s": 1, "min": 60, "h": 3600, "days": 86400}
TARGET = "target: {base: 1, jumps: [{at: 0.3, by: 2}, {at: 0.7, by: -2}]}"
FLAT = "target: {base: 1, jumps: []}"
CROWDED = (
    "target: {base: 1, jumps: [{at: 0.1, by: 2}, {at: 0.2, by: -2}, {at: 0.3, by: 1}, {at: 0.45, by: -3}, "
    "{at: 0.6, by: 2}, {at: 0.8, by: 1}]}"
)


def sweep(epsilon, neurons, replicates, more=""):
    return f"sweep: {{epsilon: {{{epsilon}}}, neurons: {{{neurons}}}, replicates: {replicates}{more}}}"


SMALL = sweep("values: [0.01, 0.1, 1]", "values: [2, 4, 8]", 16)
ONE = sweep("values: [0.1]", "values: [20]", 1)


def sgd(h, horizon, more=", noise: 0.5"):
    return f"sgd: {{h: {h}, horizon: {{{horizon}}}{more}}}"


CASES = {  # lines of the configuration, options
    "few long trainings": ([TARGET, "network: {eta: 0.01}", sgd("1.0e-2", "steps: 2000000"), SMALL], []),
    "one training": ([TARGET, "network: {eta: 0.01}", sgd("1.0e-2", "steps: 20000000"), ONE], []),
    "three trainings": ([TARGET, "network: {eta: 0.01}", sgd("1.0e-2", "steps: 20000000"), ONE.replace(": 1}", ": 3}")], []),
    "many short trainings": (
        [TARGET, "network: {eta: 0.01}", sgd("1.0e-2", "steps: 5"), SMALL.replace("16", "200000")],
        [],
    ),
    "a slow time": (
        [TARGET, "network: {eta: 0.01}", sgd("1.0e-2", "slow_time: 20"), sweep("log: {from: 1.0e-3, to: 1, count: 10}", "values: [20]", 20)],
        [],
    ),
    "sizes from 4 to 4000": (
        [TARGET, "network: {eta: 0.01}", sgd("1.0e-4", "steps: 4000"), sweep("values: [0.01, 0.1, 1]", "log: {from: 4, to: 4000, count: 12}", 40)],
        [],
    ),
    "losses of wide networks": (
        [FLAT, "network: {eta: 0.5}", sgd("1.0e-2", "steps: 2000"), sweep("values: [0.1]", "values: [1000, 4096]", 8)],
        [],
    ),
    "all diverge": ([TARGET, "network: {eta: 0.01}", sgd("16", "steps: 2000"), SMALL.replace("16", "20000")], []),
    "some diverge": ([TARGET, "network: {eta: 0.01}", sgd("1.2", "steps: 2000"), SMALL.replace("16", "20000")], []),
    "limits": (
        ["theory: true", CROWDED, "network: {eta: 0.01}", sgd("1.0e-4", "steps: 100"), sweep("log: {from: 1.0e-3, to: 1, count: 30}", "values: [64, 256, 1024]", 100, ", randomness: independent")],
        [],
    ),
    "exact expectations": (
        ["dynamics: gradient_flow", TARGET, "network: {eta: 0.1}", sgd("1.0e-4", "steps: 200"), sweep("values: [0.1]", "values: [256]", 64)],
        [],
    ),
    "rectified linear units": ([TARGET, "network: {activation: relu}", sgd("1.0e-2", "steps: 200000"), SMALL], []),
    "ten coordinates": ([TARGET.replace("base", "dimension: 10, base"), "network: {eta: 0.01}", sgd("1.0e-3", "steps: 20000"), SMALL], []),
    "the backend reference": ([TARGET, "network: {eta: 0.01}", sgd("1.0e-2", "steps: 40000"), SMALL], ["--backend", "reference"]),
    "kept trainings": (
        [TARGET, "network: {eta: 0.01}", "output: {keep_trainings: true}", sgd("1.0e-2", "steps: 1000"), SMALL.replace("16", "50000")],
        [],
    ),
}


def seconds_of(command):
    began = time.monotonic()
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return time.monotonic() - began, output


def said(output):
    duration = re.search(r"^time +about (.*?) on this machine", output, re.MULTILINE).group(1)
    return sum(float(number) * UNITS[unit] for number, unit in re.findall(r"([\d.]+) (\w+)", duration))


program, names = sys.argv[1], sys.argv[2:] or CASES
print(f"{'':24}{'said':>8}{'took':>8}{'ratio':>8}{'check':>8}   (seconds)")
with tempfile.TemporaryDirectory() as folder:
    for name in names:
        lines, options = CASES[name]
        config = Path(folder) / "sweep.yaml"
        config.write_text("seed: 1\n" + "\n".join(lines) + "\n")
        checking, output = seconds_of([program, "check", config, *options])
        took, _ = seconds_of([program, "run", "-q", config, "-o", Path(folder) / "sweep.nc", *options])
        print(f"{name:24}{said(output):8.2f}{took:8.2f}{said(output) / took:8.2f}{checking:8.1f}", flush=True)
