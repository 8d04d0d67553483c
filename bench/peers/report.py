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
{failures}
## The same distribution

Before any time was taken, the final losses of each peer in three small cells were compared with those of timescape
(two-sample Kolmogorov-Smirnov; a p below 1e-4 stops the benchmark), and trainings with one wrong setting had to be
noticed by the same test.

{gate}
"""

HEADINGS = {"threads": "threads", "neurons": "m"}
LABELS = ["threads", "neurons"]


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def three_digits(value: float) -> str:
    return f"{value:.3g}" if value < 1000 else f"{value:.0f}"


def ratio(entry: dict) -> str:
    """How many times as fast timescape was. An entry that failed has no numbers."""
    middle, least, most = (three_digits(entry[key]) for key in ("ratio_median", "ratio_least", "ratio_most"))
    return f"**{middle}** ({least} to {most})"


def rate(entry: dict) -> str:
    return f"{entry['median_rate']:.2e}".replace("e+0", "e")


def size(entry: dict) -> str:
    return f"{entry['trainings']} x {entry['steps']}" + (f", {entry['choice']}" if entry["choice"] else "")


def cell_of(entry: dict | None, cell: Callable[[dict], str]) -> str:
    return "" if entry is None else "failed" if "failed" in entry else cell(entry)


def case_table(cases: list[dict], labels: list[str], cell: Callable[[dict], str], first: int) -> str:
    """A row for each case, led by its `labels`; a column for each contender from the first."""
    names = list(dict.fromkeys(entry["name"] for case in cases for entry in case["contenders"]))[first:]
    rows = []
    for case in cases:
        entries = {entry["name"]: entry for entry in case["contenders"]}
        rows.append([str(case[label]) for label in labels] + [cell_of(entries.get(name), cell) for name in names])
    return table([HEADINGS[label] for label in labels] + names, rows)


def failures(result: dict) -> str:
    """What could not be timed, as a list; empty where everything was."""
    lines = [f"- {name} is missing: {reason}" for name, reason in result.get("missing", {}).items()]
    lines += [f"- {reason}" for reason in result.get("failed", {}).values()]
    lines += [
        f"- {entry['name']} failed at m = {case['neurons']}: {entry['failed']}"
        for case in result["cases"]
        for entry in case["contenders"]
        if "failed" in entry
    ]
    return "\n## What could not be timed\n\n" + "\n".join(lines) + "\n" if lines else ""


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
        ratios=case_table(result["cases"], LABELS, ratio, 1),
        rates=case_table(result["cases"], LABELS, rate, 0),
        runs=case_table(result["cases"], LABELS, size, 0),
        failures=failures(result),
        gate=gate_table(result),
        versions=", ".join(f"{name} {version}" for name, version in result["versions"].items()),
        peers="\n".join(f"- {peer.NAME}: {peer.DESCRIPTION}." for peer in peers),
        **{key: result[key] for key in ("date", "command", "version", "commit", "build", "instructions")},
        **result["machine"],
        **result["plan"],
        **result["configuration"],
    )


def slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def write_both(path: Path, text: str, result: dict) -> Path:
    """The page at `path` and everything that was measured beside it as JSON. Returns the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.with_suffix(".json").write_text(json.dumps(result, indent=1) + "\n")
    return path


def write(result: dict, peers: list[ModuleType], folder: Path) -> Path:
    """Writes DATE-MACHINE-cpu.md and .json. Returns the path of the page."""
    machine = result["machine"]
    name = f"{result['date']}-{slug(machine['processor'])}-{machine['available_threads']}-threads-cpu.md"
    return write_both(folder / name, page(result, peers), result)
