"""timescape itself: its final states for the gate, its times for the comparison."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import netCDF4
import numpy as np

from .model import Configuration, State

UNIT = 64  # trainings of a thread in a run, or a multiple: what fills the widest vectors several times


class Failure(Exception):
    """The benchmark cannot go on; the text is one sentence for the user."""


@dataclass(frozen=True)
class Timescape:
    """A folder in which timescape was built."""

    build: Path

    def call(self, program: str, *arguments: str) -> str:
        """Returns what the program prints."""
        try:
            done = subprocess.run([self.build / program, *arguments], capture_output=True, text=True, check=True)
        except OSError as error:
            raise Failure(f"cannot start {self.build / program}: {error.strerror}") from error
        except subprocess.CalledProcessError as error:
            raise Failure(f"{program} {' '.join(arguments)} failed: {error.stderr.strip()}") from error
        return done.stdout

    def train(self, configuration: Configuration, trainings: int, steps: int, seed: int) -> State:
        """Final states of trainings by the backend cpu."""
        with TemporaryDirectory() as folder:
            sweep, result = Path(folder, "gate.yaml"), Path(folder, "gate.nc")
            sweep.write_text(json.dumps(sweep_of(configuration, trainings, steps, seed)))  # JSON is YAML
            self.call("timescape", "run", "--quiet", "--backend=cpu", f"--output={result}", str(sweep))
            with netCDF4.Dataset(str(result)) as data:
                names = ("final_position", "final_weight", "final_bias")
                return State(*(np.ma.filled(data[name][0, 0], np.nan) for name in names))

    def throughput(self, configuration: Configuration, threads: int, trainings: int, steps: int) -> dict:
        """What bench/throughput.c says of one run, of its machine and of its build."""
        c = configuration
        options = {"backend": "cpu", "repeat": 1, "threads": threads, "replicates": trainings, "steps": steps}
        options |= {"neurons": c.neurons, "eta": c.eta, "epsilon": c.epsilon, "h": c.h, "json": "-"}
        arguments = [f"--{name}={value}" for name, value in options.items()]
        return json.loads(self.call("bench/timescape_throughput", *arguments))


def sweep_of(configuration: Configuration, trainings: int, steps: int, seed: int) -> dict:
    """The configuration file for one cell. By default starts are uniform and the derivative is exact."""
    c = configuration
    jumps = [{"at": at, "by": by} for at, by in zip(c.jump_at, c.jump_by)]
    return {
        "seed": seed,
        "target": {"base": c.base, "jumps": jumps},
        "network": {"eta": c.eta},
        "sgd": {"h": c.h, "noise": c.noise, "horizon": {"steps": steps}},
        "sweep": {"epsilon": {"values": [c.epsilon]}, "neurons": {"values": [c.neurons]}, "replicates": trainings},
        "output": {"keep_trainings": True},
    }
