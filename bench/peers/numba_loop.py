"""Numba, scalar: a loop over neurons with early outs, a training a thread.

The first pass remembers which neurons are in transition, so that the second is one addition for each neuron that is on,
which LLVM vectorises, and the cubic again for those few. Of the variants tried (the second pass with the same branches
as the first, float32, fastmath) this is the fastest or within a few per cent of it."""

import numba
import numpy as np

from .model import Configuration
from .numba_shared import GAMMA, mix, peer_of, target_at
from .peer import Peer

NAME = "Numba, scalar loop"
DESCRIPTION = "prange over trainings, early outs for neurons that are on or off, float64"


@numba.njit(inline="always")
def sigma(t):
    """Inside a transition, t = z + 1/2 in (0, 1)."""
    s = 1 - t
    return 4 * t * t * t if t < 0.5 else 1 - 4 * s * s * s


@numba.njit
def train(u, a, steps, counter, c):
    neurons = u.size
    in_transition = np.empty(neurons, np.int64)
    bias = 0.0
    for _ in range(steps):
        counter += GAMMA
        word = mix(counter)
        x = (word >> np.uint64(32)) * 2.0**-32
        xi = c.noise * ((word & np.uint64(0xFFFFFFFF)) * 2.0**-31 - 1)

        edge = x + c.eta / 2
        count = 0
        f = bias
        for j in range(neurons):
            t = edge - u[j]
            if t >= c.eta:
                f += a[j]
            elif t > 0:
                f += a[j] * sigma(t * c.per_eta)
                in_transition[count] = j
                count += 1

        g = c.rate * (target_at(c, x) + xi - f)
        bias += g
        for j in range(neurons):
            a[j] += g if edge - u[j] >= c.eta else 0.0
        for i in range(count):
            j = in_transition[i]
            t = (edge - u[j]) * c.per_eta
            e = 0.5 - abs(t - 0.5)
            u[j] -= g * c.position_rate * a[j] * e * e
            a[j] += g * sigma(t)
    return bias


def prepare(configuration: Configuration, threads: int) -> Peer:
    return peer_of(train, configuration, threads, np.float64)
