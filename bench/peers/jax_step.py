"""One step of one training in JAX, for the peers that run it on processors and on GPUs."""

import jax.numpy as jnp

from .model import Configuration


def step(c: Configuration, state: tuple, sample: tuple) -> tuple:
    """Positions and weights [neurons] and bias after the step with the point x and the label y."""
    u, a, bias = state
    x, y = sample
    z = jnp.clip((x - u) * (1 / c.eta), -0.5, 0.5)
    e = 0.5 - jnp.abs(z)
    cube = 4 * e * e * e
    s = jnp.where(z < 0, cube, 1 - cube)
    r = y - bias - jnp.sum(a * s)
    g = 2 * c.h * r
    return u - g * (12 * c.epsilon / c.eta) * a * e * e, a + g * s, bias + g
