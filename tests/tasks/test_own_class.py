"""A task by class: five members and one decorator, all else by default."""

from dataclasses import dataclass
from functools import cached_property

import pytest
import torch

import inwit
from inwit.errors import InvalidOption, InvalidProblem
from inwit.machine.rules import Rules
from inwit.tasks import Problems, Task, oracles, read_task, split
from inwit.testing import check_task
from inwit.tools import ADD, MUL
from tests.pages import registered_for_a_while

WORDS = ("add", "multiply")


@dataclass(frozen=True, kw_only=True)
class Sums(Task):
    """Add or multiply two numbers."""

    name = "sums-by-class"
    rules = Rules(tools=(ADD, MUL), operands=2, once=True)
    symbols = WORDS

    @cached_property
    def pools(self):
        asked = [(word, one, two) for word in (0, 1) for one in range(30) for two in range(30)]
        return [self.problems(part).pool for part in split(asked, repr)]

    def problems(self, asked):
        word, numbers = torch.tensor(asked).tensor_split([1], 1)
        one, two = numbers.double().unbind(1)
        return Problems(
            symbols=word,
            operands=numbers.double(),
            answer=torch.where(word[:, 0] == 0, one + two, one * two),
            level=torch.zeros(len(asked), dtype=torch.long),
            oracle=oracles(self.rules.vocabulary, [PROGRAMS[each] for each, *_ in asked]),
        )

    def sample(self, level, generator, *, held_out=False):
        return self.pools[held_out].draw(level, generator)

    def max_presses(self, problems):
        return 4


PROGRAMS = ("0 ADD 1 ANS", "0 MUL 1 ANS")


@dataclass(frozen=True, kw_only=True)
class Placed(Sums):
    """The numbers have places among the symbols, and there are two levels."""

    name = "placed-by-class"
    symbols = (*WORDS, "n")
    operand_symbols = ("n",)
    levels = range(2)

    def sample(self, level, generator, *, held_out=False):
        drawn = self.pools[held_out].draw(torch.zeros_like(level), generator)
        places = torch.full((len(level), 2), 2)
        symbols = torch.cat([places[:, :1], drawn.symbols, places[:, 1:]], 1)
        return Problems(
            symbols=symbols,
            operands=drawn.operands,
            answer=drawn.answer,
            level=level,
            oracle=drawn.oracle,
        )


@pytest.mark.parametrize("task", [Sums(), Placed()], ids=lambda task: task.name)
def test_it_holds_to_the_contracts(task):
    check_task(task, count=300, chance=1.0)


def test_the_five_members_are_all_that_has_no_default():
    assert Task.__abstractmethods__ | {"name"} == {
        "name",
        "rules",
        "symbols",
        "sample",
        "max_presses",
    }


@pytest.mark.slow
def test_it_is_registered_trained_and_solves_what_it_can_describe(tmp_path):
    with registered_for_a_while():
        inwit.register(Sums)
        agent = inwit.train(Sums.name, updates=2, batch=32, out=tmp_path / "run")
        trace = agent.solve("multiply (also given: 6, 7)")
    assert trace.exact == 42


@pytest.mark.parametrize("task", [Sums(), Placed()], ids=lambda task: task.name)
@pytest.mark.parametrize("held_out", [False, True])
def test_what_is_described_can_be_typed(task, held_out):
    level = torch.zeros(20, dtype=torch.long)
    problems = task.sample(level, torch.Generator().manual_seed(1), held_out=held_out)
    for row in range(20):
        typed = task.parse(f"  {task.describe(problems, row)} ")
        assert typed.symbols[0].equal(problems.symbols[row])
        assert typed.operands[0].equal(problems.operands[row])
        assert typed.answer[0] == problems.answer[row]


@pytest.mark.slow
def test_descriptions_put_operands_into_their_places():
    sums, placed = Sums(), Placed()
    assert sums.describe(sums.parse("add (also given: 3, 4)"), 0) == "add (also given: 3, 4)"
    assert placed.describe(placed.parse("3 add 4"), 0) == "3 add 4"


def test_another_text_is_refused_with_the_nearest():
    with pytest.raises(InvalidProblem, match=r"'3 ad 4' is not a problem .*; '3 add 4' is"):
        Placed().parse("3 ad 4")


def test_defaults_of_levels_and_memory():
    task = Placed()
    problems = task.sample(torch.tensor([0, 1]), torch.Generator().manual_seed(0))
    assert (Sums().levels, Sums().schedule, task.schedule) == (range(1), (0,), (0, 1))
    assert [task.form(level) for level in task.levels] == ["level 0", "level 1"]
    assert task.max_depth(problems) == 1


FILE = """
from dataclasses import dataclass
from inwit.tasks import Task

@dataclass(frozen=True, kw_only=True)
class Half(Task):
    rules = None
    def max_presses(self, problems): return 4
"""


def test_what_a_class_lacks_is_told(tmp_path):
    (tmp_path / "half.py").write_text(FILE)
    missing = r'Half has no name = "...", no sample, no symbols'
    with pytest.raises(InvalidOption, match=f"half.py has 0 tasks: {missing}"):
        read_task(str(tmp_path / "half.py"))
    with pytest.raises(InvalidOption, match=missing):
        inwit.register(
            type(
                "Half",
                (Task,),
                {"rules": None, "max_presses": lambda *_: 4, "__dataclass_fields__": {}},
            )
        )
