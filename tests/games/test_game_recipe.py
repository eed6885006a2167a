"""The recipe of an environment, changed by names."""

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
