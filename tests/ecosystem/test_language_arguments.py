"""What the functions for language models are given is checked before anything is made."""

from dataclasses import replace

import pytest

from inwit.errors import InvalidOption, UnknownName
from inwit.llm import Toolbox, dataset, demonstrations, environment_factory, tool_functions
from inwit.llm.endpoint import Endpoint
from inwit.llm.local import LocalModel, load_local
from inwit.llm.prompts import prompt_rows
from inwit.llm.recipe import ModelRecipe
from inwit.llm.scoring import evaluate_model
from inwit.llm.tiny import tiny_model, warm_up

STAGES = Toolbox("stages")


@pytest.mark.parametrize("make", [environment_factory, tool_functions])
@pytest.mark.parametrize("limits", [{"seconds": -1, "memory": False}, {"other": 3}])
def test_limits_beside_a_toolbox_are_refused(make, limits):
    told = f"{', '.join(limits)}: a Toolbox has its own limits; give them where it is made"
    with pytest.raises(InvalidOption, match=told):
        make(STAGES, **limits)
    assert make(STAGES)


@pytest.mark.parametrize("calls", [-1, 1.5, "2", True])
def test_calls_of_an_episode_are_0_or_more(calls):
    with pytest.raises(InvalidOption, match=r"calls .*: give a whole number, or 0 for as many as"):
        environment_factory(STAGES, calls=calls)
    assert environment_factory(STAGES, calls=0)


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        ({"seconds": "5"}, "seconds '5': give a number above 0, or None for no limit"),
        ({"seconds": 0}, "seconds 0: give a number above 0"),
        ({"seconds": float("nan")}, "seconds nan: give a number above 0"),
        ({"seconds": True}, "seconds True: give a number above 0"),
        ({"megabytes": "5"}, "megabytes '5': give a whole number of at least 1"),
        ({"megabytes": 0}, "megabytes 0: give a whole number of at least 1"),
        ({"memory": "no"}, "memory 'no': give True, False, or None"),
    ],
)
def test_limits_are_in_range(limits, told):
    with pytest.raises(InvalidOption, match=told):
        Toolbox("stages", **limits)


def test_programs_are_the_oracles_or_even():
    with pytest.raises(UnknownName, match=r"'evn'.*did you mean 'even'"):
        demonstrations(STAGES, 2, programs="evn")
    with pytest.raises(UnknownName):
        demonstrations(STAGES, 2, programs=None)


MAKERS = [demonstrations, prompt_rows, dataset]


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("count", [0, -1, 1.5, "2"])
def test_counts_are_whole_and_at_least_1(make, count):
    with pytest.raises(InvalidOption, match="give a whole number of at least 1"):
        make(STAGES, count)


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("seed", [-1, 2**63, 0.5])
def test_seeds_are_in_range(make, seed):
    with pytest.raises(InvalidOption, match=r"it must be from 0 to 2\^63 - 1"):
        make(STAGES, 1, seed=seed)


@pytest.mark.parametrize("row", [{"level": 9, "seed": 0}, {"level": 0, "seed": -1}])
def test_an_episode_has_a_level_and_a_seed_that_exist(row):
    with pytest.raises(InvalidOption):
        environment_factory(STAGES)().reset(**row)


@pytest.mark.parametrize(
    "given", [{"count": 0}, {"count": 1.5}, {"levels": []}, {"levels": [9]}, {"seed": -1}]
)
def test_a_model_is_scored_on_something(given):
    with pytest.raises(InvalidOption):
        evaluate_model(None, STAGES, **({"count": 1, "seed": 0} | given))


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: LocalModel(None, None, tokens=0), "0 tokens: give a whole number"),
        (lambda: LocalModel(None, None, temperature=-1), "temperature -1: give 0 or more"),
        (lambda: load_local("/nowhere", tokens=-1), "-1 tokens: give a whole number"),
        (lambda: Endpoint("http://127.0.0.1/v1#m", tokens=0), "0 tokens: give a whole number"),
        (lambda: Endpoint("http://127.0.0.1/v1#m", seconds=0), "seconds 0, pause 1.0: give"),
        (lambda: tiny_model(None, width=7), "width 7: give a multiple of 8"),
        (lambda: tiny_model(None, layers=0), "0 layers: give a whole number"),
        (lambda: warm_up(None, None, []), "0 chats: give a whole number of at least 1"),
        (lambda: warm_up(None, None, [[]], steps=0), "0 steps: give a whole number"),
        (lambda: warm_up(None, None, [[]], learning_rate=0), "learning_rate 0: give a finite"),
    ],
)
def test_models_are_made_of_numbers_in_range(make, told):
    with pytest.raises(InvalidOption, match=told):
        make()


@pytest.mark.parametrize("name", ["right", "steps", "lora", "batch", "tokens"])
@pytest.mark.parametrize("value", [1.5, "2", True, -1])
def test_numbers_of_a_recipe_are_whole(name, value):
    with pytest.raises(InvalidOption, match=f"--{name} {value}: it must be a whole number of at"):
        replace(ModelRecipe(agent="llm:tiny"), **{name: value}).check()
