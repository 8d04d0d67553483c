"""The model of docs/MODEL.md as far as all peers share it: configuration, target, activation, exact loss."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np


@dataclass(frozen=True)
class Configuration:
    """One cell of a sweep: cubic activation, exact derivative, uniform start, uniform label noise."""

    neurons: int
    eta: float = 4e-3  # width of a transition
    epsilon: float = 0.01  # stepsize ratio of the positions to the weights
    h: float = 1e-4  # stepsize of the weights
    noise: float = 1.0  # half-width of the label noise
    base: float = 1.0  # the paper's target: its first value, then its jumps
    jump_at: tuple[float, ...] = (0.2, 0.35, 0.5, 0.65, 0.8)
    jump_by: tuple[float, ...] = (4.0, -4.0, 2.0, -2.0, 4.0)


class State(NamedTuple):
    """Networks at the end of their trainings."""

    position: np.ndarray  # [trainings, neurons]
    weight: np.ndarray  # [trainings, neurons]
    bias: np.ndarray  # [trainings]


def target(configuration: Configuration, x: np.ndarray) -> np.ndarray:
    """f*(x): the base and the jumps at or before x."""
    values = configuration.base + np.concatenate([[0.0], np.cumsum(configuration.jump_by)])
    return values[np.searchsorted(configuration.jump_at, x, side="right")]


def sigma(z: np.ndarray) -> np.ndarray:
    """0 up to -1/2, 4 (z + 1/2)^3 up to 0, 1 - 4 (1/2 - z)^3 up to 1/2, then 1."""
    z = np.clip(z, -0.5, 0.5)
    return np.where(z < 0, 4 * (z + 0.5) ** 3, 1 - 4 * (0.5 - z) ** 3)


def loss(configuration: Configuration, position: np.ndarray, weight: np.ndarray, bias: float) -> float:
    """The integral of (f* - f)^2 over [0,1] for one network.

    Between breakpoints the integrand is a polynomial of degree 6, which four Gauss nodes integrate exactly."""
    half = configuration.eta / 2
    inside = np.concatenate([configuration.jump_at, position - half, position, position + half])
    edges = np.concatenate([[0.0], np.sort(inside[(inside > 0) & (inside < 1)]), [1.0]])
    node, node_weight = np.polynomial.legendre.leggauss(4)
    width = np.diff(edges)[:, None]
    x = edges[:-1, None] + width * (node + 1) / 2  # [pieces, 4]
    f = bias + sigma((x[:, :, None] - position) / configuration.eta) @ weight
    return float(np.sum(width / 2 * node_weight * (target(configuration, x) - f) ** 2))


def losses(configuration: Configuration, state: State) -> np.ndarray:
    """The loss of each training [trainings]."""
    state = State(*(np.asarray(part, dtype=np.float64) for part in state))
    return np.array([loss(configuration, *network) for network in zip(*state)])
