"""JAX: vmap over trainings, lax.scan over steps, jit (by pmap, which gives each thread a device of its own), float32.

Random numbers come from jax.random's default generator (Threefry), drawn in blocks of 1000 steps outside of the scan
over steps: shorter blocks are slower, and so is the generator rbg. Batch size and unrolling are searched for."""

import functools
import os
import time

os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["XLA_FLAGS"] = f"--xla_force_host_platform_device_count={len(os.sched_getaffinity(0))}"

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from .jax_step import step
from .model import Configuration, State
from .peer import BLOCK, Peer, start_positions

NAME = "JAX"
DESCRIPTION = "vmap over trainings, lax.scan over steps, a jitted device for each thread, float32"

BATCHES = (16, 64, 256, 1024)  # trainings of a device
MOST_NEURONS = 2**18  # of a batch: far more than caches hold, and slower on every machine tried
UNROLLS = (1, 2, 4)  # steps of an iteration


def train(c: Configuration, unroll: int, u: jax.Array, key: jax.Array, blocks: jax.Array) -> tuple:
    """One training of `blocks` times BLOCK steps from the positions u [neurons]."""
    jump_at, jump_by = jnp.array(c.jump_at), jnp.array(c.jump_by)

    def block(number: jax.Array, state: tuple) -> tuple:
        point_key, noise_key = jax.random.split(jax.random.fold_in(key, number))
        x = jax.random.uniform(point_key, (BLOCK,))
        xi = jax.random.uniform(noise_key, (BLOCK,), minval=-c.noise, maxval=c.noise)
        y = c.base + jnp.sum(jnp.where(jump_at <= x[:, None], jump_by, 0), axis=1) + xi
        return lax.scan(lambda now, sample: (step(c, now, sample), None), state, (x, y), unroll=unroll)[0]

    return lax.fori_loop(0, blocks, block, (u, jnp.zeros_like(u), jnp.zeros((), u.dtype)))


def build(configuration: Configuration, threads: int, batch: int, unroll: int) -> Peer:
    over_trainings = jax.vmap(functools.partial(train, configuration, unroll), in_axes=(0, 0, None))
    over_devices = jax.pmap(over_trainings, in_axes=(0, 0, None), devices=jax.devices()[:threads])

    def run(start: np.ndarray, steps: int, seed: int) -> State:
        shape = (-1, threads, batch)
        u = start.astype(np.float32).reshape(*shape, configuration.neurons)
        keys = jax.random.split(jax.random.key(seed), len(start)).reshape(shape)
        ends = [over_devices(*part, steps // BLOCK) for part in zip(u, keys)]
        bias = np.concatenate([np.ravel(end[2]) for end in ends])
        position, weight = (
            np.concatenate([np.reshape(end[part], (-1, configuration.neurons)) for end in ends]) for part in (0, 1)
        )
        return State(position, weight, bias)

    return Peer(run, threads * batch, f"batch {batch} a thread, unroll {unroll}")


def seconds_per_training_step(configuration: Configuration, peer: Peer) -> float:
    start = start_positions(configuration, peer.unit, seed=1)
    peer.run(start, BLOCK, 1)  # compiles
    times = []
    for _ in range(2):
        begin = time.perf_counter()
        peer.run(start, 2 * BLOCK, 1)
        times.append(time.perf_counter() - begin)
    return min(times) / peer.unit


def prepare(configuration: Configuration, threads: int) -> Peer:
    """The fastest batch size, then the fastest unrolling for it."""

    def fastest(peers: list[Peer]) -> int:
        times = [seconds_per_training_step(configuration, peer) for peer in peers]
        return times.index(min(times))

    batches = [batch for batch in BATCHES if batch * configuration.neurons <= MOST_NEURONS]
    batch = batches[fastest([build(configuration, threads, batch, 1) for batch in batches])]
    peers = [build(configuration, threads, batch, unroll) for unroll in UNROLLS]
    return peers[fastest(peers)]
