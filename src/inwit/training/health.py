"""Signs that a training is failing, warnings before its end, and the sign that it has succeeded.

    warning/entropy    presses are all but certain, and answers are wrong
    warning/reading    presses do not change where the problem is swapped for another
    warning/tools      a key that was pressed before is not pressed any more, and answers suffer
    warning/accuracy   the hardest level was answered far better before

Each failure has to hold for many updates in a row: beginnings, and levels that have just opened,
look like failures for a while. Nothing is drawn, so that training is the same to the bit with and
without. `docs/robustness.md` says how often a healthy run is warned of.
"""

from collections.abc import Mapping
from dataclasses import replace

import torch

from inwit.environment import Environment
from inwit.learners import Metrics
from inwit.policies import Policy
from inwit.records import map_tensors
from inwit.tasks import by_turns
from inwit.training.rollout import evaluate, play
from inwit.trajectory import Outputs, Trajectory, masked_mean

ASKED = 512
"""Training problems that are answered greedily to see whether the task is learnt."""
LOOK = 10
"""Updates between two looks at whether the problem is read; each costs a forward pass."""
MOST = 10.0
"""Nats: a larger change of a log-probability counts as this one."""
SMOOTHING = 0.1
"""Weight of the latest update in the moving averages."""
PATIENCE, SHARE = 20, 0.1
"""A failure is reported once it has held for this many updates in a row, and this share of all."""
CERTAIN, UNREAD, USED, UNUSED = 0.02, 1e-3, 0.1, 0.01
"""Nats of entropy; nats of `policy/reading`; shares of episodes that press a key."""
POOR, LOST, GOOD = 0.2, 0.5, 0.3
"""An accuracy that is poor in any case; the share of its best below which it is lost; a best from
which there is something to lose."""
SURE = 3
"""Looks in a row at which every greedy answer is right, after which a task counts as learnt."""
WARNINGS = {
    "entropy": "presses are certain and wrong (entropy {entropy:.3f}): try a larger "
    "--learner.entropy-weight",
    "reading": "the problem is not read: presses stay the same for another one",
    "tools": "keys are no longer pressed, and answers suffer: {unused}; try a larger --epsilon",
    "accuracy": "accuracy at level {level:.0f} fell from {best:.0%} to {accuracy:.0%}: try a "
    "smaller --optimiser.learning-rate",
}


@torch.no_grad()
def reading(policy: Policy, trajectory: Trajectory, outputs: Outputs) -> Metrics:
    """How much the log-probability of presses changes where the problem becomes another episode's.

    Legal keys and presses stay the same. In nats; a batch of one problem gives no figure.
    """
    other = trajectory.problem != trajectory.problem.roll(1)
    if not bool(other.any()):
        return {}
    prompt, observation = trajectory.prompt, trajectory.observation
    swapped = replace(
        trajectory,
        prompt=map_tensors(lambda tensor: tensor.roll(1, 0), prompt),
        observation=replace(
            observation, seen=observation.seen.roll(1, 1), values=observation.values.roll(1, 1)
        ),
    )
    change = (evaluate(policy, swapped).log_prob - outputs.log_prob.detach()).abs()
    pressed = trajectory.pressed & other
    return {"policy/reading": masked_mean(change.clamp(max=MOST), pressed)}


@torch.no_grad()
def greedy(policy: Policy, environment: Environment, seed: int, update: int) -> float:
    """The share of right greedy answers to training problems, the levels by turns.

    Args:
        policy: answers.
        environment: where; its state is left alone.
        seed: with the update it chooses the problems.
        update: how many there were.
    """
    task = environment.task
    generator = torch.Generator().manual_seed((seed * 1_000_003 + update) % 2**63)
    problems = task.sample(by_turns(task.levels, ASKED), generator)
    return float(play(policy, environment.on(task), problems).float().mean())


def is_learnt(seen: Mapping[str, float]) -> bool:
    """Whether all greedy answers were right at the latest looks, from what a watch has seen."""
    return seen.get("held.right", 0) >= SURE


class Watch:
    """Watches the metrics of every update; reports failures that last, and when all is learnt."""

    def __init__(self, updates: int) -> None:
        """Watch a run of this many updates."""
        self.patience = max(PATIENCE, round(SHARE * updates))
        self.seen: dict[str, float] = {}

    def look(self, level: int, metrics: Mapping[str, float]) -> dict[str, str]:
        """The failures that hold now, by name, in words.

        Args:
            level: the hardest level of the update.
            metrics: of the update (see `summary`), at times with that of `reading`.
        """
        seen = self.seen
        if level < seen.get("level", level):
            return {}
        if level > seen.get("level", -1):
            kept = {
                name: value for name, value in seen.items() if name.startswith(("keys", "most"))
            }
            self.seen = seen = {**kept, "level": level, "best": 0.0}
        self._follow("accuracy", metrics[f"episodes/accuracy@{level}"])
        self._follow("entropy", metrics["policy/entropy"])
        seen["reading"] = metrics.get("policy/reading", seen.get("reading", MOST))
        seen["best"] = max(seen["best"], seen["accuracy"])
        for name in (name for name in metrics if name.startswith("keys/")):
            self._follow(name, metrics[name])
            most = name.replace("keys", "most")
            seen[most] = max(seen.get(most, 0.0), seen[name])
        return self._lasting()

    def answered(self, right: float) -> None:
        """Take note of a share of right greedy answers to training problems of all levels."""
        self.seen["held.right"] = self.seen.get("held.right", 0) + 1 if right == 1 else 0

    @property
    def learnt(self) -> bool:
        """Whether all of them were right at the latest looks."""
        return is_learnt(self.seen)

    def _follow(self, name: str, value: float) -> None:
        before = self.seen.get(name, value)
        self.seen[name] = before + SMOOTHING * (value - before)

    def _lasting(self) -> dict[str, str]:
        """What has held for long enough."""
        seen = self.seen
        lost = seen["accuracy"] < LOST * seen["best"] and seen["best"] >= GOOD
        poor = seen["accuracy"] < POOR or lost
        unused = [
            name.removeprefix("keys/")
            for name in seen
            if name.startswith("keys/") and seen[name] < UNUSED
            if seen[name.replace("keys", "most")] >= USED
        ]
        failing = {
            "entropy": poor and seen["entropy"] < CERTAIN,
            "reading": poor and seen["reading"] < UNREAD,
            "tools": poor and bool(unused),
            "accuracy": lost,
        }
        for name, holds in failing.items():
            seen[f"held.{name}"] = seen.get(f"held.{name}", 0) + 1 if holds else 0
        return {
            name: WARNINGS[name].format(**seen, unused=", ".join(unused))
            for name in failing
            if seen[f"held.{name}"] >= self.patience
        }
