"""CuPy on a GPU: a raw CUDA C kernel (cupy_gpu.cu), compiled at run time for the numbers of the configuration.

Searched for: lanes that share a training, so that its neurons fit into registers, and the number of trainings."""

import time
from pathlib import Path

import numpy as np

from .model import Configuration, State
from .peer import BLOCK, Failure, Peer, best_batch, fastest, powers_of_two, timed_start

try:  # the kernel's source and options are of use without it
    import cupy
except ImportError as error:
    cupy, why_not = None, error

NAME = "CuPy"
DESCRIPTION = "RawKernel in CUDA C, one to 256 threads for each training, neurons in registers, float32, Philox"

SOURCE = Path(__file__).with_name("cupy_gpu.cu")
OPTIONS = ("--std=c++17", "--use_fast_math")
WARP = 32
THREADS = 128  # of a block, at least (THREADS in the kernel)
MOST_LANES = 256
FEWEST_OWN, MOST_OWN = 4, 32  # neurons of a thread: fewer are too little work, more do not fit into registers
SMALLEST_GRID = 2**14  # threads
MOST_NEURONS = 2**27  # of a batch: 1 GiB of positions and weights


def check() -> None:
    if cupy is None:
        raise Failure(f"CuPy cannot be imported: {why_not}")
    if cupy.cuda.runtime.getDeviceCount() == 0:
        raise Failure("CuPy sees no GPU")


def source(c: Configuration, lanes: int) -> str:
    """The kernel, with the numbers of the configuration in front."""

    def list_of(values: tuple[float, ...]) -> str:
        return ", ".join(f"{float(value)!r}f" for value in values)

    numbers = {"BASE": c.base, "NOISE": c.noise, "PER_ETA": 1 / c.eta}
    numbers |= {"RATE": 2 * c.h, "POSITION_RATE": 12 * c.epsilon / c.eta}
    macros = {"NEURONS": c.neurons, "LANES": lanes, "JUMP_AT": list_of(c.jump_at), "JUMP_BY": list_of(c.jump_by)}
    macros |= {name: f"{float(value)!r}f" for name, value in numbers.items()}
    return "".join(f"#define {name} {value}\n" for name, value in macros.items()) + SOURCE.read_text()


def lane_choices(neurons: int) -> list[int]:
    """Powers of two that leave a thread a good number of neurons; those nearest to it where none does."""
    lanes = powers_of_two(1, MOST_LANES)
    own = {each: -(-neurons // each) for each in lanes}
    good = [each for each in lanes if FEWEST_OWN <= own[each] <= MOST_OWN]
    return good or [1 if neurons < FEWEST_OWN else MOST_LANES]


def block_of(lanes: int) -> int:
    return max(THREADS, lanes)


def build(c: Configuration, kernel, lanes: int, batch: int) -> Peer:
    """A peer for batches of this many trainings, a multiple of those of a block."""

    def launch(start: np.ndarray, steps: int, seed: int) -> tuple[tuple, float]:
        """Final state on the device, and the seconds of the kernel."""
        u = cupy.asarray(start.astype(np.float32))
        a, bias = cupy.empty_like(u), cupy.empty(len(start), cupy.float32)
        cupy.cuda.Device().synchronize()
        began = time.perf_counter()
        blocks = len(start) * lanes // block_of(lanes)
        kernel((blocks,), (block_of(lanes),), (u, a, bias, np.uint32(steps), np.uint32(seed)))
        cupy.cuda.Device().synchronize()
        return (u, a, bias), time.perf_counter() - began

    def run(start: np.ndarray, steps: int, seed: int) -> State:
        return State(*(array.get() for array in launch(start, steps, seed)[0]))

    def seconds(trainings: int, steps: int) -> float:
        spent = launch(timed_start(c, trainings), steps, 1)[1]
        cupy.get_default_memory_pool().free_all_blocks()  # the others need memory, too
        return spent

    return Peer(run, batch, f"{lanes} lane{'s' if lanes > 1 else ''}, batch {batch}", seconds)


def kernel_of(c: Configuration, lanes: int):
    return cupy.RawKernel(source(c, lanes), "train", options=OPTIONS)


def seconds_per_step(peer: Peer) -> float:
    peer.seconds(peer.unit, 2)  # compiles
    return min(peer.seconds(peer.unit, BLOCK) for _ in range(2)) / peer.unit


def variants(c: Configuration) -> list[Peer]:
    """One lane, several in a warp, and several warps."""
    return [build(c, kernel_of(c, lanes), lanes, THREADS) for lanes in (1, 4, WARP, 2 * WARP, MOST_LANES)]


def in_best_batch(c: Configuration, lanes: int) -> Peer:
    kernel = kernel_of(c, lanes)
    batches = powers_of_two(max(SMALLEST_GRID // lanes, WARP), MOST_NEURONS // c.neurons)
    batch = best_batch(lambda size: build(c, kernel, lanes, size), batches, seconds_per_step)
    return build(c, kernel, lanes, batch)


def prepare(c: Configuration, threads: int) -> Peer:
    """The fastest number of trainings for each number of lanes, and the fastest of these."""
    return fastest([in_best_batch(c, lanes) for lanes in lane_choices(c.neurons)], seconds_per_step)
