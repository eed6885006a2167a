"""What the page is told of an agent: its keys, its task, what can be taken from it."""

import torch

from inwit.agent import HELD_OUT_SEED, Agent
from inwit.interfaces.playground.forecast import Forecast
from inwit.interfaces.playground.switches import switches
from inwit.rules import Kind


def describe(agent: Agent, forecast: Forecast | None = None) -> dict[str, object]:
    """An agent in plain values."""
    environment, recipe = agent.environment, agent.recipe
    task, rules = environment.task, environment.task.rules
    learner = recipe.learner
    kinds = [Kind(kind).name.lower() for kind in environment.machine.keys.kind.tolist()]
    return {
        "task": recipe.label,
        "policy": recipe.policy.name,
        "learner": learner.name if learner else "replay",
        "width": getattr(recipe.policy, "width", None),
        "parameters": sum(weights.numel() for weights in agent.policy.parameters()),
        "keys": list(rules.vocabulary.names),
        "kinds": kinds,
        "tools": [
            {"name": tool.name, "arity": tool.arity, "symbol": tool.symbol} for tool in rules.tools
        ],
        "stream": rules.stream,
        "switches": switches(environment),
        "valued": learner is not None and learner.trains_value,
        "tolerance": task.tolerance,
        "examples": _examples(agent),
        "forecast": forecast
        and {"accuracy": forecast.accuracy, "control": forecast.control, "length": forecast.length},
    }


def _examples(agent: Agent) -> list[dict[str, str]]:
    """A held-out problem of every level."""
    task, generator = agent.environment.task, torch.Generator().manual_seed(HELD_OUT_SEED)
    problems = task.sample(torch.tensor(list(task.levels)), generator, held_out=True)
    return [
        {"form": task.form(level), "problem": task.describe(problems, row)}
        for row, level in enumerate(task.levels)
    ]
