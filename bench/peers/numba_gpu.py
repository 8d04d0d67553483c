"""Numba on a GPU: a thread for each training, its neurons in a local array, float32 with fastmath.

Random numbers are xoroshiro128+ (Blackman, Vigna 2018), whose state of two words stays in registers: Numba's own
functions for it would load and store the state in each step. Searched for: threads of a block and the number of
trainings."""

import time

import numpy as np

if not hasattr(np, "row_stack"):  # NumPy 2.5 took it out, and numba-cuda 0.30 asks for it when it compiles
    np.row_stack = np.vstack

from numba import cuda, float32, uint64

from .model import Configuration, State
from .peer import BLOCK, Failure, Peer, best_batch, fastest, powers_of_two, timed_start

NAME = "Numba"
DESCRIPTION = "numba.cuda, a thread for each training, neurons in a local array, float32 with fastmath, xoroshiro128+"

SMALLEST_BATCH = 2**12
MOST_NEURONS = 2**27  # of a batch: 1 GiB of positions and weights
THREADS = (64, 128, 256)  # of a block

GAMMA = np.uint64(0x9E3779B97F4A7C15)
ZERO, HALF, ONE, FOUR = np.float32(0), np.float32(0.5), np.float32(1), np.float32(4)
PER_POINT, PER_NOISE = np.float32(2.0**-24), np.float32(2.0**-23)


def check() -> None:
    if not cuda.is_available():
        raise Failure("Numba sees no GPU")


@cuda.jit(device=True)
def mix(counter):
    """SplitMix64 (Steele, Lea, Flood 2014): the seeds of xoroshiro128+."""
    z = (counter ^ (counter >> uint64(30))) * uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> uint64(27))) * uint64(0x94D049BB133111EB)
    return z ^ (z >> uint64(31))


@cuda.jit(device=True)
def rotate(word, bits):
    return (word << uint64(bits)) | (word >> uint64(64 - bits))


def kernel_of(c: Configuration):
    """The kernel for this configuration, whose numbers are constants of it."""
    neurons = c.neurons
    jump_at, jump_by = np.array(c.jump_at, np.float32), np.array(c.jump_by, np.float32)
    base, noise, per_eta = np.float32(c.base), np.float32(c.noise), np.float32(1 / c.eta)
    rate, position_rate = np.float32(2 * c.h), np.float32(12 * c.epsilon / c.eta)

    @cuda.jit(fastmath=True)
    def train(position, weight, bias_of, steps, seed):
        i = cuda.grid(1)
        if i >= bias_of.size:
            return
        at, by = cuda.const.array_like(jump_at), cuda.const.array_like(jump_by)
        u, a = cuda.local.array(neurons, float32), cuda.local.array(neurons, float32)
        for j in range(neurons):
            u[j] = position[i, j]
            a[j] = ZERO
        bias = ZERO
        low = mix(seed + uint64(2 * i + 1) * GAMMA)
        high = mix(seed + uint64(2 * i + 2) * GAMMA)

        for _ in range(steps):
            word = low + high
            high ^= low
            low = rotate(low, 24) ^ high ^ (high << uint64(16))
            high = rotate(high, 37)
            x = float32(word >> uint64(40)) * PER_POINT
            xi = noise * (float32((word >> uint64(16)) & uint64(0xFFFFFF)) * PER_NOISE - ONE)

            y = base + xi
            for k in range(at.size):
                if at[k] <= x:
                    y += by[k]
            f = bias
            for j in range(neurons):
                z = min(max((x - u[j]) * per_eta, -HALF), HALF)
                e = HALF - abs(z)
                cube = FOUR * e * e * e
                f += a[j] * (cube if z < ZERO else ONE - cube)

            g = rate * (y - f)
            bias += g
            for j in range(neurons):
                z = min(max((x - u[j]) * per_eta, -HALF), HALF)
                e = HALF - abs(z)
                cube = FOUR * e * e * e
                old = a[j]
                u[j] -= g * position_rate * old * e * e
                a[j] = old + g * (cube if z < ZERO else ONE - cube)

        for j in range(neurons):
            position[i, j] = u[j]
            weight[i, j] = a[j]
        bias_of[i] = bias

    return train


def build(c: Configuration, kernel, threads: int, batch: int) -> Peer:
    def launch(start: np.ndarray, steps: int, seed: int) -> tuple[tuple, float]:
        """Final state on the device, and the seconds of the kernel."""
        state = (
            cuda.to_device(np.ascontiguousarray(start, np.float32)),
            cuda.device_array(start.shape, np.float32),
            cuda.device_array(len(start), np.float32),
        )
        cuda.synchronize()
        began = time.perf_counter()
        kernel[-(-len(start) // threads), threads](*state, np.int64(steps), np.uint64(seed))
        cuda.synchronize()
        return state, time.perf_counter() - began

    def run(start: np.ndarray, steps: int, seed: int) -> State:
        return State(*(array.copy_to_host() for array in launch(start, steps, seed)[0]))

    def seconds(trainings: int, steps: int) -> float:
        return launch(timed_start(c, trainings), steps, 1)[1]

    return Peer(run, batch, f"{threads} threads a block, batch {batch}", seconds)


def seconds_per_step(peer: Peer) -> float:
    peer.seconds(peer.unit, 2)  # compiles
    return min(peer.seconds(peer.unit, BLOCK) for _ in range(2)) / peer.unit


def variants(c: Configuration) -> list[Peer]:
    return [build(c, kernel_of(c), THREADS[0], 1)]


def prepare(c: Configuration, threads: int) -> Peer:
    """The fastest number of trainings, then the fastest size of a block for it."""
    kernel = kernel_of(c)
    batches = powers_of_two(SMALLEST_BATCH, MOST_NEURONS // c.neurons)
    batch = best_batch(lambda size: build(c, kernel, THREADS[1], size), batches, seconds_per_step)
    return fastest([build(c, kernel, size, batch) for size in THREADS], seconds_per_step)
