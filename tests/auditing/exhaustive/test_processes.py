"""A split that depends on the process is found; one that does not is not."""

import pytest

from inwit.auditing.exhaustive import audit_task
from inwit.auditing.exhaustive.processes import drawn_elsewhere
from inwit.recipes import task_for
from inwit.tasks.pool import POOL

FILE = """
import inwit

@inwit.tool
def nothing(x: float) -> float:
    "As it is."
    return x

def sums(order):
    @inwit.task(tools=[nothing], presses=4)
    def made(draw):
        names = order({"red", "green", "blue", "grey", "pink"})
        name, n = draw.choice(names), draw.randrange(400)
        return inwit.Problem(prompt=f"{name} {{0}}", operands=(n,), answer=n)
    return made

steady, unsteady = sums(sorted), sums(list)
"""


@pytest.fixture(autouse=True)
def another_process(monkeypatch):
    """It is started, and draws from as many problems as this one."""
    monkeypatch.setattr("inwit.tasks.function_task.POOL", POOL)
    monkeypatch.setattr("inwit.auditing.exhaustive.auditing.drawn_elsewhere", drawn_elsewhere)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("tasks") / "own.py"
    path.write_text(FILE)
    return path


@pytest.mark.nightly
@pytest.mark.slow
def test_a_split_that_depends_on_the_process_is_found(file):
    source = f"{file}:unsteady"
    (found,) = drawn_elsewhere(task_for(source), source, [0], seed=1).values()
    assert len(found) == 128
    assert not found.all()


@pytest.mark.slow
def test_the_audit_has_a_line_for_it(file):
    source = f"{file}:steady"
    audit = audit_task(task_for(source), problems=64, budget=500, source=source)
    (line,) = [each for each in audit.findings if each.name == "processes"]
    assert (line.share.value, line.share.count) == (1, 128)
    assert not [
        each
        for each in audit_task(task_for(source), problems=64, budget=500).findings
        if each.name == "processes"
    ]
