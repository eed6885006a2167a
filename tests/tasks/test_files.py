import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from inwit.errors import InvalidOption, UnknownName
from inwit.recipe import Recipe
from inwit.tasks import Task, is_file, read_task

ONE = """
import inwit
from inwit.tools import ADD
from beside import PROMPT

@inwit.task(tools=[ADD])
def sums(draw):
    one, other = draw.randrange(99), draw.randrange(99)
    return inwit.Problem(prompt=PROMPT, operands=(one, other), answer=one + other)
"""
ANOTHER = """
from inwit.tasks import Stages

class Mine(Stages):
    tolerance = 0.5
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "beside.py").write_text("PROMPT = 'add {0} and {1}'")
    (tmp_path / "one.py").write_text(ONE)
    (tmp_path / "two.py").write_text(ONE + ANOTHER)
    return tmp_path


def test_what_is_a_file():
    assert [is_file(name) for name in ("a.py", "b/c.py:name", "stages", "py")] == [True] * 2 + [
        False
    ] * 2


def test_the_task_of_a_file_is_read(folder):
    task = read_task(str(folder / "one.py"))
    assert isinstance(task, Task)
    assert task.form(0) == "add {0} and {1}"


def test_one_of_several_tasks_is_named(folder):
    assert read_task(f"{folder / 'two.py'}:sums").name == "sums"
    assert read_task(f"{folder / 'two.py'}:Mine").tolerance == 0.5
    with pytest.raises(UnknownName, match=r"'mine'.*did you mean 'Mine'"):
        read_task(f"{folder / 'two.py'}:mine")
    with pytest.raises(InvalidOption, match=r"has 2 tasks: name one: .*two.py:sums, .*:Mine"):
        read_task(str(folder / "two.py"))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("x = 1", "has 0 tasks: write one with"),
        ("def f(:", "bad.py:1: SyntaxError"),
        ("x = 1\n1 / 0", "bad.py:2: ZeroDivisionError"),
        ("import nowhere_at_all", "bad.py:1: ModuleNotFoundError"),
        ("raise SystemExit(3)", "bad.py:1: SystemExit"),
        ("def f():\n    return f()\nf()", "RecursionError"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_with_its_line(tmp_path, text, why):
    (tmp_path / "bad.py").write_text(text)
    with pytest.raises(InvalidOption, match=why):
        read_task(str(tmp_path / "bad.py"))


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(InvalidOption, match="there is no such file"):
        read_task(str(tmp_path / "nowhere.py"))
    (tmp_path / "folder.py").mkdir()
    with pytest.raises(InvalidOption, match="it is a folder, not a file"):
        read_task(str(tmp_path / "folder.py"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=60) | st.text("()[]{}:,.'\"\\ \n\t#=+0", max_size=40).map(str.encode))
@example(b"\x00")
@example(b"\xff\xfe")
@example(b"(" * 10_000)
@example(b"x = " + b"-" * 100_000 + b"1")
def test_no_content_breaks_the_reading_of_a_task_file(tmp_path, content):
    path = tmp_path / "any.py"
    path.write_bytes(content)
    with pytest.raises(InvalidOption) as told:
        read_task(str(path))
    assert str(told.value).startswith(str(path))
    assert len(str(told.value)) < 400


@pytest.mark.parametrize("name", ["a\0b.py", "x" * 5000 + ".py", "loop.py"])
def test_no_path_breaks_it(tmp_path, name):
    (tmp_path / "loop.py").symlink_to(tmp_path / "loop.py")
    with pytest.raises(InvalidOption, match="there is no such file"):
        read_task(str(tmp_path / name))


HELPED = """
from __future__ import annotations
import inwit
from dataclasses import dataclass
from helper import LIMIT
from inwit.policies import GRU
from inwit.tools import ADD

Kind = int

@inwit.register
@dataclass(frozen=True, kw_only=True)
class Net(GRU):
    layers: Kind = 1
    name = "net_NUMBER"

@inwit.task(tools=[ADD])
def add(draw):
    one, other = draw.randint(0, LIMIT), draw.randint(0, LIMIT)
    return inwit.Problem(prompt="add {0} to {1}", operands=(one, other), answer=one + other)
"""


def test_files_of_the_same_names_keep_apart(tmp_path):
    """Each has its own neighbours and its own types."""
    for number, limit in enumerate((100, 7)):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "helper.py").write_text(f"LIMIT = {limit}")
        (folder / "own.py").write_text(HELPED.replace("NUMBER", str(number)))
    many, few = (read_task(str(tmp_path / folder / "own.py")) for folder in "01")
    largest = [max(max(problem.operands) for problem in task.pool) for task in (many, few)]
    assert largest == [100, 7]
    for number in range(2):
        assert Recipe().but(policy=f"net_{number}").policy.layers == 1


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("class Own(Base): pass", "own.py: Own must be a frozen dataclass"),
        ("@dataclass\nclass Own(Base): pass", "own.py: Own must be a frozen dataclass"),
        (
            "@dataclass(frozen=True)\nclass Own(Base):\n    size: int",
            r"Own\.size: give it a default",
        ),
    ],
)
def test_a_class_that_cannot_be_a_task_is_told(tmp_path, text, why):
    base = """
from dataclasses import dataclass
from inwit.tasks import Task

class Base(Task):
    name = rules = symbols = "own"
    def sample(self, level, generator, *, held_out=False): ...
    def max_presses(self, problems): ...

"""
    (tmp_path / "own.py").write_text(base + text)
    with pytest.raises(InvalidOption, match=why):
        read_task(f"{tmp_path / 'own.py'}:Own")
    with pytest.raises(InvalidOption, match="has 0 tasks: Base must be a frozen dataclass"):
        read_task(str(tmp_path / "own.py"))
