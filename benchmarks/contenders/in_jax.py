"""The same update written for JAX: problems, presses, game, loss, gradient and Adam in one jit.

The gated recurrent unit has its input weights folded into a table of one row for each key, as ours
has, and the presses are unrolled. This is what a rewrite for one game, one network and one learner
can do; nothing is told of an update but its loss and its mean reward.
"""

import os
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax, nn, random

from inwit.bench.contenders import PRESSES, STEP_SIZE, WIDTH, Update
from tutorial_as_published import ADD, ANS, CTX, MUL, RCL, STO, VOCABULARY

KEYS, DIGITS, LARGEST_NORM = len(VOCABULARY), 10, 1.0
Parameters = dict[str, jax.Array]
State = tuple[Parameters, Parameters, Parameters, jax.Array, jax.Array]
"""Weights, first and second moments, updates made, random key."""


def build(episodes: int, threads: int) -> Update:
    """An update as one call; it waits for its result, as a loop that reports does."""
    if threads == 1:
        os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
    weights = initial(random.key(0))
    nought = {name: jnp.zeros_like(weight) for name, weight in weights.items()}
    state: list[State] = [(weights, nought, nought, jnp.zeros(()), random.key(1))]
    step = jax.jit(one_update, static_argnums=1)

    def update() -> tuple[float, float]:
        state[0], loss, reward = step(state[0], episodes)
        return float(loss), float(reward)

    return update


def initial(key: jax.Array) -> Parameters:
    """Fresh weights."""
    scale = WIDTH**-0.5
    shapes = {
        "digits": (DIGITS, WIDTH),
        "table": (KEYS, 3 * WIDTH),
        "recurrent": (WIDTH, 3 * WIDTH),
        "recurrent_bias": (3 * WIDTH,),
        "heads": (WIDTH, KEYS + 1),
        "heads_bias": (KEYS + 1,),
    }
    keys = random.split(key, len(shapes))
    return {
        name: random.uniform(one, shape, minval=-scale, maxval=scale)
        for one, (name, shape) in zip(keys, shapes.items(), strict=True)
    }


def cell(weights: Parameters, key: jax.Array, state: jax.Array) -> jax.Array:
    """The next state (B, W) after the previous key (B,)."""
    inputs = jnp.split(weights["table"][key], 3, 1)
    past = jnp.split(state @ weights["recurrent"] + weights["recurrent_bias"], 3, 1)
    reset, update = nn.sigmoid(inputs[0] + past[0]), nn.sigmoid(inputs[1] + past[1])
    candidate = jnp.tanh(inputs[2] + reset * past[2])
    return candidate + update * (state - candidate)


def press(
    game: tuple[jax.Array, ...], key: jax.Array, digits: jax.Array
) -> tuple[tuple[jax.Array, ...], jax.Array]:
    """The game after a key in every episode, and what it earned."""
    value, filled, stored, running = game
    product, third = digits[:, 0] * digits[:, 1], digits[:, 2]
    multiplied = (key == MUL) & ~filled
    value = jnp.where(multiplied, product, value)
    filled = filled | multiplied
    value = value + jnp.where((key == ADD) & filled, third, 0)
    filled = filled | ((key == RCL) & stored)
    right = (key == ANS) & running & filled & (value == product + third)
    state = (value, filled, stored | (key == STO), running & (key != ANS))
    return state, right.astype(jnp.float32)


def episode(
    weights: Parameters, digits: jax.Array, uniform: jax.Array
) -> tuple[jax.Array, jax.Array]:
    """The loss of A2C over one episode at every problem, and the mean reward.

    Args:
        weights: of the network.
        digits: (B, 3).
        uniform: (T, B), draws the keys.
    """
    batch = len(digits)
    state = jnp.tanh(weights["digits"][digits].mean(1))
    no = jnp.zeros(batch, bool)
    game: tuple[jax.Array, ...] = (jnp.zeros(batch, digits.dtype), no, no, ~no)
    key, rows = jnp.full(batch, CTX), []
    for t in range(PRESSES):
        state = cell(weights, key, state)
        out = state @ weights["heads"] + weights["heads_bias"]
        log_policy = nn.log_softmax(out[:, :-1])
        policy = jnp.exp(log_policy)
        cumulative = jnp.cumsum(lax.stop_gradient(policy), 1)
        below = cumulative <= uniform[t][:, None] * cumulative[:, -1:]
        key = jnp.minimum(below.sum(1), KEYS - 1)
        pressed = game[-1]
        game, reward = press(game, key, digits)
        log_prob = (log_policy * nn.one_hot(key, KEYS)).sum(1)
        rows.append((log_prob, -(policy * log_policy).sum(1), out[:, -1], pressed, reward))
    log_prob, entropy, value, pressed, reward = map(jnp.stack, zip(*rows, strict=True))
    advantage = reward.sum(0) - value
    terms = -log_prob * lax.stop_gradient(advantage) + 0.5 * advantage**2 - 0.01 * entropy
    loss = jnp.where(pressed, terms, 0).sum() / pressed.sum()
    return loss, reward.sum(0).mean()


def one_update(state: State, episodes: int) -> tuple[State, jax.Array, jax.Array]:
    """Draw problems, episode them, and make one step of Adam; the gradient is clipped."""
    weights, first, second, count, key = state
    key, for_digits, for_keys = random.split(key, 3)
    digits = random.randint(for_digits, (episodes, 3), 0, 10)
    uniform = random.uniform(for_keys, (PRESSES, episodes))
    (loss, reward), slope = jax.value_and_grad(episode, has_aux=True)(weights, digits, uniform)
    norm = jnp.sqrt(sum(jnp.sum(part**2) for part in slope.values()))
    slope = _each(lambda part: part * jnp.minimum(1.0, LARGEST_NORM / (norm + 1e-6)), slope)
    count = count + 1
    first = _each(lambda past, part: 0.9 * past + 0.1 * part, first, slope)
    second = _each(lambda past, part: 0.999 * past + 0.001 * part**2, second, slope)
    step = STEP_SIZE / (1 - 0.9**count)
    weights = _each(
        lambda weight, one, two: weight - step * one / (jnp.sqrt(two / (1 - 0.999**count)) + 1e-8),
        weights,
        first,
        second,
    )
    return (weights, first, second, count, key), loss, reward


def _each(change: Any, *parts: Parameters) -> Parameters:
    return {name: change(*(part[name] for part in parts)) for name in parts[0]}
