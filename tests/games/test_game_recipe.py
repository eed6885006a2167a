"""The recipe of an environment, changed by names."""

import sys

import pytest

from inwit.games.recipe import game_recipe_for
from inwit.recipe import changes


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
