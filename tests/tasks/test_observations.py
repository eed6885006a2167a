"""Which numbers are seen, when, and how they are encoded."""

import math
import random

import pytest
import torch

import inwit
from inwit.environment import Environment
from inwit.errors import InvalidOption, UnknownName
from inwit.tasks.observations import WAVES, WIDTH, see_waves
from inwit.tools import ADD, DIV, FAULT, MUL
from inwit.training.rollout import rollout
from inwit.trajectory import join

ZEROS = [0] * 15


def one_hot(place):
    return [int(each == place) for each in range(15)]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.0, [0, 0, *one_hot(2), 0, 0, 0, 0, 0, 0, 0]),
        (7.0, [1, math.log(8) / 4, *one_hot(9), 1 / 2, 1 / 3, 2 / 5, 7 / 10, 0, 0, 0]),
        (-2.0, [-1, math.log(3) / 4, *one_hot(0), 0, 1 / 3, 3 / 5, 8 / 10, 0, 0, 0]),
        (12.0, [1, math.log(13) / 4, *one_hot(14), 0, 0, 2 / 5, 2 / 10, 0, 0, 0]),
        (13.0, [1, math.log(14) / 4, *ZEROS, 1 / 2, 1 / 3, 3 / 5, 3 / 10, 0, 0, 0]),
        (-3.0, [-1, math.log(4) / 4, *ZEROS, 1 / 2, 0, 2 / 5, 7 / 10, 0, 0, 0]),
        (2.5, [1, math.log(3.5) / 4, *ZEROS, 0.25, 2.5 / 3, 0.5, 0.25, 0, 0, 0]),
        (math.nan, [0] * 21 + [1, 0, 0]),
        (FAULT, [0] * 21 + [0, 1, 0]),
        (-FAULT, [0] * 21 + [0, 1, 0]),
        (2.0**1000, [0] * 21 + [0, 0, 1]),
    ],
)
def test_a_number_is_encoded_as_computed_by_hand(value, expected):
    seen = inwit.see_number(torch.tensor([value], dtype=torch.double))
    assert seen.dtype == torch.float32
    assert seen.shape == (1, WIDTH) == (1, 24)
    assert seen[0].tolist() == pytest.approx(expected, abs=1e-6)
    assert torch.equal(inwit.see_number(value), seen[0])


def test_every_encoding_is_finite_and_large_numbers_keep_their_remainders():
    values = torch.tensor([2.0**999, -(2.0**999), 5e-324, 2.0**53 - 1], dtype=torch.double)
    seen = inwit.see_number(values)
    assert seen.isfinite().all()
    assert seen[3, 17:21].tolist() == pytest.approx([1 / 2, 1 / 3, 1 / 5, 1 / 10])


def test_any_shape_goes(generator):
    values = torch.randint(-20, 20, (3, 4, 5), generator=generator).double()
    seen = inwit.see_number(values)
    assert torch.equal(seen[1, 2, 3], inwit.see_number(float(values[1, 2, 3])))


def sums(draw: random.Random) -> inwit.Problem:
    one, other = draw.randrange(30), draw.randrange(30)
    return inwit.Problem(prompt="add {0} and {1}", operands=(one, other), answer=one + other)


def task(sees, function=sums, **options):
    return inwit.task(tools=[ADD, MUL, DIV], presses=8, memory=2, sees=sees, **options)(function)


def after(made, keys):
    """What is seen after these keys at `add 6 and 0`, the prompt, and the environment."""
    environment = Environment(made)
    prompt, observation = environment.reset(made.parse("add 6 and 0"))
    for key in keys.split():
        observation, _ = environment.press(torch.tensor([environment.machine.vocabulary[key]]))
    return prompt, observation


def encoded(*values):
    return torch.cat([inwit.see_number(float(value)) for value in values])


@pytest.mark.parametrize(
    ("keys", "display", "aside"),
    [
        ("", "nan", "nan"),
        ("0", 6, "nan"),
        ("0 MUL 0", 36, "nan"),
        ("0 MUL 0 ADD STO 0", 6, 36),
        ("0 STO 1 ADD STO", "nan", 0),
        ("0 STO 0 ADD STO 1", 0, 6),
        ("1 STO 0 ADD STO 0 RCL", 12, 0),
        ("0 MUL STO 0 ADD 0 RCL", 72, "nan"),
        ("0 DIV 1", "inf", "nan"),
        ("0 DIV 1 STO", "nan", "inf"),
    ],
)
def test_display_and_memory_are_seen_at_every_press(keys, display, aside):
    prompt, observation = after(task(["display", "aside"]), keys)
    assert torch.equal(observation.values[0], encoded(display, aside))
    assert prompt.values.shape == (1, 4, 0)


def test_operands_are_seen_in_their_places():
    prompt, observation = after(task("operands"), "0")
    zeros = torch.zeros(WIDTH)
    expected = torch.stack([zeros, encoded(6), zeros, encoded(0)])
    assert torch.equal(prompt.values[0], expected)
    assert observation.values.shape == (1, 0)


def test_numbers_that_are_written_are_seen_in_their_places():
    def target(draw):
        goal, one = draw.randrange(1000), draw.randrange(99)
        text = f"reach {goal} or -2.5 from {{0}} and 2b, twice"
        return inwit.Problem(prompt=text, operands=(one,), answer=goal)

    for sees, operand in (("numbers", [0.0] * WIDTH), (["numbers", "operands"], None)):
        made = task(sees, target)
        problems = made.sample(torch.zeros(20, dtype=torch.long), torch.Generator().manual_seed(0))
        seen = made.see_prompt(problems)
        assert seen.shape == (20, problems.symbols.shape[1], made.prompt_values)
        assert (made.prompt_values, made.press_values) == (WIDTH, 0)
        for row in range(20):
            for place, symbol in enumerate(problems.symbols[row].tolist()):
                word = made.symbols[symbol]
                if word == "{0}":
                    value = float(problems.operands[row, 0])
                    expected = operand or inwit.see_number(value).tolist()
                elif word in ("-2.5", str(int(problems.answer[row]))):
                    expected = inwit.see_number(float(word)).tolist()
                else:
                    expected = [0.0] * WIDTH
                assert seen[row, place].tolist() == expected, word


def test_all_operands_are_seen_at_every_press():
    for keys in ("", "0 MUL"):
        prompt, observation = after(task(["all-operands"]), keys)
        assert torch.equal(observation.values[0], encoded(6, 0))
        assert prompt.values.shape == (1, 4, 0)


def test_a_function_sees_what_it_likes():
    made = task(lambda value: [value / 10, value > 5])
    for keys, expected in (
        ("", [0, 0, 1, 0]),
        ("0", [0.6, 1, 0, 0]),
        ("1", [0, 0, 0, 0]),
        ("0 DIV 1", [0, 0, 0, 1]),
    ):
        assert after(made, keys)[1].values[0].tolist() == pytest.approx(expected)


def test_categories_are_seen_beside_numbers():
    made = task("display", shown=["small"], display=lambda value: "small")
    observation = after(made, "0")[1]
    assert observation.seen.tolist() == [[2]]
    assert torch.equal(observation.values[0], encoded(6))


def test_a_task_that_shows_nothing_has_no_numbers():
    prompt, observation = after(task([]), "0")
    assert prompt.values.shape == (1, 4, 0)
    assert observation.values.shape == (1, 0)


def words(draw: random.Random) -> inwit.Problem:
    word = "".join(draw.choices("abcdef", k=4))
    return inwit.Problem(prompt="say {0}", operands=(word,), answer=word)


@inwit.tool
def shout(text: str) -> str:
    """In capitals."""
    return text.upper()


def test_of_an_object_only_a_function_sees_something():
    for sees, expected in (
        ("display", [0.0] * 23 + [1.0]),
        (lambda value: [len(value)], [4.0, 0.0, 0.0]),
    ):
        made = inwit.task(tools=[shout], sees=sees)(words)
        environment = Environment(made)
        environment.reset(made.sample(torch.zeros(1, dtype=torch.long), torch.Generator()))
        observation, _ = environment.press(torch.tensor([0]))
        assert observation.values[0].tolist() == expected


def test_records_of_prompts_of_different_lengths_are_joined(generator):
    def texts(draw):
        longer = draw.random() < 0.5
        prompt = "now add {0} and {1}" if longer else "add {0} and {1}"
        return inwit.Problem(
            prompt=prompt, operands=(draw.randrange(99), 1), answer=1, level=int(longer)
        )

    made = task(["operands", "display"], texts)
    environment = Environment(made)
    network = inwit.Recipe(task=made).but(**{"policy.width": 8}).network(environment)
    parts = [
        rollout(network, environment, made.sample(torch.full((3,), level), generator))[0]
        for level in (0, 1)
    ]
    both = join(parts)
    assert both.prompt.values.shape == (6, 5, WIDTH)
    assert torch.equal(both.prompt.values[:3, :4], parts[0].prompt.values[:, :4])
    assert not both.prompt.values[:3, 4].any()
    assert torch.equal(both.observation.values[:, 3:], parts[1].observation.values)
    chosen = both.select(torch.tensor([4, 0]))
    assert torch.equal(chosen.prompt.values, both.prompt.values[[4, 0]])
    assert torch.equal(chosen.observation.values, both.observation.values[:, [4, 0]])


def test_problems_that_look_different_by_their_numbers_are_different():
    for sees, same in (([], True), ("operands", False), ("display", False)):
        made = task(sees)
        one, other = (made.identity(made.parse(f"add {each} and 1")) for each in (3, 4))
        assert torch.equal(one, other) == same


@pytest.mark.parametrize(
    ("sees", "kind", "message"),
    [
        ("displays", UnknownName, "sees 'displays'.*'display'"),
        (7, InvalidOption, "sees is the int 7: it must be a list"),
        ([7], InvalidOption, "sees: the int 7 is neither a word nor a function"),
        (["aside", "aside"], InvalidOption, "sees: .*aside.* occurs twice"),
    ],
)
def test_what_cannot_be_seen_is_refused_at_once(sees, kind, message):
    with pytest.raises(kind, match=message):
        task(sees)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda value: value.missing, "sees of task 'sums' failed on"),
        (lambda value: value, "it must give a list of numbers"),
        (lambda value: [math.nan], "every number must be finite"),
        (lambda value: [1] * (1 + (value == 0)), "it must always give as many"),
    ],
)
def test_a_function_that_fails_is_one_line(function, message):
    with pytest.raises(InvalidOption, match=message):
        after(task(function), "1")


def test_an_operand_without_a_place_cannot_be_seen_there():
    def hidden(draw):
        return inwit.Problem(prompt="add {0}", operands=(draw.randrange(99), 1), answer=1)

    with pytest.raises(InvalidOption, match=r"not all have one in 'add \{0\}'.*'all-operands'"):
        _ = task("operands", hidden).prompt_values
    assert task("all-operands", hidden).press_values == 2 * WIDTH


@pytest.mark.parametrize("value", [0.0, 1.0, -7.0, 36.5, 9801.0])
def test_waves_are_those_of_the_number_and_of_its_logarithm(value):
    periods, rates = (2, 3, 4, 5, 7, 10, 20, 50, 100, 200), (1, 2, 4, 8)
    turns = [2 * math.pi * value / period for period in periods]
    turns += [rate * math.log(abs(value) + 1e-3) for rate in rates]
    plain = [max(-20.0, min(20.0, value / 20)), min(9.0, math.log(abs(value) + 1e-3))]
    expected = [*plain, *map(math.sin, turns), *map(math.cos, turns)]
    assert see_waves(value).tolist() == pytest.approx(expected, abs=1e-5)  # angles are float32


@pytest.mark.parametrize("value", [math.nan, FAULT, -FAULT, 2.0**1000])
def test_what_is_no_number_has_no_waves(value):
    assert see_waves(value).tolist() == [0.0] * WAVES
