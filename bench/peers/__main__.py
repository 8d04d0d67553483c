"""Compare timescape with its peers: first that they compute the same, then how fast. Called by tools/bench.sh."""

import argparse
import platform
import shlex
import subprocess
import sys
from dataclasses import asdict
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
    parser = argparse.ArgumentParser(prog="bench.sh", description="Compare the speed of timescape with that of its peers.")
    parser.add_argument("--quick", action="store_true", help="a short trial: two network sizes, all threads, short runs")
    parser.add_argument("--neurons", type=int, nargs="+", help="network sizes (default 20 32 256 1024 4096)")
    parser.add_argument("--threads", type=int, nargs="+", help="numbers of threads (default: all, then 1)")
    parser.add_argument("--repeats", type=int, help="of each measurement (default 5)")
    parser.add_argument("--build", type=Path, required=True, help=argparse.SUPPRESS)  # these two come from bench.sh
    parser.add_argument("--results", type=Path, required=True, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    chosen.neurons = chosen.neurons or ([20, 1024] if chosen.quick else [20, 32, 256, 1024, 4096])
    chosen.threads = chosen.threads or ([processors] if chosen.quick else sorted({processors, 1}, reverse=True))
    if not all(1 <= threads <= processors for threads in chosen.threads):
        parser.error(f"--threads: allowed are 1 to {processors} on this machine")
    if not all(1 <= neurons <= 4096 for neurons in chosen.neurons):
        parser.error("--neurons: allowed are 1 to 4096")
    if chosen.repeats is not None and chosen.repeats < 1:
        parser.error("--repeats: at least 1 is needed")
    return chosen


def say(text: str) -> None:
    print(f"bench: {text}", file=sys.stderr, flush=True)


def run(chosen: argparse.Namespace) -> Path:
    timescape = Timescape(chosen.build)
    plan = QUICK if chosen.quick else FULL
    plan = Plan(plan.horizon, plan.seconds, chosen.repeats or plan.repeats)

    say("checking that all peers compute the same")
    most = max(chosen.threads)
    gate = pass_gate(timescape, PEERS, most) + prove_gate(timescape, most)

    cases = []
    for threads in chosen.threads:
        for neurons in chosen.neurons:
            say(f"timing m = {neurons} with {threads} thread{'s' if threads > 1 else ''}")
            cases.append(measure_case(timescape, PEERS, Configuration(neurons), threads, plan))
    result = about(timescape) | {"gate": gate, "plan": asdict(plan), "configuration": asdict(Configuration(0)), "cases": cases}
    return report.write(result, PEERS, chosen.results)


def about(timescape: Timescape) -> dict:
    """What was measured, where and with what."""
    ours = timescape.throughput(Configuration(20), 1, 1, 1000)
    machine = ours["machine"]
    root = Path(__file__).parents[2]
    changes = subprocess.run(
        ["git", "-C", root, "status", "--porcelain", "--", ".", ":!bench/results"], capture_output=True, text=True
    )
    libraries = ("numpy", "numba", "jax", "jaxlib")
    return {
        "date": date.today().isoformat(),
        "command": shlex.join(["tools/bench.sh", *own_arguments()]),
        "machine": machine | {"processors": f"{machine['cores']} cores, {machine['available_threads']} threads used at most"},
        "version": ours["version"],
        "commit": ours["commit"] + (" and uncommitted changes" if changes.stdout.strip() else ""),
        "build": ours["build"],
        "instructions": ours["rows"][0]["instructions"],
        "versions": {"Python": platform.python_version()} | {name: version(name) for name in libraries},
    }


def own_arguments() -> list[str]:
    """The user's arguments: bench.sh puts its own two first."""
    return sys.argv[3:]


def main() -> int:
    try:
        path = run(arguments())
    except Failure as failure:
        say(str(failure))
        return 1
    except KeyboardInterrupt:
        say("stopped; nothing was written")
        return 130
    print(path.read_text())
    say(f"wrote {path} and {path.with_suffix('.json').name}")
    return 0


sys.exit(main())
