"""The examples' tasks beside brute force: plain Python calls the tools, key by key."""

from pathlib import Path

import pytest
import torch

from inwit.environment import Environment
from inwit.tasks import read_task
from tests.tiers import few_fast

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
TASKS = ["06_convert_units", "07_dates", "08_two_hops", "09_readings", "10_decide_by_result"]
COUNT = 6


class Failed(Exception):
    """A tool failed."""


def call(tool, values):
    try:
        if tool.plain.__name__ == "total":  # it takes tensors
            return float(tool.plain(*map(torch.tensor, values)))
        return tool.plain(*values)
    except Exception as error:
        raise Failed from error


def pressed(task, problem, keys, values, pending):
    """What one more key leads to: keys, values, pending tool; failed calls are left out."""
    for place, operand in enumerate(problem.operands):
        if not (task.once and str(place) in keys):
            yield (*keys, str(place)), (*values, operand) if pending else (operand,), pending
    if values and not pending:
        for tool in task.tools:
            yield (*keys, tool.name), values, tool


def shortest(task, problem, most):
    """The first program, by length, that comes to the answer; breadth first, no memory keys."""
    states = [((), (), None)]
    for _ in range(most - 1):
        following = [after for state in states for after in pressed(task, problem, *state)]
        states = []
        for keys, values, pending in following:
            try:
                if pending and len(values) == pending.arity:
                    values, pending = (call(pending, values),), None
            except Failed:
                continue
            used = {key for key in keys if key.isdigit()}
            finished = not task.once or len(used) == len(problem.operands)
            if finished and not pending and right(values[0], problem.answer):
                return [*keys, "ANS"]
            states.append((keys, values, pending))
    return None


def right(value, answer):
    if isinstance(value, (int, float)) and isinstance(answer, (int, float)):
        return value == pytest.approx(answer, rel=1e-9)
    return type(value) is type(answer) and value == answer


@pytest.mark.parametrize("name", few_fast(TASKS, 0, 3))
def test_brute_force_solves_the_problems_and_the_machine_agrees(name):
    task = read_task(str(EXAMPLES / f"{name}.py"))
    problems = task.sample(
        torch.zeros(COUNT, dtype=torch.long), torch.Generator().manual_seed(3), held_out=True
    )
    environment, keys = Environment(task), task.rules.vocabulary
    for row in range(COUNT):
        found = shortest(task, task.problem(problems, row), most=min(6, task.presses or 6))
        assert found, task.describe(problems, row)
        environment.reset(problems.select(torch.tensor([row])))
        for key in found:
            step = environment.step(torch.tensor([keys[key]]))
        assert step.terminated.all()
        assert environment.right.all()
