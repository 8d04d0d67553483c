"""The result as a page for people and as JSON for programs."""

import json
import re
from datetime import date
from pathlib import Path
from types import ModuleType

from .timing import OURS

HEAD = """# timescape and its peers on a CPU

How many times as fast timescape is: median of the ratios within one repeat (least to greatest of {repeats} repeats).

{ratios}

Training steps per second, medians:

{rates}

| | |
|---|---|
| machine | {processor}, {processors} |
| timescape | {version}, commit {commit}; {build}; instructions {instructions} |
| versions | {versions} |
| date, command | {date}, `{command}` |

All run the paper's target with eta = {eta:g}, epsilon = {epsilon:g}, h = {h:g}, noise {noise:g}, exact derivative, uniform start, horizon {horizon}
steps, in turns on the same machine; a run takes about {seconds:g} s. Starting positions, final losses and
compiling are excluded.

{peers}

Where a batch over the whole horizon would take too long, a shorter horizon was run and the time taken per step: {shortened}.

Before that, the final losses of each peer in a small cell were compared with those of timescape (two-sample Kolmogorov-Smirnov; a p below 1e-4 stops
the benchmark), and trainings with one wrong setting had to be noticed:

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


def case_rows(result: dict, cell: callable, first: int) -> list[list[str]]:
    return [
        [str(case["threads"]), str(case["neurons"])] + [cell(entry) for entry in case["contenders"][first:]]
        for case in result["cases"]
    ]


def shortened(result: dict) -> str:
    """Who ran less than the horizon, and where."""
    found: dict[str, list[str]] = {}
    for case in result["cases"]:
        for entry in case["contenders"]:
            if entry["steps"] < result["plan"]["horizon"]:
                found.setdefault(entry["name"], []).append(f"{case['neurons']}/{case['threads']}")
    return "; ".join(f"{name} at m/threads = {', '.join(where)}" for name, where in found.items()) or "nowhere"


def choices(result: dict) -> str:
    found = [
        f"{entry['choice']} at m = {case['neurons']} with threads = {case['threads']}"
        for case in result["cases"]
        for entry in case["contenders"]
        if entry["choice"]
    ]
    return "; ".join(found)


def page(result: dict, peers: list[ModuleType]) -> str:
    names = [entry["name"] for entry in result["cases"][0]["contenders"]]
    head = ["threads", "m"]
    gate = [[row["name"], str(row["trainings"]), f"{row['median_loss']:.4f}", f"{row['p_value']:.2g}"] for row in result["gate"]]
    lines = [f"- {peer.NAME}: {peer.DESCRIPTION}." for peer in peers]
    lines.append(f"- Searched for: {choices(result)}.")
    return HEAD.format(
        ratios=table(head + names[1:], case_rows(result, ratio, 1)),
        rates=table(head + names, case_rows(result, rate, 0)),
        versions=", ".join(f"{name} {version}" for name, version in result["versions"].items()),
        peers="\n".join(lines),
        shortened=shortened(result),
        gate=table(["trainings of", "number", "median loss", "p"], gate),
        **{key: result[key] for key in ("date", "command", "version", "commit", "build", "instructions")},
        **result["machine"],
        **result["plan"],
        **result["configuration"],
    )


def write(result: dict, peers: list[ModuleType], folder: Path) -> Path:
    """Writes DATE-MACHINE-cpu.md and .json. Returns the path of the page."""
    machine = re.sub(r"[^a-z0-9]+", "-", result["machine"]["processor"].lower()).strip("-")
    stem = f"{result['date']}-{machine}-{result['machine']['threads']}-threads-cpu"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{stem}.md"
    path.write_text(page(result, peers))
    path.with_suffix(".json").write_text(json.dumps(result, indent=1) + "\n")
    return path
