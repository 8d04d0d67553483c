"""Numba, branch-free: the cubic for every neuron, so that LLVM makes vectors of the loop over neurons.

float32, and fastmath to allow the sum to be reordered. Changes the rounding, and may change a result with the number of
neurons in a vector; the loop that one writes for speed alone."""

import numba
import numpy as np

from .model import Configuration
from .numba_shared import GAMMA, mix, peer_of, target_at
from .peer import Peer

NAME = "Numba, branch-free"
DESCRIPTION = "prange over trainings, the cubic for all neurons, float32 with fastmath, vectorised by LLVM"

ZERO, HALF, ONE, FOUR = np.float32(0), np.float32(0.5), np.float32(1), np.float32(4)
PER_POINT, PER_NOISE = np.float32(2.0**-24), np.float32(2.0**-23)


@numba.njit(fastmath=True)
def train(u, a, steps, counter, c):
    neurons = u.size
    bias = ZERO
    for _ in range(steps):
        counter += GAMMA
        word = mix(counter)
        x = np.float32(word >> np.uint64(40)) * PER_POINT
        xi = c.noise * (np.float32(word & np.uint64(0xFFFFFF)) * PER_NOISE - ONE)

        f = ZERO
        for j in range(neurons):
            z = min(max((x - u[j]) * c.per_eta, -HALF), HALF)
            e = HALF - abs(z)
            cube = FOUR * e * e * e
            f += a[j] * (cube if z < ZERO else ONE - cube)

        g = c.rate * (target_at(c, x) + xi - bias - f)
        bias += g
        for j in range(neurons):
            z = min(max((x - u[j]) * c.per_eta, -HALF), HALF)
            e = HALF - abs(z)
            cube = FOUR * e * e * e
            weight = a[j]
            u[j] -= g * c.position_rate * weight * e * e
            a[j] = weight + g * (cube if z < ZERO else ONE - cube)
    return bias


def prepare(configuration: Configuration, threads: int) -> Peer:
    return peer_of(train, configuration, threads, np.float32)
