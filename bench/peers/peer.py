"""The interface of a peer, and the start that all of them are given.

Each peer is a module with a NAME, a DESCRIPTION and `prepare(configuration, threads) -> Peer`."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .model import Configuration, State

BLOCK = 1000  # a run has a multiple of this many steps: peers may draw their samples in blocks of it


@dataclass(frozen=True)
class Peer:
    """Another program for the same trainings, ready to run."""

    run: Callable[[np.ndarray, int, int], State]  # (start positions [trainings, neurons], steps, seed)
    unit: int  # a run has a multiple of this many trainings
    choice: str = ""  # what was tuned here, for the report


def start_positions(configuration: Configuration, trainings: int, seed: int) -> np.ndarray:
    """Sorted uniform positions [trainings, neurons]."""
    return np.sort(np.random.default_rng(seed).random((trainings, configuration.neurons)), axis=1)
