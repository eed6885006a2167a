"""Whatever a language model writes is its mistake: it ends no run, and it takes no time to read."""

import json
import time
from dataclasses import dataclass

import pytest

from inwit.answers import read_number
from inwit.errors import InvalidOption
from inwit.llm import environment_factory
from inwit.llm.chats import Reply
from inwit.llm.protocol import Refusal, response
from inwit.llm.recipe import ModelRecipe
from inwit.llm.values import Fault, Values
from inwit.llm.written_calls import read_calls


@dataclass(frozen=True)
class Money:
    """Something that refuses a value in words of its own."""

    units: int

    def __post_init__(self):
        if self.units < 0:
            raise TypeError("no negative money")


@pytest.mark.parametrize("value", [10**400, float("inf"), float("nan")])
def test_a_number_that_cannot_be_recalled_is_not_stored(value):
    environment = environment_factory("stages")()
    environment.reset(level=2, seed=1)
    with pytest.raises(Fault, match="finite"):
        environment.store(value)
    with pytest.raises(Fault, match="the memory is empty"):
        environment.recall()
    assert environment.get_reward() == 0.0


@pytest.mark.parametrize("given", [{"units": -3}, '{"units": -3}'])
def test_a_type_may_refuse_a_value_with_any_error(given):
    assert Values().read('{"units": 3}', Money) == Money(3)
    with pytest.raises(Fault, match="does not fit"):
        Values().read(given, Money)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (b'{"a": ' + b"9" * 5000 + b', "b": 2}', b"I multiply."),
        (b'{"a": ' + b"[" * 3000 + b"]" * 3000 + b', "b": 2}', b"I multiply."),
        (b'{"a": 3, "b": 2}', b"I \xff."),
    ],
    ids=["5,000 digits", "3,000 brackets", "no text"],
)
def test_a_response_that_json_refuses_because_of_the_model_is_no_fault_of_the_server(
    arguments, text
):
    call = b'{"id": "c", "function": {"name": "mul", "arguments": ' + arguments + b"}}"
    message = b'{"content": "' + text + b'", "tool_calls": [' + call + b"]}"
    reply = response(200, b'{"choices": [{"message": ' + message + b"}]}", 0)
    assert isinstance(reply, Reply)
    (call,) = reply.calls
    assert call.mistake or call.arguments in ({"a": float("inf"), "b": 2}, {"a": 3, "b": 2})
    assert isinstance(response(500, b"[" * 30_000, 0), Refusal)


@pytest.mark.parametrize("name", ["warm_up_rate", "learning_rate", "minutes"])
@pytest.mark.parametrize("value", [float("inf"), float("nan"), 0.0])
def test_rates_and_minutes_are_above_0_and_finite(name, value):
    with pytest.raises(InvalidOption, match="it must be above 0, and finite"):
        ModelRecipe(agent="llm:tiny", **{name: value}).check()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"right": 0, "passes": 2}, "--passes 2: there is no warm-up with --right 0 and --random"),
        ({"right": 0, "warm_up_rate": 1e-2}, "--warm-up-rate 0.01: there is no warm-up with"),
        ({"steps": 0, "learning_rate": 1e-3}, "--learning-rate 0.001: there is no GRPO with"),
        ({"steps": 0, "group": 4}, "--group 4: there is no GRPO with --steps 0; leave it out"),
        ({"steps": 0, "patience": 3}, "--patience 3: there is no GRPO with --steps 0"),
        ({"batch": 4}, "--group 8: at least 2, and a divisor of --batch 4"),
        ({"right": 0, "steps": 0}, "no demonstrations and no steps"),
    ],
)
def test_an_option_of_a_part_that_does_not_run_is_refused(given, told):
    with pytest.raises(InvalidOption, match=told):
        ModelRecipe(agent="llm:tiny", **given).check()


@pytest.mark.parametrize(
    ("given", "run"),
    [
        ({"right": 0}, ["trained"]),
        ({"steps": 0}, ["warm-up"]),
        ({"steps": 0, "batch": 4}, ["warm-up"]),
    ],
)
def test_only_what_runs_is_checked(given, run):
    pytest.importorskip("trl")
    from inwit.llm.training import parts

    recipe = ModelRecipe(agent="llm:tiny", **given)
    recipe.check()
    assert parts(recipe) == run


@pytest.mark.parametrize("change", [{"batch": 0}, {"right": "x"}, {"group": 3}, {"other": 1}])
def test_a_recipe_that_is_read_is_checked(change):
    content = json.loads(ModelRecipe(agent="llm:tiny").to_json())
    assert ModelRecipe.from_json(json.dumps(content)) == ModelRecipe(agent="llm:tiny")
    with pytest.raises((TypeError, ValueError)):
        ModelRecipe.from_json(json.dumps(content | change))
    del content["out"]
    with pytest.raises(ValueError, match="'out' is missing"):
        ModelRecipe.from_json(json.dumps(content))


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (read_calls, "```a" + " " * 2000 + "b"),
        (read_calls, "<tool_call>a" + " " * 20_000 + "x"),
        (read_calls, "<function=mul> x" + " " * 20_000 + "y"),
        (read_calls, "<|python_start|>a" + " " * 20_000 + "x"),
        (read_calls, "<|tool_calls_section_begin|>" + "a" * 20_000),
        (read_calls, "<\uff5ctool\u2581calls\u2581begin\uff5c>a" + " " * 20_000 + "x"),
        (read_calls, "<tool_call>x<arg_key>" + " " * 20_000),
        (read_calls, "to=functions." * 3000),
        (read_calls, "analysis" + "x" * 50_000),
        (read_calls, "```json\n" * 5000),
        (read_number, "1 or " * 2000),
    ],
    ids=[
        *("fence", "Hermes", "Llama 3.1", "Llama 4", "Kimi", "DeepSeek", "GLM", "gpt-oss"),
        *("thoughts", "fences", "alternatives"),
    ],
)
def test_long_texts_are_read_in_no_time(read, text):
    begun = time.process_time()
    read(text)
    assert time.process_time() - begun < 1
