"""Times of timescape and its peers, taken in turns so that what disturbs the machine disturbs all of them."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType

import numpy as np

from .model import Configuration
from .ours import UNIT, Timescape
from .peer import BLOCK, Failure, Peer, start_positions

OURS = "timescape"


@dataclass(frozen=True)
class Plan:
    """How long to measure."""

    horizon: int  # steps of a training
    seconds: float  # wanted for one run
    repeats: int


@dataclass
class Contender:
    """One program in one case, and what was measured of it."""

    name: str
    seconds: Callable[[int, int], float]  # (trainings, steps): wall time of a run
    unit: int  # a run has a multiple of this many trainings
    choice: str = ""
    trainings: int = 0
    steps: int = 0
    rates: list[float] = field(default_factory=list)  # training steps per second, of each repeat
    details: dict = field(default_factory=dict)  # what else was seen, for the report
    failed: str = ""  # why it was not timed, or not to the end

    def size(self, plan: Plan) -> None:
        """Find out how fast it is, and choose a run."""
        self.seconds(self.unit, BLOCK)  # compiles
        trainings, steps, elapsed = self.unit, BLOCK, 0.0
        while (elapsed := self.seconds(trainings, steps)) < plan.seconds / 4:
            if steps < plan.horizon:
                steps = min(4 * steps, plan.horizon)
            else:
                trainings *= 4
        self.choose(plan, trainings * steps / elapsed)

    def choose(self, plan: Plan, rate: float) -> None:
        """A run of about the wanted time at so many training steps per second: some trainings over the whole horizon,
        or one unit of them over a shorter one where the whole would take more than twice that time."""
        wanted = rate * plan.seconds / self.unit  # steps of a unit
        if 2 * wanted >= plan.horizon:
            self.trainings, self.steps = self.unit * max(1, round(wanted / plan.horizon)), plan.horizon
        else:
            self.trainings, self.steps = self.unit, BLOCK * max(1, round(wanted / BLOCK))

    def measure(self) -> None:
        self.rates.append(self.trainings * self.steps / self.seconds(self.trainings, self.steps))

    def attempt(self, action: Callable[[], None]) -> None:
        """Do it, or note why it failed: the others are still worth their time."""
        if self.failed:
            return
        try:
            action()
        except Exception as error:  # whatever a library throws
            self.failed = first_line(error)


def first_line(error: Exception) -> str:
    name = "" if isinstance(error, Failure) else f"{type(error).__name__}: "
    return f"{name}{error}".splitlines()[0][:300]


def ourselves(timescape: Timescape, configuration: Configuration, threads: int) -> Contender:
    """What is timed is the steps: timescape_throughput takes off the time of starts and losses."""

    def seconds(trainings: int, steps: int) -> float:
        found = timescape.throughput(configuration, threads=threads, replicates=trainings, steps=steps)
        return found["rows"][0]["step_seconds"][0]

    return Contender(OURS, seconds, UNIT * threads)


def time_run(peer: Peer, configuration: Configuration) -> Callable[[int, int], float]:
    """What is timed is the steps, from start positions that exist already, to final states in NumPy's arrays."""

    def seconds(trainings: int, steps: int) -> float:
        start = start_positions(configuration, trainings, seed=1)
        begin = time.perf_counter()
        peer.run(start, steps, 1)
        return time.perf_counter() - begin

    return seconds


def contender(module: ModuleType, configuration: Configuration, threads: int) -> Contender:
    """The peer, tuned; or why that failed."""
    try:
        peer = module.prepare(configuration, threads)
    except Exception as error:  # whatever a library throws
        return Contender(module.NAME, lambda trainings, steps: float("nan"), 1, failed=first_line(error))
    return Contender(module.NAME, peer.seconds or time_run(peer, configuration), peer.unit, peer.choice)


def measure_case(contenders: list[Contender], plan: Plan) -> list[dict]:
    """Times of all contenders, timescape first; the order rotates from repeat to repeat."""
    for each in contenders:
        if not each.trainings:
            each.attempt(lambda: each.size(plan))
    for repeat in range(plan.repeats):
        first = repeat % len(contenders)
        for each in contenders[first:] + contenders[:first]:
            each.attempt(each.measure)
    if contenders[0].failed:
        raise Failure(contenders[0].failed)
    return [summary(each, contenders[0]) for each in contenders]


def summary(each: Contender, ours: Contender) -> dict:
    """The rates, and how many times as fast timescape was in the same repeat."""
    if each.failed:
        return {"name": each.name, "failed": each.failed}
    ratios = np.array(ours.rates) / np.array(each.rates)
    return {
        "name": each.name,
        "choice": each.choice,
        "trainings": each.trainings,
        "steps": each.steps,
        "training_steps_per_second": each.rates,
        "median_rate": float(np.median(each.rates)),
        "ratio_median": float(np.median(ratios)),
        "ratio_least": float(ratios.min()),
        "ratio_most": float(ratios.max()),
    } | each.details
