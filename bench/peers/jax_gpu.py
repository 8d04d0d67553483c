"""JAX on a GPU: vmap over trainings, lax.scan over steps, jit, float32.

Each step draws its samples from jax.random by its number, for the whole batch at once; XLA fuses that into the step.
The state is donated, so that it is updated in place. Searched for: where neurons lie in memory (beside each other, or
beside the same neuron of the next training) and the generator, then the batch size, then the unrolling."""

import functools
import os
import time
from dataclasses import dataclass, replace

os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")  # the others need memory, too

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from .jax_step import step
from .model import Configuration, State
from .peer import Failure, Peer, best_batch, fastest, powers_of_two, timed_start

NAME = "JAX"
DESCRIPTION = "vmap over trainings, lax.scan over steps, jit, float32, samples drawn by jax.random in each step"

CALL = 100  # steps of a call: many fewer than a run has, so that no other number of steps is compiled
SMALLEST_BATCH = 2**12
MIDDLE_BATCH = 2**16
MOST_NEURONS = 2**27  # of a batch: 1 GiB of positions and weights
GENERATORS = ("threefry2x32", "rbg")
UNROLLS = (1, 2, 4, 8)  # steps of an iteration


def check() -> None:
    if jax.default_backend() != "gpu":
        raise Failure(f"JAX sees no GPU (its backend is {jax.default_backend()})")


@dataclass(frozen=True)
class Variant:
    """One way to run the trainings."""

    neurons_first: bool  # arrays are [neurons, trainings] instead of [trainings, neurons]
    generator: str
    unroll: int = 1

    def __str__(self) -> str:
        layout = "[neurons, trainings]" if self.neurons_first else "[trainings, neurons]"
        return f"{layout}, {self.generator}, unroll {self.unroll}"


def train(c: Configuration, variant: Variant, batch: int, state: tuple, key: jax.Array, first: jax.Array) -> tuple:
    """CALL steps, from step `first` on, of trainings with the given positions, weights and biases."""
    axis = 1 if variant.neurons_first else 0
    jump_at, jump_by = jnp.array(c.jump_at, jnp.float32), jnp.array(c.jump_by, jnp.float32)
    all_trainings = jax.vmap(functools.partial(step, c), in_axes=((axis, axis, 0), (0, 0)), out_axes=(axis, axis, 0))

    def next_step(state: tuple, number: jax.Array) -> tuple:
        x, xi = jax.random.uniform(jax.random.fold_in(key, number), (2, batch), jnp.float32)
        y = c.base + jnp.sum(jnp.where(jump_at <= x[:, None], jump_by, 0), axis=1) + c.noise * (2 * xi - 1)
        return all_trainings(state, (x, y)), None

    return lax.scan(next_step, state, first + jnp.arange(CALL), unroll=variant.unroll)[0]


def build(c: Configuration, variant: Variant, batch: int) -> Peer:
    compiled = jax.jit(functools.partial(train, c, variant, batch), donate_argnums=0)

    def begin(start: np.ndarray) -> tuple:
        u = jnp.array(start, jnp.float32)  # a copy: it is donated
        u = u.T if variant.neurons_first else u
        return u, jnp.zeros_like(u), jnp.zeros(batch, jnp.float32)

    def advance(state: tuple, steps: int, key: jax.Array) -> tuple:
        for first in range(0, steps, CALL):
            state = compiled(state, key, first)
        return jax.block_until_ready(state)

    def run(start: np.ndarray, steps: int, seed: int) -> State:
        ends = []
        for number, part in enumerate(np.split(start, len(start) // batch)):
            key = jax.random.fold_in(jax.random.key(seed, impl=variant.generator), number)
            u, a, bias = (np.asarray(array) for array in advance(begin(part), steps, key))
            ends.append(State(u.T, a.T, bias) if variant.neurons_first else State(u, a, bias))
        return State(*(np.concatenate(parts) for parts in zip(*ends)))

    def seconds(trainings: int, steps: int) -> float:
        key = jax.random.key(1, impl=variant.generator)
        total = 0.0
        for _ in range(trainings // batch):
            state = jax.block_until_ready(begin(timed_start(c, batch)))
            began = time.perf_counter()
            advance(state, steps, key)
            total += time.perf_counter() - began
        return total

    return Peer(run, batch, f"{variant}, batch {batch}", seconds)


def seconds_per_step(peer: Peer) -> float:
    peer.seconds(peer.unit, CALL)  # compiles
    return min(peer.seconds(peer.unit, 2 * CALL) for _ in range(2)) / peer.unit


def all_variants() -> list[Variant]:
    return [Variant(first, generator) for first in (False, True) for generator in GENERATORS]


def variants(c: Configuration) -> list[Peer]:
    """Every layout and generator, and one unrolled; in a batch that the gate can fill."""
    return [build(c, variant, 1000) for variant in [*all_variants(), Variant(True, GENERATORS[0], UNROLLS[-1])]]


def prepare(c: Configuration, threads: int) -> Peer:
    """The fastest layout and generator, then the fastest batch size for them, then the fastest unrolling."""
    batches = powers_of_two(SMALLEST_BATCH, MOST_NEURONS // c.neurons)
    middle = min(MIDDLE_BATCH, batches[-1])
    times = {variant: seconds_per_step(build(c, variant, middle)) for variant in all_variants()}
    variant = min(times, key=times.get)
    batch = best_batch(lambda size: build(c, variant, size), batches, seconds_per_step)
    unrolled = [replace(variant, unroll=unroll) for unroll in UNROLLS]
    return fastest([build(c, each, batch) for each in unrolled], seconds_per_step)
