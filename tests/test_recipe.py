import subprocess
import sys
from math import inf, nan

import pytest

from inwit.errors import InvalidOption, InwitError, UnknownName
from inwit.recipe import RECIPES, Recipe

BAD = [
    ("updates", 0),
    ("updates", -3),
    ("batch", 0),
    ("width", 0),
    ("replay", -1),
    ("entropy", -0.1),
    ("entropy", nan),
    ("entropy", inf),
    ("shaping", -1.0),
    ("shaping", nan),
    ("shaping", inf),
    ("gate", -0.1),
    ("gate", 1.1),
    ("gate", nan),
    ("gate", inf),
    ("seed", -1),
    ("seed", 2**63),
    ("explore", -0.1),
    ("explore", 0.5),
    ("explore", 1.0),
    ("explore", nan),
    ("explore", inf),
    ("learning_rate", 0.0),
    ("learning_rate", -1e-3),
    ("learning_rate", 1.0),
    ("learning_rate", nan),
    ("learning_rate", inf),
]
# The type checker of the tests refuses these before the library can: they need a process without.
WRONG = {
    "updates": [2.5, None],
    "batch": ["many"],
    "learning_rate": ["fast"],
    "policy": ["lstm"],
    "learner": ["dreaming", None],
    "curriculum": ["random"],
}


@pytest.mark.parametrize(("name", "value"), BAD)
def test_a_bad_value_is_refused_by_name(name, value):
    with pytest.raises(InvalidOption, match=name.replace("_", "[-_]")):
        Recipe(**{name: value})
    with pytest.raises(InvalidOption):
        Recipe().but(**{name: value})


def test_wrong_types_and_names_are_refused():
    program = (
        "from inwit.errors import InvalidOption\n"
        "from inwit.recipe import Recipe\n"
        f"for name, values in {WRONG!r}.items():\n"
        "    for value in values:\n"
        "        try:\n"
        "            Recipe().but(**{name: value})\n"
        "        except InvalidOption:\n"
        "            continue\n"
        "        except Exception as error:\n"
        "            print(f'{name}={value!r} raised {error!r}')\n"
        "        else:\n"
        "            print(f'{name}={value!r} was taken')\n"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (told.stdout, told.stderr) == ("", "")


def test_replay_alone_needs_something_to_replay():
    with pytest.raises(InvalidOption, match="replay"):
        Recipe(learner="replay", replay=0)


@pytest.mark.parametrize(
    ("given", "nearest"),
    [("bach", "batch"), ("learning-rate", "learning_rate"), ("entrpy", "entropy")],
)
def test_an_unknown_option_suggests_the_nearest(given, nearest):
    with pytest.raises(UnknownName, match=f"unknown option '{given}'.*did you mean '{nearest}'"):
        Recipe().but(**{given: 1})


def test_a_changed_recipe_leaves_the_first_alone():
    first = Recipe()
    assert first.but(batch=64).batch == 64
    assert first == Recipe()
    assert first.but() == first


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_every_recipe_is_of_its_task(name):
    assert RECIPES[name]().task == name


def test_every_mistake_is_one_of_ours():
    assert issubclass(InvalidOption, InwitError)
    assert issubclass(UnknownName, InvalidOption)
    assert issubclass(InwitError, ValueError)
