"""Windows, returns and advantages of episodes from seeds, beside a slow definition.

Each episode is played again alone, from its seed and the actions that the window has, by the rules
that `worlds` states; its values are those of the policy that reads it from its first step.
"""

from dataclasses import dataclass

import numpy as np
import pytest
import torch

from inwit.games.game import BOUND, SeededGame
from inwit.games.recipe import GameRecipe
from inwit.learners.returns import generalised_advantages
from inwit.policies import GRU
from inwit.training.rollout import fill
from inwit.trajectory import Observation, Prompt
from tests.games.worlds import Walks, length_of

SEED, COPIES, ROWS, WINDOWS = 3, 4, 17, 3
DISCOUNT, DECAY, SCALE = 0.9, 0.8, 0.07
"""The scale is so small that some rewards are beyond the bound."""


@dataclass
class Row:
    """What one action was, and what followed."""

    previous: int
    fields: tuple
    number: float
    value: float
    following: float
    reward: float
    terminated: bool
    truncated: bool
    first: bool


def episode_seed(column, episode):
    drawn = np.random.SeedSequence(SEED, spawn_key=(0, column, episode))
    return int(drawn.generate_state(1)[0])


@torch.no_grad()
def slow_episode(policy, seed, keys):
    """The rows of an episode of which these are the first actions, or all."""
    dice, zero = np.random.default_rng(seed), torch.zeros(1, dtype=torch.long)
    numbers = dice.normal(size=len(keys) + 1)
    memory, previous, values = policy.begin(Prompt(symbols=zero[:, None][:, :0], level=zero)), 3, []
    for place, number in enumerate(numbers):
        seen = Observation(
            previous=torch.tensor([previous]),
            seen=torch.tensor([[place, seed % 2]]),
            legal=torch.tensor([[True, True, True, False]]),
            values=torch.tensor([[number, 0.0]], dtype=torch.float32),
        )
        _, value, memory = policy.step(seen, memory)
        values.append(float(value))
        previous = keys[place] if place < len(keys) else None
    for place, key in enumerate(keys):
        over = place + 1 == length_of(seed)
        yield Row(
            previous=keys[place - 1] if place else 3,
            fields=(place, seed % 2),
            number=numbers[place],
            value=values[place],
            following=values[place + 1],
            reward=numbers[place] * (key - 1),
            terminated=over and seed % 2 == 0,
            truncated=over and seed % 2 == 1,
            first=place == 0,
        )


def slow_column(policy, column, keys):
    """A row for each action of a copy, one episode after another; None where it shows the end."""
    at, episode = 0, 0
    while at < len(keys):
        seed = episode_seed(column, episode)
        length = length_of(seed)
        yield from slow_episode(policy, seed, keys[at : at + length])
        yield None
        at, episode = at + length + 1, episode + 1


@torch.no_grad()
def played():
    """Three windows of continuing episodes, and what the ledger says of each."""
    game = SeededGame(Walks().open(COPIES), SEED, discount=DISCOUNT)
    recipe = GameRecipe(environment=Walks(), policy=GRU(width=8), normalise_observations=False)
    policy = recipe.network(game.spec)
    start, dice = game.start(policy), torch.Generator().manual_seed(1)
    game.scale = SCALE
    windows = []
    for _ in range(WINDOWS):
        noise = torch.rand(ROWS, COPIES, generator=dice)
        made, _, start = fill(policy, game, start, ROWS, noise=noise)
        windows.append((made, game.ledger.take(), game.ledger.take_spread()))
    return policy, windows


@pytest.fixture(scope="module")
def both():
    """The windows, and by copy the slow definition of all their rows."""
    policy, windows = played()
    keys = torch.cat([made.key for made, _, _ in windows])
    slow = [
        list(slow_column(policy, column, keys[:, column].tolist()))[: len(keys)]
        for column in range(COPIES)
    ]
    return windows, slow


def rows_of(both):
    """Each row of each window: its window, place and column, and the slow row."""
    windows, slow = both
    for number, (made, _, _) in enumerate(windows):
        for place in range(ROWS):
            for column in range(COPIES):
                yield made, place, column, slow[column][number * ROWS + place]


def test_windows_hold_what_a_slow_definition_says(both):
    ends = set()
    for made, place, column, row in rows_of(both):
        here = (place, column)
        assert bool(made.pressed[here]) == (row is not None)
        if row is None:
            assert float(made.reward[here]) == 0
            continue
        assert bool(made.starts[here]) == row.first
        assert int(made.observation.previous[here]) == row.previous
        assert tuple(made.observation.seen[here].tolist()) == row.fields
        assert float(made.observation.values[here][0]) == pytest.approx(row.number, rel=1e-6)
        bounded = min(max(row.reward / SCALE, -BOUND), BOUND)
        assert float(made.reward[here]) == pytest.approx(bounded, rel=1e-5)
        assert bool(made.terminated[here]) == row.terminated
        assert bool(made.truncated[here]) == row.truncated
        assert float(made.value[here]) == pytest.approx(row.value, abs=1e-5)
        if not row.terminated:
            assert float(made.next_value[here]) == pytest.approx(row.following, abs=1e-5)
        ends.add((row.terminated, row.truncated, abs(row.reward) > SCALE * BOUND))
    assert len(ends) == 6  # episodes go on and end in both ways, with rewards on both sides


def test_advantages_and_returns_are_those_of_the_slow_definition(both):
    windows, slow = both
    for number, (made, _, _) in enumerate(windows):
        parts = (made.reward, made.value, made.next_value, made.terminated, made.truncated)
        found = generalised_advantages(*parts, discount=DISCOUNT, decay=DECAY)
        totals = generalised_advantages(*parts, discount=DISCOUNT, decay=1.0) + made.value
        for column in range(COPIES):
            rows = slow[column][number * ROWS : (number + 1) * ROWS]
            for first, row in enumerate(rows):
                if row is None:
                    continue
                advantage, total, weight = 0.0, 0.0, 1.0
                for place, later in enumerate(rows[first:]):
                    reward = min(max(later.reward / SCALE, -BOUND), BOUND)
                    following = 0.0 if later.terminated else DISCOUNT * later.following
                    advantage += weight * DECAY**place * (reward + following - later.value)
                    total += weight * reward
                    last = later.terminated or later.truncated or first + place + 1 == ROWS
                    if last:
                        total += weight * following
                        break
                    weight *= DISCOUNT
                place = (first, column)
                assert float(found[place]) == pytest.approx(advantage, rel=1e-4, abs=1e-4)
                assert float(totals[place]) == pytest.approx(total, rel=1e-4, abs=1e-4)


def test_the_ledger_is_what_the_episodes_earned(both):
    windows, slow = both
    earned, discounted, lasted = np.zeros(COPIES), np.zeros(COPIES), np.zeros(COPIES)
    for number, (_, metrics, spread) in enumerate(windows):
        returns, lengths, all_discounted = [], [], []
        for place in range(ROWS):
            for column in range(COPIES):
                row = slow[column][number * ROWS + place]
                if row is None:
                    continue
                earned[column] += row.reward
                lasted[column] += 1
                discounted[column] = DISCOUNT * discounted[column] + row.reward
                all_discounted.append(discounted[column])
                if row.terminated or row.truncated:
                    returns.append(earned[column])
                    lengths.append(lasted[column])
                    earned[column] = discounted[column] = lasted[column] = 0
        assert metrics["episodes/ended"] == len(returns)
        assert metrics["episodes/return"] == pytest.approx(np.mean(returns))
        assert metrics["episodes/steps"] == pytest.approx(np.mean(lengths))
        assert spread.tolist() == pytest.approx(all_discounted)
