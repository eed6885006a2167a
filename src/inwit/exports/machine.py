"""Everything needed to reimplement an agent's machine: keys, rules and limits.

`docs/sharing.md` explains each of them.
"""

from dataclasses import replace

import torch

from inwit.agent import HELD_OUT_SEED, Agent
from inwit.errors import InvalidOption
from inwit.machine.rules import Kind, Symbol, Top
from inwit.tasks import Problems, Task
from inwit.tools import Tool

CHECKED = 64
"""Problems on which a limit is checked."""
Limit = dict[str, int]
"""Linear forms of a limit: a constant, and coefficients of symbols, open parentheses, level."""
LIMITS: tuple[tuple[Limit, Limit], ...] = (
    ({"always": 8, "level": 4}, {"always": 2, "level": 1}),  # the stages
    ({"always": 1, "symbol": 1, "level": 2}, {"level": 1, "opened": 1}),  # a stream
    ({"least": 2, "level": 4}, {"level": 1}),  # expressions read as a prompt
    ({"always": -4, "level": 4}, {"always": -1, "level": 1}),  # Countdown
)
"""The limits of the built-in tasks."""


def describe_machine(agent: Agent) -> dict[str, object]:
    """The machine and its observations as plain values.

    Raises:
        InvalidOption: the task's limits follow none of the known rules, or its machine has more
            than a machine elsewhere knows.
    """
    environment, task = agent.environment, agent.environment.task
    rules, machine = task.rules, environment.machine
    rules.check_portable()
    presses, frames = _limits(task)
    return {
        "keys": list(rules.vocabulary.names),
        "kinds": [Kind(kind).name.lower() for kind in machine.keys.kind.tolist()],
        "tools": [_tool(tool) for tool in rules.tools],
        "operands": rules.operands,
        "once": rules.once,
        "allow_unused": rules.allow_unused,
        "masks": environment.masks,
        "stream": rules.stream,
        "symbols": list(task.symbols),
        "symbol_kinds": [Symbol(kind).name.lower() for kind in task.kinds],
        "operand_symbols": list(task.operand_symbols),
        "levels": list(task.levels),
        "shows_level": task.shows_level,
        "seen": _seen(task),
        "prompt_values": task.prompt_values,
        "press_values": task.press_values,
        "presses": presses,
        "frames": frames,
        "tolerance": task.tolerance,
    }


def _tool(tool: Tool) -> dict[str, object]:
    facts = {"name": tool.name, "arity": tool.arity, "symbol": tool.symbol}
    return facts | {"signature": tool.signature, "summary": tool.summary}


def _seen(task: Task) -> list[dict[str, object]]:
    """The observation at every press, column by column, and the meaning of each number."""
    symbols, columns = [*task.symbols, "end"], list[tuple[str, list[str]]]()
    if task.rules.stream:
        columns += [("symbol", symbols), ("next", symbols)]
        columns += [("top", [top.name.lower() for top in Top])]
    if task.displays:
        columns += [("display", list(task.displays))]
    return [{"name": name, "values": values} for name, values in columns]


def _limits(task: Task) -> tuple[Limit, Limit]:
    """The rules for maximum presses and memory depth.

    Raises:
        InvalidOption: they follow none of the known rules.
    """
    count, generator = CHECKED // len(task.levels) + 1, torch.Generator().manual_seed(HELD_OUT_SEED)
    drawn = torch.tensor([level for level in task.levels for _ in range(count)])
    problems = task.sample(drawn, generator, held_out=True)
    rows = [_alone(problems, row) for row in range(len(problems))]
    found = [(task.max_presses(problem), task.max_depth(problem)) for problem in rows]
    same = {"always": found[0][0]}, {"always": found[0][1]}
    for presses, frames in (same, *LIMITS):
        limits = [
            (_limit(presses, task, problem), _limit(frames, task, problem)) for problem in rows
        ]
        if limits == found:
            return presses, frames
    raise InvalidOption(
        f"task '{task.name}' cannot be written as ONNX: its limits of presses and frames "
        "follow no rule that agent.json can express"
    )


def _alone(problems: Problems, row: int) -> Problems:
    """One problem without padding."""
    problem = problems.select(torch.tensor([row]))
    length = int((problem.symbols >= 0).sum())
    return replace(problem, symbols=problem.symbols[:, :length])


def _limit(limit: Limit, task: Task, problem: Problems) -> int:
    symbols = [task.symbols[symbol] for symbol in problem.symbols[0].tolist() if symbol >= 0]
    counts = {"always": 1, "symbol": len(symbols), "opened": symbols.count("(")}
    counts["level"] = int(problem.level[0])
    value = sum(limit.get(name, 0) * count for name, count in counts.items())
    return max(limit.get("least", 0), value)
