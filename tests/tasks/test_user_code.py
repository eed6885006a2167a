"""Whatever a user's function raises, `sys.exit` included, is a fault or one line, never the end."""

import asyncio
import random
import sys

import pytest
import torch

import inwit
from inwit.cli.main import main
from inwit.errors import InvalidOption
from inwit.llm import environment_factory, right_answers, tool_functions
from inwit.llm.toolbox import Toolbox
from inwit.llm.values import Fault
from inwit.tasks import Stages
from inwit.tools import ADD, FAULT
from tests.tiers import few_fast


class Own(BaseException):
    """Beside everything that is usually caught."""


class Mute(Exception):
    """It cannot even be told."""

    def __str__(self):
        raise RuntimeError("mute")

    __repr__ = __str__


def leave(*given):
    sys.exit(2)


ENDS = [SystemExit(2), SystemExit("bye"), GeneratorExit(), asyncio.CancelledError(), Own("own")]
ENDS += [RuntimeError("broken"), MemoryError(), RecursionError(), StopIteration(), Mute()]
ONE = torch.ones(1, 1, dtype=torch.double)
DRAWN = 50
ends = pytest.mark.parametrize(
    "end", few_fast([*ENDS, None], 0, 4, len(ENDS)), ids=lambda end: type(end).__name__
)


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """Problems enough for these tests."""
    monkeypatch.setattr("inwit.tasks.function_task.POOL", DRAWN)


def ending(end):
    """A function that ends with this, or by `sys.exit` itself."""

    def function(*given):
        if end is None:
            sys.exit(2)
        raise end

    return function


def name_of(end):
    return type(end).__name__ if end is not None else "SystemExit: 2"


def task_of(*, tools=(ADD,), draw=None, **options):
    """Twice a number; one of the parts is broken."""

    def problem(source: random.Random) -> inwit.Problem:
        value = source.randrange(30)
        return inwit.Problem(prompt="twice {0}", operands=(value, value), answer=2 * value)

    return inwit.task(tools=tools, **options)(draw or problem)


@ends
@pytest.mark.parametrize("how", [{}, {"batched": True}, {"isolated": True}], ids=str)
def test_a_tool_that_ends_the_process_is_a_fault(end, how):
    if how and isinstance(end, Mute):
        pytest.skip("it cannot be sent from another process")

    @inwit.tool(**how)
    def broken(value: float) -> float:
        return ending(end)()

    try:
        assert broken.call(ONE).tolist() == [FAULT]
        assert name_of(end) in broken.explain([1.0])
        assert "\n" not in broken.explain([1.0])
    finally:
        if "isolated" in how:
            broken.function.function.close()


@ends
def test_a_drawing_that_ends_the_process_is_told_in_one_line(end):
    with pytest.raises(InvalidOption, match=f"drew no problem: {name_of(end)}") as refused:
        _ = task_of(draw=ending(end)).pool
    assert "\n" not in str(refused.value)


@ends
def test_a_verifier_that_ends_the_process_is_a_wrong_answer(end):
    task = task_of(verify=ending(end))
    problems = task.problems(task.pool[:3])
    assert not task.score(problems.answer, problems).any()
    assert not task.accepts(task.pool[0].answer, problems)


@ends
def test_a_display_that_ends_the_process_is_told_in_one_line(end):
    task = task_of(shown=("any",), display=ending(end))
    why = f"display of task 'problem' failed on the float 1.0: {name_of(end)}"
    with pytest.raises(InvalidOption, match=why):
        task.observe(ONE[0])


@pytest.mark.parametrize("given", [3, None, ["any"], ("any",), torch.ones(2), True, Own, "an"])
def test_a_display_that_names_nothing_that_is_shown_is_told(given):
    task = task_of(shown=("any",), display=lambda value: given)
    with pytest.raises(InvalidOption, match="unknown display of task 'problem'"):
        task.observe(ONE[0])


@pytest.mark.parametrize("given", [None, torch.ones(2), "", [], 0, torch.zeros(1)])
def test_a_verifier_that_says_nothing_clear_says_no(given):
    task = task_of(verify=lambda answer, problem: given)
    problems = task.problems(task.pool[:3])
    assert not task.score(problems.answer, problems).any()


def test_what_a_person_stops_by_hand_is_stopped():
    stop = ending(KeyboardInterrupt())

    @inwit.tool
    def broken(value: float) -> float:
        return stop()

    task = task_of(verify=stop, shown=("any",), display=stop)
    problems = task.problems(task.pool[:1])
    for call in (
        lambda: broken.call(ONE),
        lambda: task_of(draw=stop).pool,
        lambda: task.score(problems.answer, problems),
        lambda: task.observe(ONE[0]),
    ):
        with pytest.raises(KeyboardInterrupt):
            call()


@pytest.mark.parametrize("method", ["sample", "score", "describe"])
def test_a_class_whose_methods_end_the_process_is_told(method):
    broken = type("Broken", (Stages,), {method: ending(None), "__module__": __name__})
    task, generator = broken(), torch.Generator().manual_seed(0)
    stages = Stages(once=True).sample(torch.zeros(2, dtype=torch.long), generator)
    calls = {
        "sample": lambda: task.sample(torch.zeros(2, dtype=torch.long), generator),
        "score": lambda: task.score(stages.answer, stages),
        "describe": lambda: task.describe(stages, 0),
    }
    with pytest.raises(InvalidOption, match="failed: SystemExit: 2"):
        calls[method]()
    raising = type("Raising", (Stages,), {method: ending(KeyError(1)), "__module__": __name__})
    with pytest.raises(KeyError):  # a mistake of any other sort keeps its traceback
        raising().describe(stages, 0) if method == "describe" else getattr(raising(), method)()


BROKEN = """
import sys

import inwit


@inwit.tool
def leave(value: float) -> float:
    sys.exit(5)


def stop(*given):
    sys.exit(5)


@inwit.task(tools=[leave], presses=3, OPTIONS)
def broken(draw):
    DRAWING
    value = draw.randrange(200)
    return inwit.Problem(prompt="take {0}", operands=(value,), answer=value, oracle="0 ANS")
"""


def written(folder, options="", drawing="pass"):
    file = folder / "broken.py"
    file.write_text(BROKEN.replace("OPTIONS", options).replace("DRAWING", drawing))
    return str(file)


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        ({"drawing": "stop()"}, "drew no problem: SystemExit: 5"),
        ({"options": "shown=['any'], display=stop"}, "display of task 'broken' failed"),
        ({"options": "verify=stop()"}, "SystemExit: 5"),
    ],
)
def test_on_the_command_line_it_is_one_line_and_exit_code_2(parts, why, tmp_path, capsys):
    with pytest.raises(SystemExit) as stop:
        main(["audit", written(tmp_path, **parts), "--problems", "64"])
    assert stop.value.code == 2
    error = capsys.readouterr().err
    assert why in error
    assert error.count("\n") == 1


def test_a_tool_that_ends_the_process_does_not_end_the_audit(tmp_path, capsys):
    main(["audit", written(tmp_path), "--problems", "64", "--budget", "2000"])
    assert "without LEAVE" in capsys.readouterr().out


@inwit.tool
def exits(value: float) -> float:
    sys.exit(2)


@inwit.tool
def turns(value: float) -> float:
    return 2 * value


def test_a_language_model_is_told_of_the_fault_and_goes_on():
    task = task_of(tools=[exits, turns])
    box = Toolbox(task, seconds=None)
    environment = environment_factory(box)()
    environment.reset(level=0, seed=1)
    with pytest.raises(Fault, match="SystemExit: 2"):
        environment.exits(3.0)
    assert environment.turns(3.0) == 6.0
    assert environment.episode.calls[0].fault == "SystemExit: 2"
    plain = {each.__name__: each for each in tool_functions(box)}
    with pytest.raises(Fault, match="SystemExit: 2"):
        plain["exits"](3.0)


@pytest.mark.slow
def test_a_reward_is_nought_where_the_verifier_ends_the_process():
    reward = right_answers(Toolbox(task_of(verify=leave), seconds=None))
    said = [[{"role": "assistant", "content": "6"}]] * 2
    assert reward(said, level=[0, 0], seed=[1, 2], held_out=[False, False]) == [0.0, 0.0]
