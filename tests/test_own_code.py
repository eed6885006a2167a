"""A user's own policy, learner or task that raises ends a run in one line that says where."""

import json
import re
from fractions import Fraction
from functools import partial

import pytest

import inwit
from inwit import files
from inwit.agent import train
from inwit.cli.main import main
from inwit.errors import FailedCode, explained
from inwit.recipes import recipe_for
from inwit.training.run_folder import RunFolder
from tests.pages import registered_for_a_while
from tests.tiers import few_fast

FILE = """
from dataclasses import dataclass

import torch
from torch import nn

import inwit
from inwit.learners import A2C
from inwit.policies import GRU, Policy
from inwit.tasks import Stages

CALLS = 0


class Broken(Policy):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(2))

    def begin(self, prompt):
        return [][0]

    def step(self, observation, memory):
        raise NotImplementedError


@inwit.register
@dataclass(frozen=True, kw_only=True)
class Net(GRU):
    builds: bool = True
    name = "net"

    def build(self, spec):
        return Broken() if self.builds else 1 / 0


@inwit.register
@dataclass(frozen=True, kw_only=True)
class Loss(A2C):
    name = "loss"

    def loss(self, trajectory, outputs):
        global CALLS
        CALLS += 1
        if CALLS % 3 == 0:
            raise KeyError("a key\\nof two lines")
        return super().loss(trajectory, outputs)


@dataclass(frozen=True, kw_only=True)
class Mine(Stages):
    name = "mine"
    broken: bool = False

    def score(self, answer, problems):
        if self.broken:
            raise ValueError("no score")
        return super().score(answer, problems)
"""
CASES = {
    "a policy": (["--policy", "net"], "Broken.begin failed: IndexError: ", "begin"),
    "an architecture": (
        ["--policy", "net", "--policy.no-builds"],
        "Net.build failed: ZeroDivisionError: ",
        "build",
    ),
    "a learner": (["--learner", "loss"], "Loss.loss failed: KeyError: ", "loss"),
    "a task": (["--broken"], "Mine.score failed: ValueError: no score", "score"),
}
SMALL = ["--updates", "5", "--batch", "8", "--policy.width", "8", "--search", "0", "--replay", "8"]


@pytest.fixture
def file(tmp_path):
    (tmp_path / "mine.py").write_text(FILE)
    with registered_for_a_while():
        yield str(tmp_path / "mine.py")


def line_of(name):
    """Where the function of this name raises, from 1."""
    lines = FILE.splitlines()
    begin = next(number for number, line in enumerate(lines) if f"def {name}(" in line)
    raising = ("raise", "[][0]", "1 / 0")
    return next(
        n + 1 for n in range(begin, len(lines)) if any(each in lines[n] for each in raising)
    )


def told(capsys, *arguments):
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    return capsys.readouterr().err


@pytest.mark.parametrize("name", few_fast(CASES, 0, 2))
def test_the_command_line_names_function_file_and_line(name, file, tmp_path, capsys):
    options, text, function = CASES[name]
    out = tmp_path / "run"
    error = told(capsys, "train", file, *SMALL, *options, "--out", str(out))
    assert error.startswith(f"inwit: {text}")
    assert f"(mine.py:{line_of(function)} in {function})" in error
    assert "INWIT_TRACEBACK=1 shows the traceback" in error
    assert error.count("\n") == 1
    if name == "a learner":  # its first two updates were right
        assert "the checkpoint of update 0 is whole" in error
        assert RunFolder(out).latest().update == 0
    else:
        assert not out.exists()


def test_the_traceback_is_printed_where_it_is_wanted(file, capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("INWIT_TRACEBACK", "1")
    error = told(capsys, "train", file, *SMALL, "--broken", "--out", str(tmp_path / "run"))
    assert 'raise ValueError("no score")' in error
    last = error.splitlines()[-1]
    assert re.fullmatch(r"inwit: Mine.score failed: .* in score\)", last)


@pytest.mark.parametrize("name", CASES)
def test_from_python_the_original_is_the_cause(name, file, tmp_path):
    recipe = recipe_for(file).but(search=0, updates=5, batch=8, replay=8, out=tmp_path / "run")
    own = {
        "a policy": {"policy": "net"},
        "an architecture": {"policy": "net", "policy.builds": False},
        "a learner": {"learner": "loss"},
        "a task": {"broken": True},
    }
    with pytest.raises(FailedCode, match=f"^{re.escape(CASES[name][1])}") as raised:
        train(recipe.but(**own[name]))
    first = raised.value
    while first.__cause__ is not None:
        first = first.__cause__
    assert type(first) in (IndexError, ZeroDivisionError, KeyError, ValueError)


def test_what_a_callback_raises_is_left_as_it_is(tmp_path):
    def report(done):
        raise KeyError(done.update)

    recipe = recipe_for("expressions").but(updates=2, batch=8, out=tmp_path / "run")
    with pytest.raises(KeyError, match="1"):
        inwit.train(recipe, report=report)


def test_a_mistake_of_ours_keeps_its_traceback(monkeypatch):
    """No call of a user's has raised it."""
    broken = partial(files.read_numbers, b"no numbers")
    monkeypatch.setattr("inwit.cli.main.prepare_process", broken)
    with pytest.raises(json.JSONDecodeError):
        main(["tools"])


def test_a_call_of_a_library_is_told_by_the_line_that_made_it():
    """As where torch refuses a shape: its own files say nothing to a user."""
    with pytest.raises(ValueError, match="Invalid literal") as raised:
        Fraction("x")
    told = r"ValueError: Invalid literal .* \(test_own_code.py:\d+ in test_a_call_of_a_library"
    assert re.match(told, explained(raised.value))


VERIFIED = """
import inwit

@inwit.tool
def next_one(a: int) -> int:
    return a + 1

def check(answer, problem):
    return answer.right

@inwit.task(tools=[next_one], verify=check)
def mine(draw):
    a = draw.randrange(500)
    return inwit.Problem(prompt="after {0}", operands=(a,), answer=a + 1)
"""


def test_a_verifier_that_raises_on_the_stated_answer_is_refused_before_training(tmp_path, capsys):
    """In training every answer would be wrong, and nobody would be told why."""
    (tmp_path / "mine.py").write_text(VERIFIED)
    error = told(capsys, "train", str(tmp_path / "mine.py"), "--out", str(tmp_path / "run"))
    assert "verify of task 'mine' failed on the stated answer of 'after " in error
    assert "AttributeError: 'float' object has no attribute 'right' (mine.py:9 in check)" in error
    assert error.count("\n") == 1
    assert not (tmp_path / "run").exists()
