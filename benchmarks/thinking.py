"""Does thinking help? Right answers against tries and against idle presses before the first one.

    inwit train countdown --tries 4 --out RUN
    python benchmarks/thinking.py RUN

Each agent answers the same held-out problems. An agent with several tries may clear the display and
begin again; the verdict counts at `ANS` alone. Keys are the most probable ones, and drawn. Idle
presses are those of `inwit certify`, beside a network without recurrence, which can gain nothing
from them. An agent that was trained without `CLR` has one try.
"""

import argparse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import torch

import inwit
from inwit.agent import HELD_OUT_SEED, Agent
from inwit.cli.waiting import waiting
from inwit.evaluation.scores import Score
from inwit.policies import Memoryless, Policy
from inwit.probes.lesion import without_keys
from inwit.probes.thinking import IDLE, Idle
from inwit.progress import one_by_one
from inwit.tasks import Countdown, Problems
from inwit.tokens import CLEAR
from inwit.training.rollout import play

DRAWING = 2026
"""Seed of the keys that are drawn."""
Row = tuple[str, list[Score]]
"""A row of the table: what the agent does, and its scores by level."""


def scored(
    agent: Agent, policy: Policy, problems: Problems, *, tries: int = 1, drawn: bool = False
) -> list[Score]:
    """Right answers by level."""
    environment = agent.environment
    task = environment.task
    assert isinstance(task, Countdown)
    if task.tries > 1:
        environment = environment.on(replace(task, tries=max(2, tries)))
        if tries == 1:
            clear = torch.tensor([environment.machine.vocabulary[CLEAR]])
            policy = without_keys(policy, clear)
    generator = torch.Generator().manual_seed(DRAWING) if drawn else None
    with torch.no_grad():
        right = play(policy, environment, problems, generator)
    levels = [right[problems.level == level] for level in task.levels]
    return [Score(right=int(each.sum()), count=len(each)) for each in [*levels, right]]


def rows(agent: Agent, count: int, most: list[int]) -> Iterator[Row]:
    """The table of an agent, row by row."""
    task = agent.environment.task
    assert isinstance(task, Countdown)
    drawn = [level for level in task.levels for _ in range(count)]
    generator = torch.Generator().manual_seed(HELD_OUT_SEED)
    problems = task.sample(torch.tensor(drawn), generator, held_out=True)
    for tries in most if task.tries > 1 else [1]:
        name = f"{tries} {'try' if tries == 1 else 'tries'}"
        yield f"{name}, most probable keys", scored(agent, agent.policy, problems, tries=tries)
        yield f"{name}, drawn keys", scored(agent, agent.policy, problems, tries=tries, drawn=True)
    control = agent.recipe.but(policy=Memoryless(width=8)).network(agent.environment)
    before = scored(agent, control, problems)[-1]
    for presses in IDLE:
        found = scored(agent, Idle(agent.policy, presses), problems)
        gained = scored(agent, Idle(control, presses), problems)[-1].right - before.right
        yield f"{presses} idle first; a network without recurrence gains {gained}", found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="+", type=Path, help="run folders of countdown")
    parser.add_argument("--problems", type=int, default=1000, help="held-out problems of a level")
    parser.add_argument("--tries", type=int, nargs="+", default=[1, 2, 4, 8])
    given = parser.parse_args()
    torch.set_num_threads(1)
    for folder in one_by_one("run", given.runs):
        agent = inwit.load(folder)
        levels = [agent.environment.task.form(level) for level in agent.environment.task.levels]
        print(f"\n| {folder.name} | {' | '.join([*levels, 'together'])} |", flush=True)
        print(f"| --- |{' ---: |' * (len(levels) + 1)}")
        for name, found in rows(agent, given.problems, given.tries):
            print(f"| {name} | {' | '.join(each.percent for each in found)} |", flush=True)


if __name__ == "__main__":
    with waiting("counting right answers"):
        main()
