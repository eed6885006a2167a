"""One episode in an environment, action by action."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass

import numpy as np
import torch

from inwit.games.base import World
from inwit.games.game import SeededGame
from inwit.games.scores import LONGEST, chosen_actions, device_of
from inwit.policies import Policy, log_probabilities
from inwit.tabular import Sheet, Tabular


@dataclass(frozen=True, kw_only=True)
class Act:
    """One action, and what was seen before it."""

    fields: tuple[int, ...]
    """The categorical things that were seen, as the environment gives them."""
    values: tuple[float, ...]
    """The numbers that were seen, as the environment gives them."""
    action: str
    """What was done."""
    probability: float
    """How likely the policy was to do it."""
    value: float
    """The estimate of what will be earned, discounted and scaled."""
    reward: float
    """What the action earned."""


@dataclass(frozen=True, kw_only=True, repr=False)
class GameTrace(Tabular):
    """One greedy episode."""

    seed: int
    """The seed of the episode."""
    acts: tuple[Act, ...]
    """What was done."""
    cut: bool = False
    """It was stopped before its end."""

    @property
    def total(self) -> float:
        """The return."""
        return sum(act.reward for act in self.acts)

    @property
    def headline(self) -> str:
        """Its seed, how long it was and what it earned."""
        count = f"{'stopped after ' if self.cut else ''}{len(self.acts):,} actions"
        return f"seed {self.seed}, {count}, return {self.total:.3f}"

    def sheets(self) -> list[Sheet]:
        """A row for every action."""
        cells = tuple(
            (
                str(count),
                " ".join(map(str, act.fields)),
                " ".join(f"{value:.3g}" for value in act.values),
                act.action,
                f"{act.probability:.4f}",
                f"{act.value:.3f}",
                f"{act.reward:.3f}",
            )
            for count, act in enumerate(self.acts, 1)
        )
        headings = ("step", "seen", "numbers", "action", "probability", "value", "reward")
        return [Sheet(headings=headings, rows=cells, left=("seen", "numbers", "action"))]

    def rows(self) -> list[dict[str, object]]:
        """A row for every action."""
        return [{"step": count, **asdict(each)} for count, each in enumerate(self.acts, 1)]


@torch.no_grad()
def trace_player(
    policy: Policy, world: World, seeds: Sequence[int], *, longest: int = LONGEST
) -> Sequence[GameTrace]:
    """Greedy episodes.

    Args:
        policy: who plays.
        world: where; it is opened anew.
        seeds: of the episodes.
        longest: actions after which an episode is stopped.
    """
    with closing(world.open(1)) as copies:
        game = SeededGame(copies, 0, device=device_of(policy))
        return [_trace(policy, game, each, longest) for each in seeds]


def _trace(policy: Policy, game: SeededGame, seed: int, longest: int) -> GameTrace:
    acts, running = list[Act](), np.ones(1, np.bool_)
    first = np.array(game.spec.firsts or 0)
    game.copies.reset([0], [seed])
    memory, previous = policy.begin(game.prompt), game.fresh()
    while running.any() and len(acts) < longest:
        seen = game.copies.see()
        observation = game.shown(seen, previous)
        scores, value, memory = policy.step(observation, memory)
        previous = chosen_actions(scores, observation.legal, None)
        likely = log_probabilities(scores, observation.legal).exp()
        outcome = game.copies.step(previous.cpu().numpy(), running)
        running = running & ~(outcome.terminated | outcome.truncated)
        acts.append(
            Act(
                fields=tuple((seen.fields[0] + first).tolist()),
                values=tuple(seen.values[0].tolist()),
                action=game.spec.actions[int(previous[0])],
                probability=float(likely[0, previous[0]]),
                value=float(value[0]),
                reward=float(outcome.reward[0]),
            )
        )
    return GameTrace(seed=seed, acts=tuple(acts), cut=bool(running.any()))
