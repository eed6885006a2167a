"""What cannot be an option, a name or a part is refused where it is made, in a line."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
import torch

import inwit
from inwit.cli.commands.training import read
from inwit.cli.main import main
from inwit.errors import InvalidOption
from inwit.learners import A2C, PPO, Learner
from inwit.policies import Memoryless
from inwit.recipe import Recipe, flags
from inwit.recipes import recipe_for
from inwit.tasks import Stages, Task

OWN = """
import inwit

@inwit.tool
def add(a: int, b: int) -> int:
    return a + b

@inwit.task(tools=[add])
def mine(draw):
    a, b = draw.sample(range(50), 2)
    return inwit.Problem(prompt="{0} and {1}", operands=(a, b), answer=a + b)
"""


@pytest.fixture(autouse=True)
def as_before(monkeypatch):
    for kind in (Learner, Task):
        monkeypatch.setattr(kind, "registered", dict(kind.registered))


def learner(**fields):
    """A class with these annotated fields, as a user writes it."""
    names = {name: kind for name, (kind, _) in fields.items()}
    values = {name: value for name, (_, value) in fields.items() if value is not ...}
    made = type("Mine", (A2C,), {"name": "mine", "__annotations__": names, **values})
    return dataclass(frozen=True, kw_only=True)(made)


def test_a_class_without_the_decorator_is_refused():
    """Its fields would be no options, and its defaults would be those of its parent."""

    class Mine(A2C):
        discount: float = 0.5
        name = "mine"

    with pytest.raises(InvalidOption, match="Mine must be a frozen dataclass: put @dataclass"):
        inwit.register(Mine)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"type": (int, 3)}, "Mine.type: every part has something of this name"),
        ({"loss": (int, 3)}, "Mine.loss: every part has something of this name"),
        ({"but": (int, 3)}, "Mine.but: every part has something of this name"),
        ({"must": (int, ...)}, "Mine.must: give it a default"),
        ({"many": (list[int], field(default_factory=list))}, "a tuple of them"),
        ({"listed": (list[int], (3, 4))}, "Mine.listed: .*a tuple of them"),
        ({"some": (frozenset[str], frozenset("ab"))}, "Mine.some: .*a tuple of them"),
        ({"lost": ("Sequence", (1, 2))}, "Mine: a type of a field cannot be read .*'Sequence'"),
        ({"call": (Callable[[int], int], max)}, "Mine.call: .*cannot be one"),
        ({"weights": (torch.Tensor, None)}, "Mine.weights: None cannot be one"),
    ],
)
def test_a_field_that_cannot_be_an_option_is_refused(fields, told):
    with pytest.raises(InvalidOption, match=told):
        inwit.register(learner(**fields))


@pytest.mark.parametrize("name", ["none", " ", "a b", "--x", "x.py", "gymnasium:x", "7"])
def test_a_name_that_cannot_be_typed_is_refused(name):
    made = learner()
    made.name = name
    with pytest.raises(InvalidOption, match=r"Mine.name is .*: it must be letters"):
        inwit.register(made)


def test_an_option_of_a_task_does_not_hide_one_of_the_run(capsys):
    @inwit.register
    @dataclass(frozen=True, kw_only=True)
    class Coll(Stages):
        batch: int = 3
        name = "coll"

    with pytest.raises(InvalidOption, match=r"Coll.batch: every run has an option batch"):
        recipe_for("coll").but(batch=7)
    with pytest.raises(SystemExit):
        main(["train", "coll", "--help"])
    assert "Coll.batch: every run has an option batch" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["watch", "ray", "seeds", "help", "agent"])
def test_an_option_of_a_task_does_not_hide_one_beside_the_run(option):
    body = {option: 3, "__annotations__": {option: int}, "name": f"has-{option}"}
    inwit.register(dataclass(frozen=True, kw_only=True)(type(option, (Stages,), body)))
    with pytest.raises(InvalidOption, match=f"--{option} is taken"):
        read([f"has-{option}"])


def test_an_option_of_a_policy_does_not_hide_one_beside_it():
    @inwit.register
    @dataclass(frozen=True, kw_only=True)
    class Racing(Memoryless):
        race: bool = False
        name = "racing"

    with pytest.raises(InvalidOption, match=r"--policy\.race is taken"):
        read(["stages", "--policy", "racing"])


@pytest.mark.parametrize(
    "parts",
    [
        {"learner": "ppo"},
        {"task": "stages"},
        {"policy": PPO},
        {"masks": True},
        {"curriculum": None},
        {"replay": 5},
    ],
)
def test_what_is_no_part_is_refused_by_a_recipe(parts):
    (name,) = parts
    with pytest.raises(InvalidOption, match=rf"^{name}=.*: give a "):
        Recipe(**parts)


@pytest.mark.parametrize("task", [None, 5])
def test_another_task_is_refused_in_words(task):
    with pytest.raises(InvalidOption, match=f"task {task}: start from its recipe"):
        Recipe().but(task=task)


@pytest.mark.slow
def test_the_race_that_is_asked_for_is_run(tmp_path):
    (tmp_path / "mine.py").write_text(OWN)
    file = str(tmp_path / "mine.py")
    for arguments, race in (([], True), (["--policy.width", "64"], False)):
        assert read([file, *arguments])[0].race == race
        recipe, _ = read([file, *arguments, "--race"])
        assert recipe.race
        assert read([file, *flags(recipe, recipe_for(file))])[0].race
        assert not read([file, *arguments, "--no-race"])[0].race


def test_a_recipe_without_replay_is_written_as_flags():
    """`--replay 0` alone does not go with the search of the recipe."""
    base = recipe_for("stages")
    words = flags(base.but(replay=0, search=0), base)
    assert read(["stages", *words])[0] == base.but(replay=0, search=0)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--learner.clip", "0.3"], "--learner.clip: learner a2c has no such option, "),
        (["--policy.reader=text", "--policy", "memoryless"], "--policy.reader: policy memoryless"),
        (["--largest", "4"], "--largest: task stages has no such option, "),
    ],
)
def test_an_option_of_another_part_says_whose_it_is(arguments, told, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["train", "stages", *arguments])
    assert stopped.value.code == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    ("form", "once"), [([], None), (["--once"], True), (["--no-once"], False)], ids=str
)
def test_a_switch_that_may_stay_open_is_left_out_or_typed(form, once, tmp_path):
    (tmp_path / "mine.py").write_text(OWN)
    file = str(tmp_path / "mine.py")
    recipe, _ = read([file, *form])
    assert recipe.task.once is once
    assert flags(recipe, recipe_for(file)) == form
