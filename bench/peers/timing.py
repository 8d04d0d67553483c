"""Times of timescape and its peers, taken in turns so that what disturbs the machine disturbs all of them."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType

import numpy as np

from .model import Configuration
from .ours import UNIT, Timescape
from .peer import BLOCK, start_positions

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

    def size(self, plan: Plan) -> None:
        """Choose a run of about the wanted time: some trainings over the whole horizon, or one unit of them over a
        shorter one where the whole would take more than twice that time."""
        self.seconds(self.unit, BLOCK)  # compiles
        trainings, steps, elapsed = self.unit, BLOCK, 0.0
        while (elapsed := self.seconds(trainings, steps)) < plan.seconds / 4:
            if steps < plan.horizon:
                steps = min(4 * steps, plan.horizon)
            else:
                trainings *= 4
        wanted = trainings * steps / elapsed * plan.seconds / self.unit  # steps of a unit
        if 2 * wanted >= plan.horizon:
            self.trainings, self.steps = self.unit * max(1, round(wanted / plan.horizon)), plan.horizon
        else:
            self.trainings, self.steps = self.unit, BLOCK * max(1, round(wanted / BLOCK))

    def measure(self) -> None:
        self.rates.append(self.trainings * self.steps / self.seconds(self.trainings, self.steps))


def ourselves(timescape: Timescape, configuration: Configuration, threads: int) -> Contender:
    """What is timed is the steps: timescape_throughput takes off the time of starts and losses."""

    def seconds(trainings: int, steps: int) -> float:
        return timescape.throughput(configuration, threads, trainings, steps)["rows"][0]["step_seconds"][0]

    return Contender(OURS, seconds, UNIT * threads)


def contender(module: ModuleType, configuration: Configuration, threads: int) -> Contender:
    """What is timed is the steps, from start positions that exist already, to final states in NumPy's arrays."""
    peer = module.prepare(configuration, threads)

    def seconds(trainings: int, steps: int) -> float:
        start = start_positions(configuration, trainings, seed=1)
        begin = time.perf_counter()
        peer.run(start, steps, 1)
        return time.perf_counter() - begin

    return Contender(module.NAME, seconds, peer.unit, peer.choice)


def measure_case(
    timescape: Timescape, peers: list[ModuleType], configuration: Configuration, threads: int, plan: Plan
) -> dict:
    """All contenders for one network size and number of threads; the order rotates from repeat to repeat."""
    contenders = [ourselves(timescape, configuration, threads)]
    contenders += [contender(module, configuration, threads) for module in peers]
    for each in contenders:
        each.size(plan)
    for repeat in range(plan.repeats):
        first = repeat % len(contenders)
        for each in contenders[first:] + contenders[:first]:
            each.measure()
    return {
        "neurons": configuration.neurons,
        "threads": threads,
        "contenders": [summary(each, contenders[0]) for each in contenders],
    }


def summary(each: Contender, ours: Contender) -> dict:
    """The rates, and how many times as fast timescape was in the same repeat."""
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
    }
