"""Compare timescape with its peers: first that they compute the same, then how fast. Called by tools/bench.sh."""

import argparse
import os
import platform
import shlex
import subprocess
import sys
from dataclasses import replace
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from .model import Configuration
from .ours import Timescape
from .peer import Failure

LIBRARIES = ("numpy", "scipy", "numba", "numba-cuda", "jax", "jaxlib", "jax-cuda13-plugin", "jax-cuda12-plugin")
LIBRARIES += ("cupy", "cupy-cuda13x", "cupy-cuda12x")


def arguments() -> argparse.Namespace:
    processors = len(os.sched_getaffinity(0))
    parser = argparse.ArgumentParser(prog="bench.sh", usage="see bench.sh --help")
    for flag in ("--quick", "--gpu", "--continue", "--dry-run"):
        parser.add_argument(flag, action="store_true")
    parser.add_argument("--neurons", type=int, nargs="+")
    parser.add_argument("--threads", type=int, nargs="+")
    parser.add_argument("--repeats", type=int)
    parser.add_argument("--device", type=int, default=0)
    parser.add_argument("--build", type=Path, required=True)  # this one and the next come from bench.sh
    parser.add_argument("--results", type=Path, required=True)
    chosen = parser.parse_args()
    if not all(1 <= threads <= processors for threads in chosen.threads or []):
        parser.error(f"--threads: allowed are 1 to {processors} on this machine")
    if not all(1 <= neurons <= 4096 for neurons in chosen.neurons or []):
        parser.error("--neurons: allowed are 1 to 4096")
    if chosen.repeats is not None and chosen.repeats < 1:
        parser.error("--repeats: at least 1 is needed")
    if chosen.threads and chosen.gpu:
        parser.error("--threads is not for --gpu")
    if not chosen.gpu and (getattr(chosen, "continue") or chosen.dry_run or chosen.device):
        parser.error("--continue, --dry-run and --device are for --gpu")
    return chosen


def say(text: str) -> None:
    print(f"bench: {text}", file=sys.stderr, flush=True)


def versions() -> dict[str, str]:
    found = {"Python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            pass
    return found


def has_changes() -> bool:
    """Does the source differ from its commit? False where git cannot tell."""
    status = "status", "--porcelain", "--", ":/", ":(top,exclude)bench/results"
    try:
        done = subprocess.run(["git", "-C", Path(__file__).parent, *status], capture_output=True, text=True)
    except OSError:
        return False
    return bool(done.stdout.strip())


def about(ours: dict) -> dict:
    """What is measured, where and with what; `ours` is a report of timescape_throughput."""
    changed = has_changes() and not ours["commit"].endswith("-dirty")
    return {
        "date": date.today().isoformat(),
        "command": shlex.join(["tools/bench.sh", *sys.argv[3:]]),  # bench.sh puts two arguments of its own first
        "machine": ours["machine"],
        "version": ours["version"],
        "commit": ours["commit"] + (" with uncommitted changes" if changed else ""),
        "build": ours["build"],
        "versions": versions(),
    }


def plan_of(chosen: argparse.Namespace, full, quick):
    plan = quick if chosen.quick else full
    return plan if chosen.repeats is None else replace(plan, repeats=chosen.repeats)


def compare_on_processors(chosen: argparse.Namespace) -> tuple[Path, dict]:
    """The report and its path."""
    from . import cpu  # its JAX is one without a GPU

    processors = len(os.sched_getaffinity(0))
    chosen.plan = plan_of(chosen, cpu.FULL, cpu.QUICK)
    chosen.neurons = chosen.neurons or (cpu.QUICK_SIZES if chosen.quick else cpu.SIZES)
    chosen.threads = chosen.threads or ([processors] if chosen.quick else sorted({processors, 1}, reverse=True))
    timescape = Timescape(chosen.build)
    ours = timescape.throughput(Configuration(neurons=20), threads=1, replicates=1, steps=1000)
    result = about(ours) | {"instructions": ours["rows"][0]["instructions"]}
    return cpu.run(timescape, result, chosen, say), result


def show_only(device: int) -> None:
    """Make it the only GPU that this program, its libraries and the programs that it starts see."""
    names = [name for name in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if name]
    if names and device >= len(names):
        raise Failure(f"--device: found {device}, CUDA_VISIBLE_DEVICES shows {len(names)}, numbered from 0")
    os.environ["CUDA_VISIBLE_DEVICES"] = names[device] if names else str(device)


def compare_on_gpu(chosen: argparse.Namespace) -> tuple[Path, dict]:
    """The report and its path."""
    show_only(chosen.device)
    from . import gpu

    plan = plan_of(chosen, gpu.FULL, gpu.QUICK)
    sizes = sorted(set(chosen.neurons or (gpu.QUICK_SIZES if chosen.quick else gpu.SIZES)))
    timescape = Timescape(chosen.build, "cuda")
    ours = gpu.check_gpu(timescape)
    result = about(ours) | gpu.beginning(ours, plan)
    return gpu.run(timescape, result, sizes, plan, getattr(chosen, "continue"), chosen.results, say), result


def main() -> int:
    chosen = arguments()
    try:
        if chosen.dry_run:
            from . import dry_run

            return dry_run.run(chosen.build, chosen.results, about, say)
        path, result = compare_on_gpu(chosen) if chosen.gpu else compare_on_processors(chosen)
    except Failure as failure:
        say(str(failure))
        return 1
    except KeyboardInterrupt:
        say("stopped")
        return 130
    print(path.read_text())
    say(f"wrote {path} and {path.with_suffix('.json').name}")
    entries = [entry for case in result["cases"] for entry in case["contenders"]]
    failed = [*result.get("failed", {}), *(entry["name"] for entry in entries if "failed" in entry)]
    if failed:
        say(f"failed: {', '.join(dict.fromkeys(failed))}; the report says why")
    return 1 if failed else 0


sys.exit(main())
