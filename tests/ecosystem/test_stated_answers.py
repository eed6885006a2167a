"""Where a problem states its answer, a language model is paid only for what its calls have made."""

import pytest

from inwit.cli.main import main
from inwit.errors import InvalidOption
from inwit.llm import environment_factory, right_answers
from inwit.llm.derivation import is_made
from inwit.llm.values import Fault
from inwit.tasks import Countdown, merges

NUMBERS, TARGET = [4, 7, 8, 8], 24.0


def steps(expression, numbers):
    """The calls of an expression in postfix form, with their results."""
    functions = {"+": "add", "-": "sub", "*": "mul", "/": "div"}
    stack, made = [], []
    for item in expression:
        if isinstance(item, int):
            stack.append(float(numbers[item]))
            continue
        right, left = stack.pop(), stack.pop()
        result = eval(f"left {item} right", {}, {"left": left, "right": right})
        made.append((functions[item], left, right, result))
        stack.append(result)
    return made


@pytest.mark.parametrize("expression", merges.solutions(NUMBERS, int(TARGET)))
def test_every_solution_is_made(expression):
    calls = [((left, right), result) for _, left, right, result in steps(expression, NUMBERS)]
    assert is_made(TARGET, NUMBERS, calls)
    detour = [((4.0, 4.0), 8.0), ((8.0, 8.0), 64.0)]
    assert is_made(TARGET, NUMBERS, [*detour, *calls])


@pytest.mark.parametrize(
    "calls",
    [
        [],
        [((20.0, 4.0), 24.0)],  # 20 is not one of the numbers
        [((4.0, 4.0), 16.0), ((16.0, 8.0), 24.0)],  # 4 twice, 7 never
        [((8.0, 8.0), 64.0)],
        [((8.0, 8.0), 1.0), ((8.0, 8.0), 16.0), ((1.0, 16.0), 17.0), ((17.0, 7.0), 24.0)],
    ],
)
def test_what_uses_other_numbers_or_some_twice_is_not_made(calls):
    assert not is_made(TARGET, NUMBERS, calls)


def begun(seed):
    environment = environment_factory("countdown")()
    text = environment.reset(level=4, seed=seed)
    numbers, target = text.split(" -> ")
    return environment, list(map(int, numbers.split())), int(target)


@pytest.mark.parametrize("seed", range(5))
def test_to_repeat_the_target_earns_nothing(seed):
    environment, _, target = begun(seed)
    environment.answer(target)
    assert environment.get_reward() == 0


@pytest.mark.parametrize("seed", range(5))
def test_to_make_the_target_earns_one(seed):
    environment, numbers, target = begun(seed)
    for name, left, right, result in steps(merges.solutions(numbers, target)[0], numbers):
        assert getattr(environment, name)(left, right) == pytest.approx(result)
    environment.answer(target)
    assert environment.get_reward() == 1


def test_a_call_that_failed_makes_nothing():
    environment, _, target = begun(0)
    with pytest.raises(Fault):
        environment.div(float(target), 0.0)
    environment.answer(target)
    assert environment.get_reward() == 0


def test_rewards_of_words_alone_are_refused(tmp_path, capsys):
    with pytest.raises(InvalidOption, match="state their answers"):
        right_answers(Countdown())
    assert right_answers("expressions")
    with pytest.raises(SystemExit) as stopped:
        main(["export", "countdown", "--verifiers", str(tmp_path / "package")])
    assert stopped.value.code == 2
    assert "state their answers" in capsys.readouterr().err
