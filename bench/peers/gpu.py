"""The comparison on a GPU: timescape and its peers in one run, peers that cannot run reported and left out."""

import importlib
import json
import math
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from types import ModuleType

from . import phase, report_gpu
from .gate import pass_gate, prove_gate
from .model import Configuration
from .ours import Timescape
from .peer import Failure, powers_of_two
from .timing import OURS, Contender, Plan, contender, first_line, measure_case

MODULES = {"cupy_gpu": "CuPy", "numba_gpu": "Numba", "jax_gpu": "JAX", "numpy_paper": "NumPy"}
TABLE = [20, 32, 256, 1024, 4096]
SIZES = sorted({*TABLE, *phase.NODES})
FULL = Plan(horizon=100_000, seconds=1.0, repeats=5)
QUICK_SIZES = [20, 1024]
QUICK = Plan(horizon=20_000, seconds=0.3, repeats=3)
SEARCH_SECONDS = 0.3  # of a measurement that looks for timescape's best batch
PHASE_SECONDS = 0.3  # of each network size in a repeat
THREADS_OF_A_MULTIPROCESSOR = 2048  # at most
Say = Callable[[str], None]


def load(check: bool = True) -> tuple[list[ModuleType], dict[str, str]]:
    """The peers that can run here, and why others cannot, by name."""
    peers, missing = [], {}
    for module, name in MODULES.items():
        try:
            peer = importlib.import_module(f".{module}", __package__)
            if check and hasattr(peer, "check"):
                peer.check()
            peers.append(peer)
        except Exception as error:  # not only ImportError: some look for a driver at once
            missing[name] = first_line(error)
    return peers, missing


def batches_of(gpu: dict, neurons: int) -> list[int]:
    """Numbers of trainings to try: what timescape_throughput takes by itself (0), and powers of two around what
    occupies every thread once."""
    trainings = min(2e5 / 24 / neurons, THREADS_OF_A_MULTIPROCESSOR)  # what the shared memory of one has room for
    nearest = 2 ** round(math.log2(max(gpu["multiprocessors"] * trainings, 64)))
    return [0, *powers_of_two(nearest // 4, 2 * nearest)]


def ourselves(timescape: Timescape, configuration: Configuration, gpu: dict, plan: Plan) -> Contender:
    """timescape with its best batch. What is timed is the steps: the time of starts and losses is taken off."""
    batches = ",".join(str(batch) for batch in batches_of(gpu, configuration.neurons))
    rows = timescape.throughput(configuration, replicates=batches, seconds=SEARCH_SECONDS)["rows"]
    best = max(rows, key=lambda row: row["training_steps_per_second"] or 0)
    seen = {"clock_hz": [], "watts": [], "joules_per_1e12_neuron_steps": []}

    def seconds(trainings: int, steps: int) -> float:
        row = timescape.throughput(configuration, replicates=trainings, steps=steps)["rows"][0]
        for key, values in seen.items():
            values.append(row[key])
        return row["step_seconds"][0]

    ours = Contender(OURS, seconds, best["replicates"], f"batch {best['replicates']}", details=seen)
    ours.choose(plan, best["training_steps_per_second"])
    return ours


def measure(timescape: Timescape, peers: list[ModuleType], neurons: int, gpu: dict, plan: Plan) -> dict:
    configuration = Configuration(neurons)
    contenders = [ourselves(timescape, configuration, gpu, plan)]
    contenders += [contender(peer, configuration, threads=1) for peer in peers]
    return {"neurons": neurons, "contenders": measure_case(contenders, plan)}


def measure_phase(timescape: Timescape, cases: list[dict], workload: phase.Phase, plan: Plan) -> dict | None:
    """The comparison over a workload, or None where the network sizes that it needs were not all measured."""
    if not set(phase.NODES) <= {case["neurons"] for case in cases}:
        return None
    sizes = ",".join(str(m) for m in workload.neurons)
    options = {"neurons": sizes, "seconds": PHASE_SECONDS, "repeat": plan.repeats}
    return phase.compare(cases, timescape.throughput(Configuration(neurons=1), **options)["rows"], workload)


def earlier(folder: Path, result: dict) -> dict:
    """What an earlier run of today with the same device, commit and plan has measured, to go on from; else nothing."""
    path = report_gpu.path_of(result, folder).with_suffix(".json")
    if not path.exists():
        return {}
    found = json.loads(path.read_text())
    same = all(found.get(key) == result[key] for key in ("gpu", "commit", "plan", "configuration"))
    return {key: found[key] for key in ("gate", "failed", "cases")} if same else {}


def run(timescape: Timescape, result: dict, sizes: list[int], plan: Plan, go_on: bool, folder: Path, say: Say) -> Path:
    """Measures all sizes; what is finished is written after each of them. Returns the path of the report."""
    workload = phase.read()
    peers, result["missing"] = load()
    for name, reason in result["missing"].items():
        say(f"the peer {name} is missing: {reason}")
    result |= earlier(folder, result) if go_on else {}
    if "gate" not in result:
        say("checking that all peers compute the same")
        result["gate"], result["failed"] = pass_gate(timescape, peers, threads=1)
        result["gate"] += prove_gate(timescape)
        result["cases"] = []
    for reason in result["failed"].values():
        say(f"not timed: {reason}")
        report_gpu.write(result, [], folder)  # so that --continue need not pass the gate again
    done = {case["neurons"] for case in result["cases"]}
    timed = [peer for peer in peers if peer.NAME not in result["failed"]]
    for neurons in sizes:
        if neurons in done:
            say(f"m = {neurons} was timed before")
            continue
        say(f"timing m = {neurons}")
        result["cases"].append(measure(timescape, timed, neurons, result["gpu"], plan))
        result["cases"].sort(key=lambda case: case["neurons"])
        report_gpu.write(result, timed, folder)
    say("timing the network sizes of configs/phase.yaml")
    result["phase"] = measure_phase(timescape, result["cases"], workload, plan)
    return report_gpu.write(result, timed, folder)


def beginning(ours: dict, plan: Plan) -> dict:
    """What the report says of the device and of what is run on it; `ours` is a report of timescape_throughput."""
    configuration = asdict(Configuration(neurons=0))
    del configuration["neurons"]
    made = {"gpu": ours["gpu"], "plan": asdict(plan), "configuration": configuration}
    return json.loads(json.dumps(made))  # as it will be read again


def check_gpu(timescape: Timescape) -> dict:
    """A report of timescape_throughput on the GPU. Raises Failure with the reason where there is none."""
    ours = timescape.throughput(Configuration(neurons=20), replicates=32, steps=1000)
    if not ours["gpu"]:
        raise Failure("timescape_throughput did not run on a GPU")
    return ours
