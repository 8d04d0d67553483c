"""timescape itself: its final states for the gate, its times for the comparison."""

import io
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .model import Configuration, State
from .peer import Failure

UNIT = 64  # trainings of a thread in a run, or a multiple: what fills the widest vectors several times


@dataclass(frozen=True)
class Timescape:
    """A folder in which timescape was built, and the backend that is compared."""

    build: Path
    backend: str = "cpu"

    def call(self, configuration: Configuration, options: dict) -> str:
        """What timescape_throughput prints."""
        c = configuration
        defaults = {"backend": self.backend, "eta": c.eta, "epsilon": c.epsilon, "h": c.h, "noise": c.noise}
        defaults |= {"neurons": c.neurons}
        program = self.build / "bench/timescape_throughput"
        arguments = [f"--{name}={value}" for name, value in (defaults | options).items()]
        try:
            done = subprocess.run([program, *arguments], capture_output=True, text=True, check=True)
        except OSError as error:
            raise Failure(f"cannot start {program}: {error.strerror}") from error
        except subprocess.CalledProcessError as error:
            said = error.stderr.strip().removeprefix("timescape_throughput: ")
            raise Failure(said or f"{program.name} ended with status {error.returncode}") from error
        return done.stdout

    def train(self, configuration: Configuration, trainings: int, steps: int, seed: int) -> State:
        """Final states of trainings."""
        options = {"replicates": trainings, "steps": steps, "seed": seed, "states": "-"}
        numbers = np.loadtxt(io.StringIO(self.call(configuration, options)), ndmin=2)
        m = configuration.neurons
        if numbers.shape != (trainings, 2 + 2 * m):
            raise Failure(f"timescape_throughput wrote {numbers.shape} numbers instead of {trainings} x {2 + 2 * m}")
        return State(numbers[:, 2 : 2 + m], numbers[:, 2 + m :], numbers[:, 1])

    def throughput(self, configuration: Configuration, **options: object) -> dict:
        """What timescape_throughput says of its rows, of its machine and of its build. Options are those of the
        program; lists have commas between their values."""
        return json.loads(self.call(configuration, {"repeat": 1, "json": "-"} | options))
