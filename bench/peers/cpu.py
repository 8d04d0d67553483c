"""The comparison on the processors of this machine."""

import argparse
from dataclasses import asdict
from pathlib import Path

from . import jax_scan, numba_loop, numba_vector, numpy_paper, report
from .gate import pass_gate, prove_gate
from .model import Configuration
from .ours import Timescape
from .peer import Failure
from .timing import Plan, contender, measure_case, ourselves

PEERS = [numba_loop, numba_vector, jax_scan, numpy_paper]
SIZES = [20, 32, 256, 1024, 4096]
QUICK_SIZES = [20, 1024]
FULL = Plan(horizon=100_000, seconds=1.0, repeats=5)
QUICK = Plan(horizon=20_000, seconds=0.2, repeats=3)


def measure(timescape: Timescape, neurons: int, threads: int, plan: Plan) -> dict:
    configuration = Configuration(neurons)
    contenders = [ourselves(timescape, configuration, threads)]
    contenders += [contender(module, configuration, threads) for module in PEERS]
    return {"neurons": neurons, "threads": threads, "contenders": measure_case(contenders, plan)}


def run(timescape: Timescape, result: dict, chosen: argparse.Namespace, say) -> Path:
    """Returns the path of the report."""
    result |= {"plan": asdict(chosen.plan), "configuration": asdict(Configuration(neurons=0))}
    del result["configuration"]["neurons"]

    say("checking that all peers compute the same")
    result["gate"], failed = pass_gate(timescape, PEERS, max(chosen.threads))
    for reason in failed.values():
        raise Failure(f"{reason}; no times were taken")
    result["gate"] += prove_gate(timescape)

    result["cases"] = []
    for threads in chosen.threads:
        for neurons in chosen.neurons:
            say(f"timing m = {neurons} with {threads} thread{'s' if threads > 1 else ''}")
            result["cases"].append(measure(timescape, neurons, threads, chosen.plan))
    return report.write(result, PEERS, chosen.results)
