"""Mean returns over fresh episodes, with intervals, beside random play; and the best in training.

Scored episodes have their own seeds and are played in separate copies.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from statistics import fmean

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy.typing import NDArray
from torch import Tensor

from inwit.evaluation.intervals import bootstrap
from inwit.games.base import World
from inwit.games.game import SeededGame
from inwit.policies import Policy, UniformRandom
from inwit.tabular import Sheet, Tabular
from inwit.training.rollout import draw, press_probabilities

SIDE_BY_SIDE = 100
"""Maximum number of episodes played at once."""
LONGEST, SHORT = 10_000, 1_000
"""Maximum number of steps of an episode, if no other is asked for; of one that is just shown."""
AHEAD, FAVOURITES = 64, 16
"""Draws of an episode that are made at once; actions that are remembered as taken most."""
HEADINGS = ("actions", "mean return", "95 % interval", "least", "most", "steps")
BLOCK = 100
"""Minimum number of episodes behind one point of the training curve."""


@dataclass(frozen=True, kw_only=True, repr=False)
class ReturnScore:
    """Returns of some episodes."""

    returns: tuple[float, ...]
    """Of each episode: the sum of its rewards, without discount or scale."""
    steps: tuple[int, ...]
    """How many actions it had."""
    cut: int = 0
    """Episodes that were stopped after the maximum number of actions."""
    favourites: tuple[int, ...] = ()
    """The actions that were taken most, the most frequent first."""

    @property
    def mean(self) -> float:
        """The mean return."""
        return fmean(self.returns)

    @property
    def stopped(self) -> str:
        """How many episodes were stopped, in words; empty if none was."""
        words = f"{self.cut} of {len(self.returns)} episodes were stopped"
        return f"{words} after {max(self.steps):,} actions" if self.cut else ""

    @property
    def interval(self) -> tuple[float, float]:
        """Its 95 % bootstrap interval."""
        return bootstrap(self.returns)

    def less(self, other: "ReturnScore") -> tuple[float, float]:
        """The 95 % bootstrap interval of the mean difference to a score on the same episodes."""
        pairs = zip(self.returns, other.returns, strict=True)
        return bootstrap([first - second for first, second in pairs])

    def cells(self) -> tuple[str, ...]:
        """The cells of a table: mean, interval, least, most, steps."""
        low, high = self.interval
        return (
            f"{self.mean:.3f}",
            f"{low:.3f} to {high:.3f}",
            f"{min(self.returns):.3f}",
            f"{max(self.returns):.3f}",
            f"{fmean(self.steps):.1f}",
        )

    def __repr__(self) -> str:
        return f"ReturnScore({self.mean:.3f}, {len(self.returns):,} episodes)"


@dataclass(frozen=True, kw_only=True, repr=False)
class GameScore(Tabular):
    """The scores of an agent in an environment."""

    greedy: ReturnScore
    """It takes the most probable action."""
    sampled: ReturnScore
    """It draws its actions, as in training."""
    random: ReturnScore
    """All actions are equally likely."""
    best: float | None = None
    """The best mean return on the way (see `mmer`), where it is known."""
    beside: ReturnScore | None = None
    """Another agent, which draws its actions."""
    other: str = ""
    """Who that is."""

    @property
    def headline(self) -> str:
        """The mean returns."""
        return ", ".join(f"{name} {score.mean:.3f}" for name, score in self._ways())

    def sheets(self) -> list[Sheet]:
        """A row for each way to choose actions; below it, the difference and the best so far."""
        cells = tuple((name, *score.cells()) for name, score in self._ways())
        best = "in training, the best mean of at least 100 episodes (MMER): "
        notes = [] if self.best is None else [f"{best}{self.best:.3f}"]
        if self.beside is not None:
            low, high = self.sampled.less(self.beside)
            mean = self.sampled.mean - self.beside.mean
            notes.append(
                f"drawn actions, episode by episode: {mean:+.3f} ({low:+.3f} to {high:+.3f}) "
                f"beside {self.other}"
            )
        notes += [f"{name}: {score.stopped}" for name, score in self._ways() if score.cut]
        return [Sheet(headings=HEADINGS, rows=cells, left=("actions",), note="; ".join(notes))]

    def rows(self) -> list[dict[str, object]]:
        """A row for each way to choose actions."""
        return [
            {
                "actions": name,
                "mean": score.mean,
                "low": low,
                "high": high,
                "least": min(score.returns),
                "most": max(score.returns),
                "steps": fmean(score.steps),
                "episodes": len(score.returns),
            }
            for name, score in self._ways()
            for low, high in [score.interval]
        ]

    def _ways(self) -> tuple[tuple[str, ReturnScore], ...]:
        ways = (
            ("the most probable", self.greedy),
            ("drawn", self.sampled),
            ("random play", self.random),
        )
        if self.beside is None:
            return ways
        return (*ways, (f"drawn, {self.other}", self.beside))


def score_player(
    policy: Policy,
    world: World,
    *,
    count: int,
    seed: int,
    beside: Policy | None = None,
    other: str = "",
    batch: int = SIDE_BY_SIDE,
    longest: int = LONGEST,
) -> GameScore:
    """Score a policy on fresh episodes; all rows play the same ones.

    Args:
        policy: who plays.
        world: where; it is opened anew.
        count: how many episodes.
        seed: which ones, and the draws of actions.
        beside: who plays them, too, with drawn actions.
        other: its name.
        batch: how many episodes are played at once, at most.
        longest: actions after which an episode is stopped.
    """
    seeds = fresh_seeds(seed, count)
    with closing(world.open(side_by_side(count, batch))) as copies:
        game = SeededGame(copies, seed, device=device_of(policy))
        play = partial(play_episodes, game=game, seeds=seeds, longest=longest)
        return GameScore(
            greedy=play(policy),
            sampled=play(policy, dice=seed),
            random=play(UniformRandom(), dice=seed),
            beside=None if beside is None else play(beside, dice=seed),
            other=other,
        )


def device_of(policy: Policy) -> str:
    """The device on which a policy is."""
    return str(next((each.device for each in policy.parameters()), "cpu"))


def fresh_seeds(seed: int, count: int) -> list[int]:
    """The seeds of the episodes that are scored."""
    return [int(each) for each in np.random.SeedSequence([seed, 1]).generate_state(count)]


def side_by_side(episodes: int, batch: int) -> int:
    """How many episodes are scored at once: no more copies are opened than in training."""
    return min(episodes, SIDE_BY_SIDE, batch)


class Dice:
    """Draws for some episodes, each from its own seed: the same with any number side by side."""

    def __init__(self, seed: int, episodes: Sequence[int]) -> None:
        """Seed them.

        Args:
            seed: of all draws.
            episodes: the seeds of the episodes.
        """
        mixed = [np.random.SeedSequence([seed, each]) for each in episodes]
        self.made = [
            torch.Generator().manual_seed(int(each.generate_state(1, np.uint64)[0] >> 1))
            for each in mixed
        ]
        self.drawn, self.place = torch.empty(len(self.made), 0), 0

    def roll(self, count: int) -> Float[Tensor, " B"]:
        """A number from 0 to 1 for each episode; zeros for rows beyond them."""
        if self.place == self.drawn.shape[1]:
            parts = [torch.rand(AHEAD, generator=each) for each in self.made]
            self.drawn, self.place = torch.stack(parts), 0
        rolled = torch.zeros(count)
        rolled[: len(self.made)] = self.drawn[:, self.place]
        self.place += 1
        return rolled


@torch.no_grad()
def play_episodes(
    policy: Policy,
    game: SeededGame,
    seeds: Sequence[int],
    *,
    dice: int | None = None,
    longest: int = LONGEST,
) -> ReturnScore:
    """One episode from each seed.

    Args:
        policy: who plays.
        game: where.
        seeds: of the episodes.
        dice: the seed of drawn actions; None for the most probable ones.
        longest: actions after which an episode is stopped.
    """
    returns, steps, cut = list[float](), list[int](), 0
    taken = np.zeros(len(game.spec.actions), np.int64)
    for first in range(0, len(seeds), game.count):
        chosen = seeds[first : first + game.count]
        drawn = None if dice is None else Dice(dice, chosen)
        earned, lasted, running = _play(policy, game, chosen, drawn, longest, taken)
        returns += earned.tolist()
        steps += lasted.tolist()
        cut += running
    order = np.argsort(-taken, kind="stable")
    favourites = [int(action) for action in order[:FAVOURITES] if taken[action]]
    return ReturnScore(
        returns=tuple(returns), steps=tuple(steps), cut=cut, favourites=tuple(favourites)
    )


def _play(
    policy: Policy,
    game: SeededGame,
    seeds: Sequence[int],
    dice: Dice | None,
    longest: int,
    taken: Int[np.ndarray, " A"],
) -> tuple[NDArray[np.float64], NDArray[np.int64], int]:
    """The returns and lengths of one episode from each seed, and how many still run."""
    running = np.arange(game.count) < len(seeds)
    game.copies.reset(range(len(seeds)), seeds)
    earned, lasted = np.zeros(game.count), np.zeros(game.count, np.int64)
    memory, previous = policy.begin(game.prompt), game.fresh()
    while running.any() and lasted.max() < longest:
        observation = game.shown(game.copies.see(), previous)
        scores, _, memory = policy.step(observation, memory)
        previous = chosen_actions(scores, observation.legal, dice)
        actions = previous.cpu().numpy()
        taken += np.bincount(actions[running], minlength=len(taken))
        outcome = game.copies.step(actions, running)
        earned, lasted = earned + outcome.reward, lasted + running
        running = running & ~(outcome.terminated | outcome.truncated)
    return earned[: len(seeds)], lasted[: len(seeds)], int(running.sum())


def chosen_actions(scores: Tensor, legal: Tensor, dice: Dice | None) -> Int[Tensor, " B"]:
    """The most probable action of each row, or a drawn one."""
    likely = press_probabilities(scores, legal)
    if dice is None:
        return likely.argmax(1)
    return draw(likely, dice.roll(len(likely)).to(likely.device))


def curve(metrics: Iterable[Mapping[str, float]], block: int = BLOCK) -> Sequence[float]:
    """Mean returns on the way: each is of the updates in which at least `block` episodes ended."""
    points, total, ended = list[float](), 0.0, 0.0
    for line in metrics:
        count = line.get("episodes/ended", 0.0)
        total, ended = total + count * line.get("episodes/return", 0.0), ended + count
        if ended >= block:
            points.append(total / ended)
            total = ended = 0.0
    return points


def mmer(metrics: Iterable[Mapping[str, float]], block: int = BLOCK) -> float | None:
    """The maximum of the mean episodic return (Morad et al. 2023, arXiv:2303.01859).

    The mean is over the episodes that ended in successive updates, at least `block` of them; None
    if fewer have ended at all. The first of several means is left out: all episodes begin at once,
    and the first to end are the short ones.
    """
    points = curve(metrics, block)
    return max(points[1:] or points) if points else None
