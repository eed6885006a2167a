"""Hindsight for prompted expressions: against Python's own arithmetic and a plain parser."""

import math
import re
from fractions import Fraction

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from inwit.environment import Environment
from inwit.policies import Scripted, UniformRandom
from inwit.recipes import recipe_for
from inwit.tasks import ExpressionsPrompt, infix, programs
from inwit.tasks.pool import is_held_out
from inwit.testing import check_task
from inwit.training.hindsight import play_randomly, relabel
from inwit.training.loop import Training
from inwit.training.rollout import rollout

TOOLS = (("ADD", "+"), ("SUB", "-"), ("MUL", "*"))
SIGNS = {"ADD": "+", "SUB": "-", "MUL": "*"}


@st.composite
def trees(draw, places):
    """A random calculation of these places as nested tuples."""
    if len(places) == 1:
        return places[0]
    cut = draw(st.integers(1, len(places) - 1))
    left, right = draw(trees(places[:cut])), draw(trees(places[cut:]))
    return (left, draw(st.sampled_from(list(SIGNS))), right)


def keys_of(tree):
    if isinstance(tree, int):
        return [str(tree)]
    left, tool, right = tree
    keys = keys_of(right)
    return [*keys_of(left), tool, *(["STO", *keys, "RCL"] if len(keys) > 1 else keys)]


def value_of(tree, numbers):
    if isinstance(tree, int):
        return numbers[tree]
    return eval(
        f"a{SIGNS[tree[1]]}b", {"a": value_of(tree[0], numbers), "b": value_of(tree[2], numbers)}
    )


@given(st.permutations(range(6)).flatmap(trees))
def test_a_formula_has_the_value_of_its_program(tree):
    formula = programs.computed((*keys_of(tree), "ANS"), TOOLS)
    numbers = [Fraction(3 + 7 * place * place) for place in range(6)]
    written = iter(formula.operands)
    text = re.sub("n", lambda _: f"({numbers[next(written)]})", formula.text)
    assert eval(text) == value_of(tree, numbers)
    # No pair of parentheses can be spared, and the task's own program is the shortest there is.
    assert programs.addressed(
        infix.read(formula.text, letters=True).postfix, dict(map(reversed, TOOLS))
    )


@pytest.mark.parametrize(
    ("keys", "text", "operands"),
    [
        ("0 ADD 1 MUL 2 ANS", "(n+n)*n", (0, 1, 2)),
        ("0 ADD STO 1 MUL 2 RCL ANS", "n+n*n", (0, 1, 2)),
        ("2 SUB STO 0 SUB 1 RCL ANS", "n-(n-n)", (2, 0, 1)),
        ("1 MUL STO 0 MUL 2 RCL ANS", "n*(n*n)", (1, 0, 2)),
        ("1 MUL 0 SUB 2 ANS", "n*n-n", (1, 0, 2)),
    ],
)
def test_formulas_by_hand(keys, text, operands):
    assert programs.computed(tuple(keys.split()), TOOLS)[:2] == (text, operands)


@pytest.mark.parametrize(
    "keys",
    ["0 ADD 0 ANS", "0 1 ADD 2 ANS", "0 STO 1 RCL ANS", "0 ADD STO 1 ANS", "0 ADD ANS", "ANS"],
)
def test_what_is_no_formula_of_its_operands(keys):
    assert programs.computed(tuple(keys.split()), TOOLS) is None


@pytest.fixture
def task():
    return ExpressionsPrompt(largest=4)


def drawn(task, level, count, generator):
    return task.sample(torch.full((count,), level), generator)


@pytest.mark.parametrize(
    ("once", "masks", "level", "least"),
    [(True, True, 3, 80), (False, True, 3, 8), (True, False, 1, 2), (False, False, 1, 2)],
)
def test_relabelled_expressions_are_right_different_and_never_held_out(
    once, masks, level, least, generator
):
    task = ExpressionsPrompt(largest=4, operands=5, once=once)
    environment = Environment(task, masks=masks)
    problems = drawn(task, level, 8_000, generator)
    played = play_randomly(UniformRandom(), environment, problems, generator)
    found = relabel(environment, problems, played)
    texts = [task.describe(found.problems, row) for row in range(len(found.problems))]
    forms = [re.sub(r"(^|[-+*(])-?\d+", r"\1n", text) for text in texts]
    assert len(set(forms)) == len(forms) >= least
    assert [eval(text) for text in texts] == found.problems.answer.tolist()
    for form in forms:
        assert form.count("n") < 4 or not is_held_out(form), form
    episodes = found.episodes(environment)
    assert episodes.right.all()
    assert len(episodes.right) == len(texts)


@pytest.mark.slow
def test_some_structures_would_have_been_held_out(task, generator, monkeypatch):
    monkeypatch.setattr("inwit.tasks.expressions_prompt.in_held_out", lambda *_: False)
    with pytest.raises(AssertionError, match="hindsight gives no held-out problem"):
        check_task(task, count=400)


@pytest.mark.slow
def test_keys_that_keep_their_names_are_found_out(task, monkeypatch):
    hindsight = ExpressionsPrompt.hindsight

    def unnamed(self, problems, keys, answer):
        found, named = hindsight(self, problems, keys, answer)
        return found, named.roll(1, dims=1)

    monkeypatch.setattr(ExpressionsPrompt, "hindsight", unnamed)
    with pytest.raises(AssertionError, match="hindsight says what the keys solve"):
        check_task(task, count=200)


def test_without_legal_keys_presses_that_meant_nothing_are_left_out(generator):
    task = ExpressionsPrompt(largest=2, operands=3)
    environment, problems = Environment(task, masks=False), drawn(task, 1, 20_000, generator)
    played = play_randomly(UniformRandom(), environment, problems, generator)
    given = Environment(task)
    rollout(Scripted(played.keys), given, problems)
    shown = given.state.frame.accumulator
    rows = ~played.answer.isnan()
    assert rows.sum() > 3
    assert torch.equal(shown[rows], played.answer[rows])
    pressed = played.keys != environment.padding
    assert (pressed[:-1] | ~pressed[1:]).all()  # no gap before the end


@pytest.mark.slow
def test_prompts_are_learnt_in_a_few_updates():
    recipe = recipe_for("expressions-prompt").but(
        largest=2,
        updates=60,
        batch=16,
        curriculum="uniform",
        **{"policy.width": 48, "replay.hindsight": 64},
    )
    training = Training(recipe)
    losses = [report.metrics["loss/replay"] for report in training.reports()]
    assert math.fsum(losses[-5:]) < 0.2 * math.fsum(losses[:5])


def test_a_learner_with_more_steps_than_problems_were_solved_replays_them_again():
    recipe = recipe_for("expressions-prompt").but(
        largest=1,
        learner="ppo",
        updates=2,
        batch=8,
        **{"policy.width": 8, "replay.hindsight": 64},
    )
    assert recipe.learner.epochs > len("+-*")  # the programs of one operation
    losses = [report.metrics["loss/replay"] for report in Training(recipe).reports()]
    assert all(map(math.isfinite, losses))
    assert losses[1] < losses[0]
