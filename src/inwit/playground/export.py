"""An agent as a folder for any static host: it runs in the browser, without a server."""

import shutil
from pathlib import Path

from safetensors.torch import save

from inwit.agent import Agent
from inwit.errors import InvalidOption
from inwit.files import new_folder
from inwit.playground.description import another, describe
from inwit.playground.forecast import Forecast, fit_forecast
from inwit.policies import (
    GRU,
    Aggregated,
    Architecture,
    FeedForward,
    Memoryless,
    Pointer,
    SelfMasked,
    Transformer,
)
from inwit.probes.linear import AHEAD
from inwit.tasks import Countdown, Expressions, ExpressionsPrompt, Stages
from inwit.texts import to_json
from inwit.tools import ADD, DIV, MUL, SUB

FORMAT = 2
STATIC = Path(__file__).parent / "static"
SERVED = ("watch", "compare", "report", "chart")
"""Pages, and their modules, that need a server."""
ALONE = '<html lang="en" data-agent="agent.json">'
DRAWN = 40
"""Drawn problems of each level that an export can offer."""
KNOWN = (ADD, SUB, MUL, DIV)
TASKS = (Stages, Expressions, ExpressionsPrompt, Countdown)
"""The tasks whose problems static/problems.js reads."""
POLICIES: tuple[type[Architecture], ...] = (
    GRU,
    Memoryless,
    Pointer,
    Transformer,
    FeedForward,
    Aggregated,
)
"""The networks that static/policies.js has, too."""


def export_web(agent: Agent, folder: Path) -> None:
    """Write the page, the agent and its weights.

    Raises:
        InvalidOption: the agent cannot run in a browser, or the folder cannot be written.
    """
    _check(agent)
    forecast = fit_forecast(agent)
    policy = agent.policy
    network = policy.policy if isinstance(policy, SelfMasked) else policy
    tensors = {name: tensor.contiguous() for name, tensor in network.state_dict().items()}
    if forecast:
        scores = forecast.weights.unflatten(1, (AHEAD, -1)).transpose(0, 1)
        tensors["forecast"] = scores.contiguous()
    with new_folder("web", folder):
        for source in STATIC.iterdir():
            if source.stem not in SERVED:
                shutil.copyfile(source, folder / source.name)
        page = folder / "index.html"
        page.write_text(page.read_text(encoding="utf8").replace('<html lang="en">', ALONE, 1))
        (folder / "agent.json").write_text(to_json(_description(agent, forecast)))
        (folder / "weights.safetensors").write_bytes(save(tensors))


def _check(agent: Agent) -> None:
    """Refuse agents that the page's own network and machine cannot run."""
    task, policy = agent.environment.task, agent.recipe.policy
    if type(policy) not in POLICIES:
        names = ", ".join(known.name for known in POLICIES)
        raise InvalidOption(
            f"policy {policy.name} does not run in a browser without a server: {names} do; "
            "serve it with inwit play"
        )
    if type(task) not in TASKS or set(task.rules.tools) - set(KNOWN):
        raise InvalidOption(
            f"task {agent.recipe.label} does not run in a browser: stages, expressions and "
            f"countdown do, with {', '.join(tool.name for tool in KNOWN)}; serve it with inwit play"
        )
    task.rules.check_portable()


def _description(agent: Agent, forecast: Forecast | None) -> dict[str, object]:
    """The description of the agent, and what the page's own machine needs."""
    task, environment = agent.environment.task, agent.environment
    staged = isinstance(task, Stages)
    rules = {
        "once": task.rules.once,
        "masks": environment.masks,
        "operands": task.rules.operands,
        "alphabet": task.symbols,
        "operators": " ".join(tool.symbol for tool in task.rules.tools),
        "forms": [task.form(level) for level in task.levels] if staged else None,
        "shows_level": task.shows_level,
        "waves": isinstance(task, Countdown) and task.waves,
        "blind": isinstance(task, Countdown) and task.blind,
    }
    sizes = (len(environment.machine.vocabulary), *environment.observation_sizes)
    policy = agent.recipe.policy
    network = {
        "name": policy.name,
        "reader": getattr(policy, "reader", None),
        "by_rank": getattr(policy, "by_rank", False),
        "floor": getattr(agent.recipe.masks, "floor", None),
        "firmness": getattr(agent.recipe.masks, "firmness", None),
        "operands": task.rules.operands,
        "operand_symbols": [task.symbols.index(each) for each in task.operand_symbols],
    }
    count = DRAWN * len(task.levels)
    return {
        "format": FORMAT,
        **describe(agent, forecast),
        "more": [another(task, number)["problem"] for number in range(count)],
        "rules": rules,
        "sizes": sizes,
        "network": network,
    }
