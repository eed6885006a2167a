"""Options that a recipe refuses, and the flags that it prints."""

from dataclasses import dataclass

import pytest

from inwit.cli.main import main
from inwit.errors import InvalidOption
from inwit.learners import A2C, GRPO, PPO, Adam
from inwit.recipe import flags
from inwit.recipes import recipe_for
from inwit.tasks import Expressions


@dataclass(frozen=True, kw_only=True)
class Weighed(A2C):
    weights: tuple[float, ...] = (1.0,)
    limit: int | None = 3

    name = "weighed"


def test_flags_are_words_as_they_are_typed():
    base = recipe_for("expressions").but(learner=Weighed())
    changed = base.but(**{"learner.weights": (3.0, 4.0), "learner.limit": None})
    words = ["--learner.weights", "3.0", "4.0", "--learner.limit", "None"]
    assert flags(changed, base) == words


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"reward.shaping": 0.5}, "--reward.shaping: 'expressions' has no sub-goals"),
        ({"learner": GRPO(group_size=8), "batch": 12}, "--batch 12: .* a multiple of 8, such as 8"),
        ({"learner": GRPO(group_size=8), "batch": 4}, "--batch 4: .* a multiple of 8, such as 8"),
        ({"learner": PPO}, r"learner: PPO is a class, give PPO\(\)"),
        ({"optimiser": "adam"}, r"optimiser 'adam': give Adam\(\.\.\.\), .*optimiser\.OPTION"),
    ],
)
def test_what_does_not_suit_is_told(changes, told):
    with pytest.raises(InvalidOption, match=told):
        recipe_for("expressions").but(**changes)


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
