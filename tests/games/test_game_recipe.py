"""The recipe of an environment, changed by names."""

import sys

import pytest

from inwit.cli.games import COLUMNS, Lines
from inwit.errors import InvalidOption
from inwit.games.recipe import game_recipe_for
from inwit.learners import PPO
from inwit.recipe import changes
from inwit.training.metrics import Report


@pytest.mark.parametrize(
    "given",
    [
        {"learner": "a2c"},
        {"learner.discount": 1.0},
        {"learner": "a2c", "learner.discount": 1.0},
        {"policy": "aggregated", "learner": "a2c", "learner.discount": 0.5, "length": 20},
    ],
    ids=str,
)
def test_what_differs_makes_the_recipe_again(given):
    base = game_recipe_for("memory-length")
    wanted = base.but(**given)
    assert base.but(**changes(wanted, base)) == wanted


def test_a_task_of_a_file_in_the_working_folder_is_no_environment(tmp_path, monkeypatch):
    (tmp_path / "own_tasks_here.py").write_text("")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    for name in ("own_tasks_here.py", "own_tasks_here.py:one"):
        assert game_recipe_for(name) is None


def test_episodes_at_one_problem_are_for_tasks():
    class Grouped(PPO):
        group_size = 2
        name = "grouped"

    with pytest.raises(
        InvalidOption, match=r"^--learner grouped makes 2 episodes at each problem:"
    ):
        game_recipe_for("memory-length").but(learner=Grouped())


def test_a_line_of_a_learner_that_reports_nothing():
    metrics = {"episodes/return": 0.25, "policy/entropy": 0.5}
    report = Report(update=2, episodes=8, level=0, metrics=metrics, seconds=1.0)
    lines = Lines(9)
    assert lines(report) == ["2/9", "0.250", "-", "0.500", "-"]
    assert len(lines(report)) == len(COLUMNS) - 2  # its pace comes after
    later = Report(update=3, level=0, episodes=9, seconds=1.0, metrics={"policy/entropy": 0.25})
    assert lines(later) == ["3/9", "0.250", "-", "0.250", "-"]
    assert Lines(9)(later) == ["3/9", "-", "-", "0.250", "-"]
