"""Options that a recipe refuses, and the flags that it prints."""

import json
from dataclasses import dataclass
from enum import Enum
from math import inf, nan

import pytest
import tyro

from inwit.cli.commands.options import chosen, options_class
from inwit.cli.commands.training import Beside
from inwit.cli.main import main
from inwit.errors import InvalidOption
from inwit.learners import A2C, GRPO, PPO, Adam, Learner
from inwit.policies import Ensemble, Pointer
from inwit.recipe import Recipe, flags
from inwit.recipes import recipe_for
from inwit.tasks import Expressions, Stages
from inwit.texts import to_json


class Mode(Enum):
    SUM, MEAN = "sum", "mean"


@dataclass(frozen=True, kw_only=True)
class Weighed(A2C):
    weights: tuple[float, ...] = (1.0,)
    limit: int | None = 3
    most: float = 1.0
    mode: Mode = Mode.SUM

    name = "weighed"


def test_flags_are_words_as_they_are_typed(monkeypatch):
    monkeypatch.setattr(Learner, "registered", Learner.registered | {"weighed": Weighed})
    base = recipe_for("expressions").but(learner=Weighed())
    given = {"weights": (3.0, 4.0), "limit": None, "most": inf, "mode": Mode.MEAN}
    changed = base.but(**{f"learner.{name}": value for name, value in given.items()})
    words = ["--learner.weights", "3.0", "4.0", "--learner.limit", "None"]
    words += ["--learner.most", "inf", "--learner.mode", "mean"]
    assert flags(changed, base) == words
    parsed = tyro.cli(options_class(base, Beside), args=words)
    assert base.but(**chosen(base, parsed)) == changed


def test_an_infinite_option_comes_back_from_a_run_folder():
    recipe = recipe_for("expressions").but(learner=Weighed(most=inf))
    plain = json.loads(to_json(recipe.dump()))["learner"]
    assert Weighed(**{name: plain[name] for name in plain if name != "type"}) == recipe.learner


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"reward.shaping": 0.5}, "--reward.shaping: 'expressions' has no sub-goals"),
        ({"learner": GRPO(group_size=8), "batch": 12}, "--batch 12: .* a multiple of 8, such as 8"),
        ({"learner": GRPO(group_size=8), "batch": 4}, "--batch 4: .* a multiple of 8, such as 8"),
        ({"learner": PPO}, r"learner: PPO is a class, give PPO\(\)"),
        ({"optimiser": "adam"}, r"optimiser 'adam': give Adam\(\.\.\.\), .*optimiser\.OPTION"),
        ({"replay": -1}, "^--replay -1: it must be from 0 to 1,000,000,000$"),
        ({"replay": True}, "^--replay True: it must be from 0 to 1,000,000,000$"),
        ({"updates": True}, "^--updates True: it must be a number$"),
        ({"reward.fault_cost": 1e300}, "--reward.fault-cost 1e.*: it must be at most 1e"),
        ({"policy": Pointer(), "policy.reluctance": -1e308}, "it must be at least -1e"),
        ({"policy": Ensemble(), "policy.reluctance": inf}, "it must be a finite number"),
        ({"learner": Weighed(), "learner.most": nan}, "--learner.most nan: it must be a number"),
    ],
)
def test_what_does_not_suit_is_told(changes, told):
    with pytest.raises(InvalidOption, match=told):
        recipe_for("expressions").but(**changes)


def test_a_race_is_for_tasks_of_ones_own():
    with pytest.raises(
        InvalidOption, match=r"^--race: it is for tasks of your own, not for 'stages'"
    ):
        Recipe(task=Stages(), race=True)


def test_what_suits_is_taken():
    assert recipe_for("stages").but(**{"reward.shaping": 0.5}).reward.shaping == 0.5
    assert recipe_for("expressions").but(learner=GRPO(group_size=8), batch=16).batch == 16
    assert not Expressions().has_subgoals
    assert recipe_for("expressions").but(optimiser=Adam(anneal=0.5)).optimiser.anneal == 0.5


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["--learner.minibatchs", "2"], "learner a2c has no such option"),
        (["--learner.dicount", "0.5"], "did you mean --learner.discount?"),
        (["--replay.size", "5"], "replay has no such option; did you mean --replay?"),
        (
            ["--replay", "0", "--search", "0", "--replay.until", "0.5"],
            "replay none has no such option; allowed: none",
        ),
    ],
)
def test_an_unknown_option_of_a_part_is_told_with_what_there_is(given, told, capsys, tmp_path):
    with pytest.raises(SystemExit, match="2"):
        main(["train", "stages", *given, "--out", str(tmp_path / "run")])
    assert told in capsys.readouterr().err
    assert not (tmp_path / "run").exists()
