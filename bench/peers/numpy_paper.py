"""NumPy, as the paper's authors would write it: one training at a time, vectorised over neurons, float64."""

import numpy as np

from .model import Configuration, State, sigma, target
from .peer import BLOCK, Peer

NAME = "NumPy"
DESCRIPTION = "one training at a time, vectorised over neurons, float64, one thread"


def train(configuration: Configuration, u: np.ndarray, steps: int, random: np.random.Generator) -> tuple:
    """Train one network from the positions u [neurons]. Returns positions, weights and bias."""
    eta, h, epsilon = configuration.eta, configuration.h, configuration.epsilon
    a, bias = np.zeros_like(u), 0.0
    for _ in range(steps // BLOCK):
        points = random.random(BLOCK)
        labels = target(configuration, points) + random.uniform(-configuration.noise, configuration.noise, BLOCK)
        for x, y in zip(points, labels):
            z = (x - u) / eta
            s = sigma(z)
            derivative = 12 * np.maximum(0.5 - np.abs(z), 0) ** 2
            r = y - (bias + a @ s)
            u = u - 2 * h * epsilon * r * a * derivative / eta
            a = a + 2 * h * r * s
            bias += 2 * h * r
    return u, a, bias


def prepare(configuration: Configuration, threads: int) -> Peer:
    def run(start: np.ndarray, steps: int, seed: int) -> State:
        random = np.random.default_rng([seed, 1])
        networks = [train(configuration, u, steps, random) for u in start]
        return State(*(np.array(part) for part in zip(*networks)))

    return Peer(run, unit=1)
