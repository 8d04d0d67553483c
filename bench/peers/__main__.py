"""Compare timescape with its peers: first that they compute the same, then how fast. Called by tools/bench.sh."""

import argparse
import platform
import shlex
import subprocess
import sys
from dataclasses import asdict, replace
from datetime import date
from importlib.metadata import version
from os import sched_getaffinity
from pathlib import Path

from . import jax_scan, numba_loop, numba_vector, numpy_paper, report
from .gate import pass_gate, prove_gate
from .model import Configuration
from .ours import Failure, Timescape
from .timing import Plan, measure_case

PEERS = [numba_loop, numba_vector, jax_scan, numpy_paper]
FULL = Plan(horizon=100_000, seconds=1.0, repeats=5)
QUICK = Plan(horizon=20_000, seconds=0.2, repeats=3)


def arguments() -> argparse.Namespace:
    processors = len(sched_getaffinity(0))
    parser = argparse.ArgumentParser(prog="bench.sh", usage="bench.sh [--quick] [--neurons M...] [--threads N...]")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--neurons", type=int, nargs="+")
    parser.add_argument("--threads", type=int, nargs="+")
    parser.add_argument("--repeats", type=int)
    parser.add_argument("--build", type=Path, required=True)  # this one and the next come from bench.sh
    parser.add_argument("--results", type=Path, required=True)
    chosen = parser.parse_args()
    chosen.neurons = chosen.neurons or ([20, 1024] if chosen.quick else [20, 32, 256, 1024, 4096])
    chosen.threads = chosen.threads or ([processors] if chosen.quick else sorted({processors, 1}, reverse=True))
    chosen.plan = QUICK if chosen.quick else FULL
    if chosen.repeats is not None:
        chosen.plan = replace(chosen.plan, repeats=chosen.repeats)
    if not all(1 <= threads <= processors for threads in chosen.threads):
        parser.error(f"--threads: allowed are 1 to {processors} on this machine")
    if not all(1 <= neurons <= 4096 for neurons in chosen.neurons):
        parser.error("--neurons: allowed are 1 to 4096")
    if chosen.plan.repeats < 1:
        parser.error("--repeats: at least 1 is needed")
    return chosen


def say(text: str) -> None:
    print(f"bench: {text}", file=sys.stderr, flush=True)


def run(chosen: argparse.Namespace) -> dict:
    timescape = Timescape(chosen.build)
    result = about(timescape)
    result |= {"plan": asdict(chosen.plan), "configuration": asdict(Configuration(neurons=0))}
    del result["configuration"]["neurons"]

    say("checking that all peers compute the same")
    most = max(chosen.threads)
    result["gate"] = pass_gate(timescape, PEERS, most) + prove_gate(timescape, most)

    result["cases"] = []
    for threads in chosen.threads:
        for neurons in chosen.neurons:
            say(f"timing m = {neurons} with {threads} thread{'s' if threads > 1 else ''}")
            result["cases"].append(measure_case(timescape, PEERS, Configuration(neurons), threads, chosen.plan))
    return result


def about(timescape: Timescape) -> dict:
    """What is measured, where and with what."""
    ours = timescape.throughput(Configuration(neurons=20), threads=1, trainings=1, steps=1000)
    status = [
        "git",
        "-C",
        str(Path(__file__).parent),
        "status",
        "--porcelain",
        "--",
        ":/",
        ":(top,exclude)bench/results",
    ]
    changes = subprocess.run(status, capture_output=True, text=True).stdout.strip()
    libraries = ("numpy", "numba", "jax", "jaxlib")
    return {
        "date": date.today().isoformat(),
        "command": shlex.join(["tools/bench.sh", *sys.argv[3:]]),  # bench.sh puts two arguments of its own first
        "machine": ours["machine"],
        "version": ours["version"],
        "commit": ours["commit"] + (" with uncommitted changes" if changes else ""),
        "build": ours["build"],
        "instructions": ours["rows"][0]["instructions"],
        "versions": {"Python": platform.python_version()} | {name: version(name) for name in libraries},
    }


def main() -> int:
    chosen = arguments()
    try:
        result = run(chosen)
    except Failure as failure:
        say(str(failure))
        return 1
    except KeyboardInterrupt:
        say("stopped; nothing was written")
        return 130
    path = report.write(result, PEERS, chosen.build if chosen.quick else chosen.results)
    print(path.read_text())
    say(f"wrote {path} and {path.with_suffix('.json').name}")
    return 0


sys.exit(main())
