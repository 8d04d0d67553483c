"""What can be checked of the comparison on a GPU without one.

- timescape's final states and its report, by the backend cpu;
- every peer that can be imported, against timescape by the gate in its smallest cell: NumPy as it is, JAX on the
  processor, Numba's kernel in its simulator, which runs Python;
- the search for the best variant and batch of JAX and Numba, over tiny batches;
- that CuPy's kernel compiles, where nvcc is there;
- the report, rendered from made-up times, with the name of a made-up GPU.

Raises Failure, or another exception, where something is wrong; what cannot be checked here is said."""

import importlib.util
import os
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path

os.environ["JAX_PLATFORMS"] = "cpu"  # before they are imported
os.environ["NUMBA_ENABLE_CUDASIM"] = "1"

from . import cupy_gpu, gpu, phase, report_gpu
from .gate import pass_gate
from .model import Configuration
from .ours import Timescape
from .peer import BLOCK, Failure
from .timing import OURS, Contender, Plan, contender, summary

CELL = "bias"  # of the gate: 3 neurons
TRAININGS = 200  # of it
NVCC = "/usr/local/cuda/bin/nvcc"  # where it is not on the PATH
Say = Callable[[str], None]
MADE_UP_GATE = [
    {"name": name, "cell": CELL, "trainings": 1, "median_loss": 1.0, "median_loss_of_ours": 1.0, "p_value": p_value}
    for name, p_value in (("NumPy", 0.5), ("JAX (a variant)", 0.25), ("wrong on purpose: noise x 0.5", 1e-9))
]


def have(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def check_peers(timescape: Timescape, say: Say) -> None:
    peers, missing = gpu.load(check=False)
    runnable = [peer for peer in peers if peer is not cupy_gpu]  # its kernel runs on a GPU only
    for name, reason in missing.items():
        say(f"the peer {name} is missing: {reason}")
    if not have("cupy"):
        say("the peer CuPy is missing: there is no module named 'cupy'")
    if not have("scipy"):
        say("the gate: not run, scipy is missing")
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of NumPy's integers, which wrap as those of a GPU
        rows, failed = pass_gate(timescape, runnable, 1, (CELL,), lambda peer: TRAININGS)
    for reason in failed.values():
        raise Failure(reason)
    for found in rows:
        say(f"the gate: {found['name']} passed with p = {found['p_value']:.2g}")


def check_search(say: Say) -> None:
    """Runs what prepares a peer and times it, for few trainings: whether it runs, not what it finds."""
    for module in ("jax_gpu", "numba_gpu"):
        try:
            peer = importlib.import_module(f".{module}", __package__)
        except ImportError:
            continue  # said before
        peer.SMALLEST_BATCH, peer.MIDDLE_BATCH, peer.MOST_NEURONS = 2, 2, 2 * gpu.phase.NODES[0]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            chosen = contender(peer, Configuration(gpu.phase.NODES[0]), threads=1)
            chosen.attempt(lambda: chosen.choose(Plan(BLOCK, 1e-3, 1), 1.0))
            chosen.attempt(chosen.measure)
        if chosen.failed or not chosen.rates[0] > 0:
            raise Failure(f"the peer {peer.NAME} cannot be timed: {chosen.failed}")
        say(f"the search: {peer.NAME} can be tuned and timed")


def check_kernel(say: Say) -> None:
    nvcc = shutil.which("nvcc") or (NVCC if Path(NVCC).exists() else None)
    if not nvcc:
        say("CuPy's kernel: not compiled, there is no nvcc")
        return
    with tempfile.TemporaryDirectory() as folder:
        for neurons in gpu.SIZES:
            lanes = cupy_gpu.lane_choices(neurons)[-1]
            source = Path(folder, "kernel.cu")
            source.write_text(cupy_gpu.source(Configuration(neurons), lanes))
            command = [nvcc, "-ptx", *cupy_gpu.OPTIONS, "-o", str(source.with_suffix(".ptx")), str(source)]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                said = (done.stderr or done.stdout).strip()
                raise Failure(f"CuPy's kernel for m = {neurons} does not compile: {said}")
    say(f"CuPy's kernel: compiled for m = {', '.join(str(neurons) for neurons in gpu.SIZES)}")


def made_up_case(neurons: int, peers: dict[str, str]) -> dict:
    """Entries of a case whose times nobody took: the k-th peer is k + 1 times as slow, the last one failed."""
    details = {"clock_hz": [1e9, None], "watts": [500.0, None], "joules_per_1e12_neuron_steps": [None, None]}
    ours = Contender(OURS, lambda trainings, steps: 1.0, 32, "batch 32", 32, 1000, [1e9, 2e9], details)
    entries = [summary(ours, ours)]
    for k, name in enumerate(peers.values(), start=1):
        rates = [1e9 / (k + 1), 2e9 / (k + 1)]
        failed = "out of memory" if neurons == 4096 and k == len(peers) else ""
        entries.append(summary(Contender(name, ours.seconds, 1, "", 1, 1000, rates, failed=failed), ours))
    return {"neurons": neurons, "contenders": entries}


def made_up_rows(sizes: list[int]) -> list[dict]:
    """What timescape_throughput would say of times that nobody took: those of made_up_case."""
    times = {"median_step_seconds": 0.75, "step_seconds": [1.0, 0.5], "training_steps_per_second": 1e9 / 0.75}
    return [{"neurons": m} | times for m in sizes]


def check_report(timescape: Timescape, folder: Path, about: Callable[[dict], dict], say: Say) -> None:
    made_up = {"index": 0, "name": "a made-up GPU", "multiprocessors": 1, "compute_capability": "9.0", "pci_bus_id": ""}
    made_up |= {"greatest_clock_hz": 1e9, "power_limit_watts": None, "driver": "", "without_nvml": "there is no driver"}
    made_up |= {"cuda_of_driver": "13.0", "cuda_runtime": "13.0"}
    ours = timescape.throughput(Configuration(neurons=20), replicates=1, steps=10)
    result = about(ours) | gpu.beginning(ours | {"gpu": made_up}, gpu.QUICK)
    result |= {"missing": {"Another": "it is made up"}, "failed": {}, "gate": MADE_UP_GATE}
    result["cases"] = [made_up_case(neurons, gpu.MODULES) for neurons in gpu.SIZES]
    if have("yaml"):
        workload = phase.read()
        result["phase"] = phase.compare(result["cases"], made_up_rows(workload.neurons), workload)
        found = {entry["name"]: entry["ratio_median"] for entry in result["phase"]["contenders"]}
        expected = {OURS: 1.0} | {name: k + 1.0 for k, name in enumerate(gpu.MODULES.values(), start=1)}
        if not all(abs(found.get(name, 0) / value - 1) < 1e-9 for name, value in expected.items()):
            raise Failure(f"the workload of configs/phase.yaml: from made-up times {expected} came {found}")
    else:
        say("the workload of configs/phase.yaml: not read, PyYAML is missing")
    text = report_gpu.write(result, [], folder).read_text()
    kept = gpu.earlier(folder, result)
    for piece in ("**2** (2 to 2)", "failed at m = 4096: out of memory", "Another is missing", "1 (1 to 1)"):
        if piece not in text:
            raise Failure(f"the report lacks '{piece}'")
    if kept.get("cases") != result["cases"]:
        raise Failure("a report cannot be continued: it reads other cases than were written")
    say("the report: rendered from made-up times")


def run(build: Path, results: Path, about: Callable[[dict], dict], say: Say) -> int:
    timescape = Timescape(build)
    check_report(timescape, results, about, say)
    check_kernel(say)
    check_peers(timescape, say)
    check_search(say)
    say("dry run: all that can be checked without a GPU is right")
    return 0
