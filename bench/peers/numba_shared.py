"""What both peers in Numba use: constants of a training, random numbers, the target, trainings over threads."""

from collections.abc import Callable
from typing import NamedTuple

import numba
import numpy as np

from .model import Configuration, State
from .peer import Peer

GAMMA = np.uint64(0x9E3779B97F4A7C15)


class Constants(NamedTuple):
    """All of one floating-point type: in Numba a float64 among float32 makes a float64."""

    jump_at: np.ndarray
    jump_by: np.ndarray
    base: float
    noise: float
    eta: float
    per_eta: float  # 1 / eta
    rate: float  # 2 h
    position_rate: float  # 12 epsilon / eta: the derivative is 12 (1/2 - |z|)^2


def constants(configuration: Configuration, real: type) -> Constants:
    c = configuration
    scalars = (c.base, c.noise, c.eta, 1 / c.eta, 2 * c.h, 12 * c.epsilon / c.eta)
    return Constants(np.array(c.jump_at, real), np.array(c.jump_by, real), *(real(value) for value in scalars))


@numba.njit(inline="always")
def mix(counter):
    """SplitMix64 (Steele, Lea, Flood 2014): 64 random bits from a counter that advances by GAMMA."""
    z = (counter ^ (counter >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@numba.njit(inline="always")
def target_at(c, x):
    y = c.base
    for k in range(c.jump_at.size):
        if c.jump_at[k] <= x:
            y += c.jump_by[k]
    return y


def peer_of(train: Callable, configuration: Configuration, threads: int, real: type) -> Peer:
    """A peer that spreads trainings over threads; train(u, a, steps, counter, constants) updates u and a [neurons]
    and returns the bias."""

    @numba.njit(parallel=True)
    def train_all(u, a, bias, steps, seed, c):
        for i in numba.prange(u.shape[0]):
            bias[i] = train(u[i], a[i], steps, mix(seed + np.uint64(i) * GAMMA), c)

    c = constants(configuration, real)

    def run(start: np.ndarray, steps: int, seed: int) -> State:
        numba.set_num_threads(threads)
        u = start.astype(real)
        a, bias = np.zeros_like(u), np.zeros(len(u), real)
        train_all(u, a, bias, steps, np.uint64(mix(np.uint64(seed))), c)  # mix returns a plain int here
        return State(u, a, bias)

    return Peer(run, unit=threads)
