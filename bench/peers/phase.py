"""The workload of configs/phase.yaml, with 1000 trainings in every cell: what the comparison comes to over all of its
network sizes.

Trainings of a cell all have the same number of steps, which depends on epsilon alone; so every network size has the
same share of the training steps, and the time of the whole is in proportion to the sum over the network sizes of the
time of a step. timescape's is measured for each size. Those of the peers are measured for some and interpolated
linearly in m between them: their work is a loop over the neurons."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .timing import OURS

PATH = Path(__file__).parents[2] / "configs/phase.yaml"
REPLICATES = 1000  # as in bench/phase_sweep.h; a run of timescape needs fewer
NODES = [4, 20, 32, 100, 256]  # network sizes that peers are measured at


@dataclass(frozen=True)
class Phase:
    """What there is to compute."""

    neurons: list[int]  # network sizes, ascending
    training_steps: float  # of all trainings of one network size


def log_axis(axis: dict) -> np.ndarray:
    return np.geomspace(axis["from"], axis["to"], axis["count"])


def read(path: Path = PATH) -> Phase:
    import yaml  # here: the rest of the comparison does without

    def numbers(mapping: dict) -> dict:  # 1.0e-4 and 1e-4 alike; YAML 1.1 takes the second for text
        return {key: float(value) for key, value in mapping.items()}

    configuration = yaml.safe_load(path.read_text())
    sgd, sweep = configuration["sgd"], configuration["sweep"]
    epsilon = log_axis(numbers(sweep["epsilon"]["log"]) | {"count": sweep["epsilon"]["log"]["count"]})
    times = numbers(sgd["horizon"])
    h = float(sgd["h"])
    steps = np.maximum(times["slow_time"] / (h * epsilon), times["min_fast_time"] / h)
    return Phase(sweep["neurons"]["values"], float(steps.sum()) * REPLICATES)


def step_times(entries: dict[int, dict], phase: Phase) -> np.ndarray:
    """Seconds of a training step [repeats, network sizes] of a peer, from its entries by network size."""
    nodes = sorted(entries)
    repeats = min(len(entry["training_steps_per_second"]) for entry in entries.values())
    times = np.array([[1 / entries[m]["training_steps_per_second"][i] for m in nodes] for i in range(repeats)])
    return np.array([np.interp(phase.neurons, nodes, row) for row in times])


def step_times_of_ours(rows: list[dict], phase: Phase) -> np.ndarray:
    """Seconds of a training step [repeats, network sizes] of timescape, from the rows of timescape_throughput."""
    by_size = {row["neurons"]: row for row in rows}
    in_order = [by_size[m] for m in phase.neurons]
    steps = np.array([row["training_steps_per_second"] * row["median_step_seconds"] for row in in_order])
    return np.array([row["step_seconds"] for row in in_order]).T / steps


def summary(name: str, times: np.ndarray, ours: np.ndarray, phase: Phase) -> dict:
    """The whole of it: time on this machine, and how many times as fast timescape was, repeat by repeat."""
    count = min(len(times), len(ours))
    ratios = times[:count].sum(axis=1) / ours[:count].sum(axis=1)
    return {
        "name": name,
        "hours": float(np.median(times.sum(axis=1))) * phase.training_steps / 3600,
        "ratio_median": float(np.median(ratios)),
        "ratio_least": float(ratios.min()),
        "ratio_most": float(ratios.max()),
    }


def nodes_of(cases: list[dict], name: str) -> dict[int, dict]:
    """The entries of a peer by network size, where it was timed at every one of NODES; else none."""
    entries = {
        case["neurons"]: entry
        for case in cases
        if case["neurons"] in NODES
        for entry in case["contenders"]
        if entry["name"] == name and "failed" not in entry
    }
    return entries if sorted(entries) == NODES else {}


def compare(cases: list[dict], rows: list[dict], phase: Phase) -> dict:
    """What stands in the report: timescape, and every peer that was timed at all of NODES."""
    ours = step_times_of_ours(rows, phase)
    names = dict.fromkeys(entry["name"] for case in cases for entry in case["contenders"])
    entries = {name: nodes_of(cases, name) for name in names if name != OURS}
    contenders = [summary(OURS, ours, ours, phase)]
    contenders += [summary(name, step_times(found, phase), ours, phase) for name, found in entries.items() if found]
    return {
        "neurons": phase.neurons,
        "nodes": NODES,
        "training_steps": phase.training_steps * len(phase.neurons),
        "seconds_per_training_step_of_ours": [float(value) for value in np.median(ours, axis=0)],
        "contenders": contenders,
    }
