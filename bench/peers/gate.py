"""Only a peer that computes the same is worth a comparison: its final losses must have the distribution of timescape's,
by two-sample Kolmogorov-Smirnov tests in small cells. A peer that has several variants needs all of them right.

The cells have strong noise, wide transitions and large steps, so that every part of the model shows in the loss. That
the test can fail is part of it: it must tell trainings apart in which one setting is off by a factor of 2."""

from collections.abc import Callable
from dataclasses import replace
from types import ModuleType

import numpy as np

from .model import Configuration, losses
from .ours import Timescape
from .peer import Failure, Peer, start_positions
from .timing import first_line

CELLS = {  # what it shows best: cell, steps
    "all": (Configuration(neurons=20, eta=0.02, epsilon=0.01, h=6e-3, noise=4.0), 2000),
    "transitions": (Configuration(neurons=10, eta=0.1, epsilon=0.05, h=2e-2, noise=2.0), 5000),
    "bias": (Configuration(neurons=3, eta=0.1, epsilon=0.01, h=1e-2, noise=2.0), 2000),
}
TRAININGS = 4000
FEW_TRAININGS = 100  # of slow peers and of the wrong trainings
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
    from scipy.stats import ks_2samp

    finite = np.all(np.isfinite(theirs))
    return {
        "name": name,
        "cell": cell,
        "trainings": len(theirs),
        "median_loss": float(np.median(theirs)),
        "median_loss_of_ours": float(np.median(ours)),
        "p_value": float(ks_2samp(ours, theirs).pvalue) if finite else 0.0,
    }


def variants_of(module: ModuleType, cell: Configuration, threads: int) -> list[Peer]:
    return module.variants(cell) if hasattr(module, "variants") else [module.prepare(cell, threads)]


def compare(
    module: ModuleType, name: str, ours: np.ndarray, threads: int, seed: int, trainings: int, rows: list[dict]
) -> None:
    """Adds a row for each variant of the peer in the cell `name`; raises Failure at one that differs."""
    cell, steps = CELLS[name]
    for peer in variants_of(module, cell, threads):
        label = f"{module.NAME} ({peer.choice})" if hasattr(module, "variants") else module.NAME
        rows.append(row(label, name, ours, losses_of(peer, cell, steps, trainings, seed)))
        if not rows[-1]["p_value"] >= LIMIT:
            raise Failure(difference(rows[-1]))


def pass_gate(
    timescape: Timescape,
    peers: list[ModuleType],
    threads: int,
    cells: tuple[str, ...] = tuple(CELLS),
    trainings_of: Callable[[ModuleType], int] = lambda peer: FEW_TRAININGS if peer.NAME == "NumPy" else TRAININGS,
) -> tuple[list[dict], dict[str, str]]:
    """Compares every peer with timescape. Returns rows for the report, and for each peer that is not to be timed, why:
    it differs, or it failed."""
    rows, failed = [], {}
    for name in cells:
        ours = losses_of_ours(timescape, *CELLS[name])
        for seed, peer in enumerate(peers, start=2):
            if peer.NAME in failed:
                continue
            try:
                compare(peer, name, ours, threads, seed, trainings_of(peer), rows)
            except Failure as failure:
                failed[peer.NAME] = str(failure)
            except Exception as error:  # whatever a library throws: the others are still worth their time
                failed[peer.NAME] = f"the peer '{peer.NAME}' failed: {first_line(error)}"
    return rows, failed


def difference(found: dict) -> str:
    return (
        f"the peer '{found['name']}' does not train as timescape does: in the cell '{found['cell']}' its final losses "
        f"have another distribution (median {found['median_loss']:.3g} instead of {found['median_loss_of_ours']:.3g}, "
        f"Kolmogorov-Smirnov p = {found['p_value']:.1g})"
    )


def prove_gate(timescape: Timescape) -> list[dict]:
    """The gate must be able to fail: trainings with a wrong setting. Raises Failure where they pass."""
    name, (cell, steps) = next(iter(CELLS.items()))
    ours = losses_of_ours(timescape, cell, steps)
    rows = []
    for setting, factor in WRONG.items():
        wrong = replace(cell, **{setting: getattr(cell, setting) * factor})
        theirs = losses(cell, timescape.train(wrong, FEW_TRAININGS, steps, seed=9))
        rows.append(row(f"wrong on purpose: {setting} x {factor:g}", name, ours, theirs))
        if rows[-1]["p_value"] >= LIMIT:
            raise Failure(f"the gate cannot tell trainings with a wrong {setting} from right ones; it proves nothing")
    return rows
