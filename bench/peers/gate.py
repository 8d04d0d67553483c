"""Only a peer that computes the same is worth a comparison: its final losses must have the distribution of timescape's,
by two-sample Kolmogorov-Smirnov tests in small cells.

The cells have strong noise, wide transitions and large steps, so that every part of the model shows in the loss. That
the test can fail is part of it: it must tell trainings apart in which one setting is off by a factor of 2."""

from dataclasses import replace
from types import ModuleType

import numpy as np
from scipy.stats import ks_2samp

from . import numba_loop, numpy_paper
from .model import Configuration, losses
from .ours import Failure, Timescape
from .peer import Peer, start_positions

CELLS = {  # what it shows best: cell, steps
    "all": (Configuration(neurons=20, eta=0.02, epsilon=0.01, h=6e-3, noise=4.0), 2000),
    "transitions": (Configuration(neurons=10, eta=0.1, epsilon=0.05, h=2e-2, noise=2.0), 5000),
    "bias": (Configuration(neurons=3, eta=0.1, epsilon=0.01, h=1e-2, noise=2.0), 2000),
}
TRAININGS = 4000
FEW_TRAININGS = 100  # of the slow peer and of the wrong trainings
LIMIT = 1e-4  # a smaller p-value is a difference
WRONG = {"noise": 0.5, "epsilon": 0.5, "h": 0.5, "eta": 2.0}  # setting of the first cell: factor


def losses_of(peer: Peer, cell: Configuration, steps: int, trainings: int, seed: int) -> np.ndarray:
    trainings += -trainings % peer.unit
    return losses(cell, peer.run(start_positions(cell, trainings, seed), steps, seed))


def losses_of_ours(timescape: Timescape, cell: Configuration, steps: int) -> np.ndarray:
    ours = losses(cell, timescape.train(cell, TRAININGS, steps, seed=1))
    if not np.all(np.isfinite(ours)):
        raise Failure("a training of timescape diverged in a cell of the gate, so that nothing can be compared")
    return ours


def row(name: str, cell: str, ours: np.ndarray, theirs: np.ndarray) -> dict:
    """One comparison, for the report. A training that is not finite is a difference."""
    finite = np.all(np.isfinite(theirs))
    return {
        "name": name,
        "cell": cell,
        "trainings": len(theirs),
        "median_loss": float(np.median(theirs)),
        "median_loss_of_ours": float(np.median(ours)),
        "p_value": float(ks_2samp(ours, theirs).pvalue) if finite else 0.0,
    }


def pass_gate(timescape: Timescape, peers: list[ModuleType], threads: int) -> list[dict]:
    """Compares every peer with timescape. Returns rows for the report; raises Failure for a peer that differs."""
    rows = []
    for name, (cell, steps) in CELLS.items():
        ours = losses_of_ours(timescape, cell, steps)
        for seed, peer in enumerate(peers, start=2):
            trainings = FEW_TRAININGS if peer is numpy_paper else TRAININGS
            theirs = losses_of(peer.prepare(cell, threads), cell, steps, trainings, seed)
            rows.append(row(peer.NAME, name, ours, theirs))
            if not rows[-1]["p_value"] >= LIMIT:
                raise Failure(difference(rows[-1]))
    return rows


def difference(found: dict) -> str:
    return (
        f"the peer '{found['name']}' does not train as timescape does: in the cell '{found['cell']}' its final losses "
        f"have another distribution (median {found['median_loss']:.3g} instead of {found['median_loss_of_ours']:.3g}, "
        f"Kolmogorov-Smirnov p = {found['p_value']:.1g}); no times were taken"
    )


def prove_gate(timescape: Timescape, threads: int) -> list[dict]:
    """The gate must be able to fail: trainings with a wrong setting. Raises Failure where they pass."""
    name, (cell, steps) = next(iter(CELLS.items()))
    ours = losses_of_ours(timescape, cell, steps)
    rows = []
    for setting, factor in WRONG.items():
        wrong = numba_loop.prepare(replace(cell, **{setting: getattr(cell, setting) * factor}), threads)
        theirs = losses_of(wrong, cell, steps, FEW_TRAININGS, seed=9)
        rows.append(row(f"wrong on purpose: {setting} x {factor:g}", name, ours, theirs))
        if rows[-1]["p_value"] >= LIMIT:
            raise Failure(f"the gate cannot tell trainings with a wrong {setting} from right ones; it proves nothing")
    return rows
