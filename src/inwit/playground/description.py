"""The page's description of an agent: its keys, its task, its switches."""

import torch

from inwit.agent import HELD_OUT_SEED, Agent
from inwit.errors import InvalidOption
from inwit.machine.rules import Kind
from inwit.playground.forecast import Forecast
from inwit.playground.switches import switches
from inwit.tasks import Problems, Task
from inwit.tasks.countdown import Countdown

MOST_DRAWN = 1_000_000
"""Drawn problems are numbered below this."""


def describe(agent: Agent, forecast: Forecast | None = None) -> dict[str, object]:
    """An agent in plain values."""
    environment, recipe = agent.environment, agent.recipe
    task, rules = environment.task, environment.task.rules
    kinds = [Kind(kind).name.lower() for kind in environment.machine.keys.kind.tolist()]
    return {
        "task": recipe.label,
        "policy": recipe.policy.name,
        "learner": recipe.learner.name if recipe.learner else "replay",
        "width": getattr(recipe.policy, "width", None),
        "parameters": sum(weights.numel() for weights in agent.policy.parameters()),
        "keys": list(rules.vocabulary.names),
        "kinds": kinds,
        "tools": [
            {"name": tool.name, "arity": tool.arity, "symbol": tool.symbol} for tool in rules.tools
        ],
        "stream": rules.stream,
        "switches": switches(environment),
        "valued": agent.trains_value,
        "tolerance": task.tolerance,
        "examples": _examples(agent),
        "countdown": isinstance(task, Countdown),
        "forecast": forecast
        and {"accuracy": forecast.accuracy, "control": forecast.control, "length": forecast.length},
    }


def _examples(agent: Agent) -> list[dict[str, str | int]]:
    """A held-out problem of every level, with its number."""
    task = agent.environment.task
    problems = drawn_problems(task)
    return [
        {"form": task.form(level), "problem": task.describe(problems, row), "drawn": row}
        for row, level in enumerate(task.levels)
    ]


def drawn_problems(task: Task, turn: int = 0) -> Problems:
    """A held-out problem of every level; each turn has others, always the same ones."""
    generator = torch.Generator().manual_seed(HELD_OUT_SEED + turn)
    return task.sample(torch.tensor(list(task.levels)), generator, held_out=True)


def drawn_problem(task: Task, number: int) -> Problems:
    """One such problem in a batch of one, numbered level by level and turn by turn.

    Raises:
        InvalidOption: there is no problem with this number.
    """
    if not 0 <= number < MOST_DRAWN:
        raise InvalidOption(f"problem {number}: the problems 0 to {MOST_DRAWN - 1:,} can be drawn")
    turn, row = divmod(number, len(task.levels))
    return drawn_problems(task, turn).select(torch.tensor([row]))


def another(task: Task, number: int) -> dict[str, str | int]:
    """A drawn problem as the page shows it, with its number."""
    return {"problem": task.describe(drawn_problem(task, number), 0), "drawn": number}
