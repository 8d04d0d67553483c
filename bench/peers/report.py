"""The result as a page for people and as JSON for programs."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

PAGE = """# timescape and its peers on a CPU

How many times as fast timescape is: median of the ratios within one repeat (least to greatest of {repeats} repeats).

{ratios}

Training steps per second, medians:

{rates}

| | |
|---|---|
| machine | {processor}, {cores} cores, {available_threads} threads |
| timescape | {version}, commit {commit}; {build}; instruction set {instructions} |
| versions | {versions} |
| date | {date} |
| command | `{command}` |

## What was run

The paper's target, eta = {eta:g}, epsilon = {epsilon:g}, h = {h:g}, noise {noise:g}, exact derivative, uniform start,
{horizon} steps. Each run takes about {seconds:g} s; the programs take turns, in an order that rotates from repeat to
repeat. Starting positions, final losses and compiling are excluded.

{peers}

Where one batch for {horizon} steps would have taken more than twice that time, fewer steps were run, and the time taken
per step. Trainings x steps of one run, and what was tuned:

{runs}

## The same distribution

Before any time was taken, the final losses of each peer in three small cells were compared with those of timescape
(two-sample Kolmogorov-Smirnov; a p below 1e-4 stops the benchmark), and trainings with one wrong setting had to be
noticed by the same test.

{gate}
"""


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def three_digits(value: float) -> str:
    return f"{value:.3g}" if value < 1000 else f"{value:.0f}"


def ratio(entry: dict) -> str:
    middle, least, most = (three_digits(entry[key]) for key in ("ratio_median", "ratio_least", "ratio_most"))
    return f"**{middle}** ({least} to {most})"


def rate(entry: dict) -> str:
    return f"{entry['median_rate']:.2e}".replace("e+0", "e")


def size(entry: dict) -> str:
    return f"{entry['trainings']} x {entry['steps']}" + (f", {entry['choice']}" if entry["choice"] else "")


def case_table(result: dict, cell: Callable[[dict], str], first: int) -> str:
    """A row for each number of threads and network size, a column for each contender from the first."""
    cases = result["cases"]
    head = ["threads", "m"] + [entry["name"] for entry in cases[0]["contenders"][first:]]
    labels = [[str(case["threads"]), str(case["neurons"])] for case in cases]
    cells = [[cell(entry) for entry in case["contenders"][first:]] for case in cases]
    return table(head, [label + row for label, row in zip(labels, cells)])


def gate_table(result: dict) -> str:
    head = ["trainings of", "in the cell", "number", "median loss", "that of timescape", "p"]
    rows = [
        [row["name"], row["cell"], str(row["trainings"])]
        + [f"{row['median_loss']:.4f}", f"{row['median_loss_of_ours']:.4f}", f"{row['p_value']:.2g}"]
        for row in result["gate"]
    ]
    return table(head, rows)


def page(result: dict, peers: list[ModuleType]) -> str:
    return PAGE.format(
        ratios=case_table(result, ratio, 1),
        rates=case_table(result, rate, 0),
        runs=case_table(result, size, 0),
        gate=gate_table(result),
        versions=", ".join(f"{name} {version}" for name, version in result["versions"].items()),
        peers="\n".join(f"- {peer.NAME}: {peer.DESCRIPTION}." for peer in peers),
        **{key: result[key] for key in ("date", "command", "version", "commit", "build", "instructions")},
        **result["machine"],
        **result["plan"],
        **result["configuration"],
    )


def write(result: dict, peers: list[ModuleType], folder: Path) -> Path:
    """Writes DATE-MACHINE-cpu.md and .json. Returns the path of the page."""
    machine = re.sub(r"[^a-z0-9]+", "-", result["machine"]["processor"].lower()).strip("-")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{result['date']}-{machine}-{result['machine']['available_threads']}-threads-cpu.md"
    path.write_text(page(result, peers))
    path.with_suffix(".json").write_text(json.dumps(result, indent=1) + "\n")
    return path
