"""Nothing that an agent is shown tells the answer, of a task of ours, of an example or of others.

Independent of the audit's own search for leaks: a plain reader that presses no key.
"""

from collections import Counter, defaultdict
from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch

import inwit
from inwit.environment import Environment
from inwit.tasks import ReasoningGymTask, Task, read_task
from inwit.testing import check_task
from inwit.tools import ADD, MUL, show
from tests.auditing.exhaustive import small
from tests.auditing.exhaustive.test_own_tasks import readable, readable_text

TOLD, COUNT = 0.3, 200
"""A reader of the prompt may be right so much oftener than by luck, on so many problems."""
BUILT_IN = ("stages", "expressions", "expressions-prompt", "word-problems")
EXAMPLES = ("06_convert_units", "07_dates", "08_two_hops", "09_readings", "10_decide_by_result")
GYM = ("reasoning-gym:chain_sum", "reasoning-gym:basic_arithmetic")
NEEDS_GYM = pytest.mark.skipif(not find_spec("reasoning_gym"), reason="needs reasoning-gym")
FOLDER = Path(__file__).parent.parent.parent / "examples"


@cache
def task_of(name):
    if name in EXAMPLES:
        return read_task(str(FOLDER / f"{name}.py"))
    if name in GYM:
        return ReasoningGymTask(name=name)
    return Task.registered[name](**({"largest": 3} if name.startswith("expr") else {}))


@pytest.fixture(
    params=[*BUILT_IN, *EXAMPLES, *(pytest.param(name, marks=NEEDS_GYM) for name in GYM)]
)
def task(request):
    return task_of(request.param)


def told_by_the_prompt(task, level):
    """How often the best reader of one or two neighbouring places is right, less the luck.

    One reader takes what is written there for the answer. Another has seen training problems, and
    says what the answer mostly was where the same was written. Luck is the most frequent answer.
    """
    known, asked = (
        task.sample(
            torch.full((COUNT,), level), torch.Generator().manual_seed(0), held_out=held_out
        )
        for held_out in (False, True)
    )
    answers, before = asked.answer.tolist(), known.answer.tolist()
    places = min(known.symbols.shape[1], asked.symbols.shape[1])
    best = 0.0
    for first, last in ((first, first + wide) for wide in (1, 2) for first in range(places)):
        seen = defaultdict(list)
        for look, answer in zip(looks(known, first, last), before, strict=True):
            seen[look].append(answer)
        usual = {look: mostly(found) for look, found in seen.items()}
        found = looks(asked, first, last)
        told = [usual.get(look) == answer for look, answer in zip(found, answers, strict=True)]
        read = ["".join(task.symbols[symbol] for symbol in look if symbol >= 0) for look in found]
        stated = [show(task.objects.decode(answer)) for answer in answers]
        same = [text == answer for text, answer in zip(read, stated, strict=True)]
        best = max(best, mean(told), mean(same))
    return best - mean([answer == mostly(before) for answer in answers])


def looks(problems, first, last):
    return list(map(tuple, problems.symbols[:, first:last].tolist()))


def mostly(values):
    return Counter(values).most_common(1)[0][0]


def mean(flags):
    return sum(flags) / len(flags)


def test_the_answer_is_not_in_the_prompt(task):
    for level in task.levels:
        assert told_by_the_prompt(task, level) < TOLD


@pytest.mark.parametrize(
    "leaking",
    [
        small.Leaky(),
        small.Whispering(),
        inwit.task(tools=[ADD, MUL], presses=4)(readable),
        inwit.task(tools=[ADD, MUL], presses=4)(readable_text),
    ],
    ids=["symbol", "two digits", "number in the text", "word of the text"],
)
def test_an_answer_in_the_prompt_would_be_found(leaking):
    for level in leaking.levels:
        assert told_by_the_prompt(leaking, level) > 1.5 * TOLD


def test_the_answer_is_not_in_what_is_seen(task, generator, draw_mixed):
    """With the answers of others, random presses show the same all along."""
    problems = draw_mixed(task, 60, generator)
    others = replace(problems, answer=problems.answer.roll(1))
    assert not problems.answer.equal(others.answer)
    one, other = Environment(task), Environment(task)
    (prompt, seen), (same_prompt, same) = one.reset(problems), other.reset(others)
    assert torch.equal(prompt.symbols, same_prompt.symbols)
    assert torch.equal(prompt.level, same_prompt.level)
    for _ in range(one.limit):
        assert torch.equal(seen.legal, same.legal)
        assert torch.equal(seen.seen, same.seen)
        weight = seen.legal.float() + ~seen.legal.any(1, keepdim=True)
        key = torch.multinomial(weight, 1, generator=generator)[:, 0]
        seen, same = (place.step(key).observation for place in (one, other))
        assert torch.equal(one.ended, other.ended)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_tasks_of_the_examples_keep_the_contracts(name):
    check_task(task_of(name), count=100)


@NEEDS_GYM
@pytest.mark.parametrize("name", GYM)
def test_the_tasks_of_others_keep_the_contracts(name):
    check_task(task_of(name), count=100)
