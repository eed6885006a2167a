"""Options are checked wherever they come from, and no part or recipe loses one on its way."""

import json
import types
import typing
from dataclasses import fields
from itertools import cycle, islice
from math import inf, nan
from pathlib import Path

import pytest

import inwit
from inwit.cli.commands.training import read
from inwit.curriculum import Curriculum, Gated
from inwit.errors import InvalidOption, InwitError, UnknownName
from inwit.learners import PPO, Learner
from inwit.parts import NONE
from inwit.policies import GRU, Architecture
from inwit.recipe import Recipe, changes, flags, options_of
from inwit.recipes import RECIPES, read_recipe, recipe_for
from inwit.tasks import Task, WordProblems
from inwit.training.run_folder import RunFolder
from tests.tiers import few_fast

BAD = {
    "updates": [0, -3, 2.5, None, "many", nan],
    "batch": [0, 10**7],
    "seed": [-1, 2**63],
    "epsilon": [-0.1, 0.5, 1.0, nan, inf],
    "search": [-1],
    "policy.width": [0, 4097, "wide"],
    "policy.reader": ["backwards"],
    "learner.entropy_weight": [-0.1, nan, inf],
    "learner.discount": [-0.1, 1.1],
    "replay": [-1, "much"],
    "replay.capacity": [0],
    "curriculum": ["random", 3],
    "learner": ["dreaming", 7],
    "policy": ["lstm", None],
    "reward.shaping": [-1.0, nan, inf],
    "optimiser.learning_rate": [0.0, -1e-3, 1.0, nan, inf, "fast"],
    "optimiser.anneal": [-0.1, 1.5],
    "once": ["perhaps"],
    "compile": [3],
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_value_is_refused_by_name(name):
    for value in BAD[name]:
        with pytest.raises(InvalidOption, match=name.replace("_", "[-_]").replace(".", r"\.")):
            Recipe().but(**{name: value})


def test_a_part_is_checked_however_it_is_made():
    for make in (lambda: PPO(clip=-1.0), lambda: Gated(gate=1.5), lambda: GRU(width=0)):
        with pytest.raises(
            InvalidOption, match=r"--(learner\.clip|curriculum\.gate|policy\.width)"
        ):
            make()
    with pytest.raises(InvalidOption, match=r"learner\.clip -1.*; --learner\.decay 2"):
        PPO(clip=-1.0, decay=2.0)


def test_a_search_does_not_go_with_hindsight():
    with pytest.raises(InvalidOption, match=r"--search does not go with --replay\.hindsight"):
        recipe_for("countdown").but(search=5)
    recipe_for("countdown").but(search=5, **{"replay.hindsight": 0})


def test_replay_alone_needs_something_to_replay():
    for parts in ({"learner": None, "replay": None}, {"replay": None, "search": 3}):
        with pytest.raises(InvalidOption, match="needs --replay"):
            Recipe(**parts)


@pytest.mark.parametrize(
    ("given", "nearest"),
    [
        ("bach", "batch"),
        ("learner.entrpy", "learner.entropy_weight"),
        ("optimizer.learning_rate", "optimiser.learning_rate"),
        ("onse", "once"),
    ],
)
def test_an_unknown_option_suggests_the_nearest(given, nearest):
    with pytest.raises(UnknownName, match=f"'{given}': it is one of .*did you mean '{nearest}'"):
        Recipe().but(**{given: 1})


@pytest.mark.parametrize("task", RECIPES)
def test_no_option_of_another_part_is_accepted(task):
    """What a part does not have is refused: nothing is accepted and ignored."""
    recipe = RECIPES[task]()
    known, others = options_of(recipe), set[str]()
    for other in RECIPES.values():
        others |= set(options_of(other()))
    others |= {
        "learner.clip",
        "learner.leave_one_out",
        "curriculum.gate",
        "policy.members",
        "width",
    }
    for name in others - set(known):
        with pytest.raises(UnknownName):
            recipe.but(**{name: 1})


def test_a_changed_recipe_leaves_the_first_alone():
    first = Recipe()
    assert first.but(batch=64).batch == 64
    assert first == Recipe() == first.but()


def test_parts_are_chosen_by_name_or_given():
    recipe = Recipe().but(learner="ppo", **{"learner.clip": 0.1})
    assert recipe.learner == PPO(clip=0.1)
    assert recipe == Recipe(learner=PPO(clip=0.1)) == Recipe().but(learner=PPO(clip=0.1))
    assert recipe.but(learner="ppo").learner == PPO(clip=0.1)
    assert recipe.but(learner=NONE).learner is None
    assert recipe.but(replay=0).replay is None
    assert recipe.but(replay=0).but(replay=7).replay.size == 7


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_is_of_its_task(name):
    assert RECIPES[name]().task.name == name == RECIPES[name]().label


def other_value(kind, value):
    """A value of this type that is another one."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Annotated:
        return other_value(arguments[0], value)
    if origin is typing.Literal:
        return next(each for each in arguments if each != value)
    if origin in (typing.Union, types.UnionType):
        return other_value(next(each for each in arguments if each is not type(None)), value)
    if kind is bool:
        return not value
    if kind in (int, float):
        return value + 1 if kind is int else value / 2 + 0.07
    return {"operators": "+-", "drawn": "-", "device": "cuda"}.get(value, "")


ONLY_HERE = {
    "device": "cpu",  # there may be no other
    "operators": "+-",
    "drawn": "-",
    "seed": 7,
    "largest": 3,
    "modulus": 101,
    "width": 8,
    "updates": 2,
    "batch": 12,
    "search": 1,
    "practice": 1,
    "size": 8,
    "capacity": 16,
    "operands": 12,
    "epochs": 3,
    "group_size": 4,
    "minibatches": 3,
    "episodes": 4,
    "programs": 2,
    "retries": 3,
    "steps": 3,
    "members": 2,
    "compile": False,  # see `test_compiled.py`
    "presses": 5,
}
"""Values that keep a training small."""


def everything_changed(recipe):
    """The recipe with every option set to something else than its default."""
    changes = {}
    for name, option in options_of(recipe).items():
        if name in ("out", "data", "policy", "learner", "curriculum", "replay", "masks"):
            continue
        hindsight = recipe.replay is not None and recipe.task.has_hindsight
        if name == "search" and (recipe.replay is None or hindsight):  # they exclude each other
            continue
        if name == "replay.hindsight" and not recipe.task.has_hindsight:
            continue
        if name == "reward.shaping" and not recipe.task.has_subgoals:
            continue
        if name == ("blind" if getattr(recipe.task, "tries", 1) > 1 else "tries"):  # so do these
            continue
        changes[name] = ONLY_HERE.get(option.field, other_value(option.kind, option.value))
    return recipe.but(**changes)


def combinations():
    """Every task with its own parts, and every part at least once."""
    for task in RECIPES:
        yield task, {}
    yield "countdown", {"tries": 2}
    named = {
        "policy": sorted(Architecture.registered),
        "learner": sorted(Learner.registered),
        "curriculum": sorted(Curriculum.registered),
        "masks": ["given", "none", "learned"],  # a second head of everything but the ensemble
    }
    most = max(map(len, named.values()))
    for parts in islice(zip(*map(cycle, named.values()), strict=True), most):
        yield "stages", dict(zip(named, parts, strict=True))


COMBINATIONS = list(combinations())


@pytest.mark.parametrize(("task", "parts"), few_fast(COMBINATIONS, 0, many=True), ids=str)
def test_every_option_survives_training_saving_loading_and_resuming(task, parts, tmp_path):
    recipe = everything_changed(recipe_for(task).but(**parts)).but(out=tmp_path / "run")
    if task == "word-problems":
        recipe = recipe.but(data=MAWPS(tmp_path))
    defaults = options_of(recipe_for(task).but(**parts))
    same = [
        name
        for name, option in options_of(recipe).items()
        if option.value == defaults[name].value and name not in ("device", "compile")
    ]
    kept = {"policy", "learner", "curriculum", "replay", "data", "search", "masks"}
    kept.add("blind" if parts else "tries")
    if not recipe.task.has_hindsight:
        kept.add("replay.hindsight")
    if not recipe.task.has_subgoals:
        kept.add("reward.shaping")
    assert set(same) <= kept
    agent = inwit.train(recipe)
    again = inwit.load(tmp_path / "run")
    assert again.recipe == agent.recipe == recipe
    assert inwit.resume(tmp_path / "run").recipe == recipe
    assert json.loads((tmp_path / "run/config.json").read_text())["recipe"] == recipe.dump()
    assert read_recipe(json.loads(json.dumps(recipe.dump()))) == recipe.but(out=None)


def MAWPS(folder):  # noqa: N802
    rows = [
        f"Ann has number0 and number1 pears {n},{n} 3,+ number0 number1,{n + 3}" for n in range(9)
    ]
    for part in ("train", "dev"):
        text = "Question,Numbers,Equation,Answer\n" + "\n".join(rows) + "\n"
        (folder / f"{part}.csv").write_text(text)
    return folder


@pytest.mark.parametrize(("task", "parts"), few_fast(COMBINATIONS, 0, 4, 8, 12, many=True), ids=str)
def test_the_command_line_sets_every_option(task, parts):
    """What a recipe prints as flags is read as the same recipe."""
    recipe = everything_changed(recipe_for(task).but(**parts))
    base = recipe_for(task)
    read_again, _ = read([task, *flags(recipe, base)])
    assert read_again == recipe
    assert base.but(**changes(recipe, base)) == recipe
    assert not changes(base, base)


def test_numbers_are_read_from_text_as_they_are_meant():
    recipe = Recipe().but(updates="20", epsilon="0.25", compile="no", out="here")
    assert (recipe.updates, recipe.epsilon, recipe.compile) == (20, 0.25, False)
    assert recipe.out == Path("here")


def test_every_field_of_every_part_is_an_option_or_named_as_none():
    for family in (Task, Architecture, Learner, Curriculum):
        for kind in family.registered.values():
            names = {each.name for each in fields(kind)}
            assert kind.fixed <= names
            assert set(kind.options()) == names - kind.fixed


def test_files_of_word_problems_are_an_option(tmp_path):
    task = WordProblems(data=MAWPS(tmp_path))
    assert len(task.known) == 9
    with pytest.raises(InvalidOption, match="there is no"):
        WordProblems(data=tmp_path / "nowhere")


def test_a_run_of_the_first_version_is_refused_in_one_line(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"format": 1, "recipe": {}, "made": {}}))
    with pytest.raises(InwitError, match=r"has format 1; .*: train it again") as told:
        RunFolder(tmp_path).recipe()
    assert "\n" not in str(told.value)


def test_every_mistake_is_one_of_ours():
    assert issubclass(InvalidOption, InwitError)
    assert issubclass(UnknownName, InvalidOption)
    assert issubclass(InwitError, ValueError)
