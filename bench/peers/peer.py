"""The interface of a peer, and the start that all of them are given.

Each peer is a module with a NAME, a DESCRIPTION and `prepare(configuration, threads) -> Peer`. A peer on a GPU also has
`check()`, which raises Failure where it cannot run, and `variants(configuration) -> list[Peer]`: every way to compute
among which `prepare` chooses the fastest, so that all of them can be compared with timescape first."""

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .model import Configuration, State

BLOCK = 1000  # a run has a multiple of this many steps: peers may draw their samples in blocks of it
DIFFERENT_STARTS = 1024  # of the many trainings of a run that is timed


class Failure(Exception):
    """The benchmark, or a part of it, cannot go on; the text is one sentence for the user."""


@dataclass(frozen=True)
class Peer:
    """Another program for the same trainings, ready to run."""

    run: Callable[[np.ndarray, int, int], State]  # (start positions [trainings, neurons], steps, seed)
    unit: int  # a run has a multiple of this many trainings
    choice: str = ""  # what was tuned here, for the report
    seconds: Callable[[int, int], float] | None = None  # (trainings, steps): of the steps alone; None: time a run


def start_positions(configuration: Configuration, trainings: int, seed: int) -> np.ndarray:
    """Sorted uniform positions [trainings, neurons]."""
    return np.sort(np.random.default_rng(seed).random((trainings, configuration.neurons)), axis=1)


@functools.lru_cache(maxsize=1)
def timed_start(configuration: Configuration, trainings: int) -> np.ndarray:
    """Positions [trainings, neurons] in float32, not to be changed, for a run of which only the time counts: starts
    repeat."""
    start = start_positions(configuration, min(trainings, DIFFERENT_STARTS), seed=1).astype(np.float32)
    return np.tile(start, (-(-trainings // len(start)), 1))[:trainings]


def powers_of_two(first: int, last: int) -> list[int]:
    """Those from `first`, itself one, to at most `last`, at least one."""
    return [first << shift for shift in range(max(1, (last // first).bit_length()))]


def fastest(peers: list[Peer], seconds_per_step: Callable[[Peer], float]) -> Peer:
    """The one with the least time of a training step."""
    return min(peers, key=seconds_per_step)


def best_batch(build: Callable[[int], Peer], batches: list[int], seconds_per_step: Callable[[Peer], float]) -> int:
    """The batch size, of ascending ones, with the least time of a training step. Ends early when two in a row are
    slower than the best, or when the device has no memory for a larger one."""
    best, least, slower = batches[0], float("inf"), 0
    for batch in batches:
        try:
            seconds = seconds_per_step(build(batch))
        except Exception:  # each library has its own for a lack of memory
            if least == float("inf"):
                raise
            break
        slower = slower + 1 if seconds > least else 0
        if seconds < least:
            best, least = batch, seconds
        if slower == 2:
            break
    return best
