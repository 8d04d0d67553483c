"""The result on a GPU as a page for people and as JSON for programs."""

from pathlib import Path
from types import ModuleType

from .report import case_table, failures, gate_table, rate, ratio, size, slug, table, three_digits, write_both
from .timing import OURS

PAGE = """# timescape and its peers on a GPU

How many times as fast timescape is: median of the ratios within one repeat (least to greatest of {repeats} repeats).
NumPy runs on the host: the experiment as the paper's authors would write it.

{ratios}

{phase}

Training steps per second, medians:

{rates}

What the GPU's board used for timescape's steps (medians; whole runs with their starts and final losses; the host is not
counted), and its clock meanwhile:

{energy}

| | |
|---|---|
| GPU | {gpu} |
| driver | {driver} |
| host | {processor}, {available_threads} threads |
| timescape | {version}, commit {commit}; {build} |
| versions | {versions} |
| date | {date} |
| command | `{command}` |

## What was run

The paper's target, eta = {eta:g}, epsilon = {epsilon:g}, h = {h:g}, noise {noise:g}, exact derivative, uniform start,
{horizon} steps. Each run takes about {seconds:g} s; the programs take turns, in an order that rotates from repeat to
repeat, after runs to warm up. Starting positions, copies to and from the GPU, final losses and compiling are
excluded. Each program has the number of trainings at which it is fastest, found beforehand.

{peers}

Where one batch for {horizon} steps would have taken more than twice that time, fewer steps were run, and the time taken
per step. Trainings x steps of one run, and what was tuned:

{runs}
{failures}
## The same distribution

Before any time was taken, the final losses of each variant of each peer in three small cells were compared with those
of timescape (two-sample Kolmogorov-Smirnov; a peer with a p below 1e-4 is not timed), and trainings with one wrong
setting had to be noticed by the same test.

{gate}
"""

PHASE = """## The workload of configs/phase.yaml

All of its {count} network sizes have the same share of its {steps:.3g} training steps. timescape was measured at each
of them, the peers at m = {nodes}, and in between their time of a step was interpolated linearly in
m. Hours are the time of all steps on this machine at these rates; trainings of different length, starts and losses are
not in them.

{table}"""


def of(values: list, scale: float) -> str:
    """The median of what is known, with its least and greatest."""
    known = sorted(value * scale for value in values if value is not None)
    if not known:
        return "n/a"
    middle = (known[(len(known) - 1) // 2] + known[len(known) // 2]) / 2
    return f"{middle:.4g} ({known[0]:.4g} to {known[-1]:.4g})"


def energy_table(cases: list[dict]) -> str:
    rows = []
    for case in cases:
        ours = next(entry for entry in case["contenders"] if entry["name"] == OURS)
        rows.append(
            [str(case["neurons"]), of(ours["joules_per_1e12_neuron_steps"], 1), of(ours["watts"], 1)]
            + [of(ours["clock_hz"], 1e-9)]
        )
    return table(["m", "J per 1e12 neuron steps", "W", "clock (GHz)"], rows)


def phase_text(result: dict) -> str:
    phase = result.get("phase")
    if not phase:
        return "The workload of configs/phase.yaml was not compared: not all network sizes that it needs were measured."
    rows = [
        [entry["name"], "" if entry["name"] == OURS else ratio(entry), three_digits(entry["hours"])]
        for entry in phase["contenders"]
    ]
    return PHASE.format(
        count=len(phase["neurons"]),
        steps=phase["training_steps"],
        nodes=", ".join(str(m) for m in phase["nodes"]),
        table=table(["", "timescape is so many times as fast", "hours"], rows),
    )


def describe(gpu: dict) -> str:
    capability = gpu["compute_capability"]
    parts = [gpu["name"], f"{gpu['multiprocessors']} multiprocessors", f"compute capability {capability}"]
    for key, scale, unit in (("greatest_clock_hz", 1e-9, "GHz at most"), ("power_limit_watts", 1, "W at most")):
        if gpu[key] is not None:
            parts.append(f"{gpu[key] * scale:.4g} {unit}")
    return ", ".join(parts) + (f"; {gpu['without_nvml']}" if gpu["without_nvml"] else "")


def driver_of(gpu: dict) -> str:
    version = gpu["driver"] or "version unknown"
    return f"{version}, for CUDA {gpu['cuda_of_driver']}; runtime {gpu['cuda_runtime']}"


def page(result: dict, peers: list[ModuleType]) -> str:
    labels = ["neurons"]
    return PAGE.format(
        ratios=case_table(result["cases"], labels, ratio, 1),
        rates=case_table(result["cases"], labels, rate, 0),
        runs=case_table(result["cases"], labels, size, 0),
        phase=phase_text(result),
        energy=energy_table(result["cases"]),
        failures=failures(result),
        gate=gate_table(result),
        gpu=describe(result["gpu"]),
        driver=driver_of(result["gpu"]),
        versions=", ".join(f"{name} {version}" for name, version in result["versions"].items()),
        peers="\n".join(f"- {peer.NAME}: {peer.DESCRIPTION}." for peer in peers),
        **{key: result[key] for key in ("date", "command", "version", "commit", "build")},
        **result["machine"],
        **result["plan"],
        **result["configuration"],
    )


def path_of(result: dict, folder: Path) -> Path:
    return folder / f"{result['date']}-{slug(result['gpu']['name'])}-gpu.md"


def write(result: dict, peers: list[ModuleType], folder: Path) -> Path:
    """Writes DATE-DEVICE-gpu.md and .json. Returns the path of the page."""
    return write_both(path_of(result, folder), page(result, peers), result)
