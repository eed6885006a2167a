import re

import pytest
import torch

from inwit.errors import InvalidProblem
from inwit.tasks.stages import FORMS
from tests.reference import press_keys

COUNTS = {0: 3, 1: 4, 2: 5}  # stage: digits
DRAWS = 60_000


def draw(stages, level, count, seed=0, *, held_out=False):
    generator = torch.Generator().manual_seed(seed)
    return stages.sample(torch.full((count,), level), generator, held_out=held_out)


@pytest.mark.parametrize("level", COUNTS)
@pytest.mark.parametrize("held_out", [False, True])
def test_answers_are_pythons(stages, level, held_out):
    problems = draw(stages, level, 300, held_out=held_out)
    for row, answer in enumerate(problems.answer.tolist()):
        assert eval(stages.describe(problems, row)) == answer


@pytest.mark.parametrize(("level", "form"), list(enumerate(FORMS)))
def test_a_problem_is_described_in_its_form(stages, level, form):
    problems = draw(stages, level, 20)
    for row in range(20):
        text = stages.describe(problems, row)
        assert re.sub(r"\d", "_", text) == re.sub(r"[a-e]", "_", form)
        digits = [int(digit) for digit in re.findall(r"\d", text)]
        assert problems.symbols[row][: COUNTS[level]].tolist() == digits
        assert problems.operands[row][: COUNTS[level]].tolist() == digits
        assert (problems.symbols[row][COUNTS[level] :] == -1).all()
        assert problems.operands[row][COUNTS[level] :].isnan().all()


@pytest.mark.parametrize("level", COUNTS)
@pytest.mark.parametrize("held_out", [False, True])
def test_problems_are_drawn_evenly_from_their_part(stages, level, held_out):
    count = COUNTS[level]
    digits = draw(stages, level, DRAWS, held_out=held_out).symbols[:, :count]
    in_part = (digits.sum(1) % 5 == 0) == held_out
    assert in_part.all()
    # For the longer forms the first three digits take every value alike: enough cells to be seen.
    cells = (digits[:, -3:] * torch.tensor([100, 10, 1])).sum(1)
    observed = torch.bincount(cells, minlength=1000).double()
    every = torch.cartesian_prod(*[torch.arange(10)] * 3)
    possible = ((every.sum(1) % 5 == 0) == held_out) if count == 3 else torch.ones(1000) > 0
    size = int(possible.sum())
    expected = DRAWS / size
    assert not observed[~possible].any()
    square = ((observed[possible] - expected) ** 2 / expected).sum()
    freedom = size - 1
    assert abs(square - freedom) < 6 * (2 * freedom) ** 0.5  # six standard deviations


@pytest.mark.parametrize("level", COUNTS)
def test_training_never_draws_what_is_held_out(stages, level):
    trained = set(map(tuple, draw(stages, level, DRAWS).symbols.tolist()))
    held_out = set(map(tuple, draw(stages, level, DRAWS, held_out=True).symbols.tolist()))
    assert trained.isdisjoint(held_out)
    if level == 0:
        assert len(trained) == 800
        assert len(held_out) == 200


def test_every_stage_keeps_its_own_problems_in_a_mixed_batch(stages, generator, draw_mixed):
    problems = draw_mixed(stages, 90, generator)
    assert (problems.symbols >= 0).sum(1).tolist() == [3, 4, 5] * 30
    digits = problems.symbols.clamp(min=0)
    assert (digits.sum(1) % 5 != 0).all()


def test_the_oracle_is_right_everywhere(environment, stages, generator, draw_mixed):
    problems = draw_mixed(stages, 300, generator)
    assert press_keys(environment, problems, problems.oracle).all()


@pytest.mark.parametrize(
    ("texts", "level", "answer"),
    [
        (("3*7+2", "(3*7)+2", " 3 \u00d7 7 + 2", "((3*7+2))"), 0, 23),
        (("3*7+2-4", "(3*7+2)-4", "3*7+2\u22124"), 1, 19),
        (("3*7+2-4*5", "(3*7+2)-(4*5)", "((3*7)+2)-4*5"), 2, 3),
    ],
)
def test_a_problem_may_be_typed_in_several_ways(stages, texts, level, answer):
    first = stages.parse(texts[0])
    assert (first.level.item(), first.answer.item()) == (level, answer)
    for text in texts:
        assert stages.parse(text).identity == first.identity
        assert stages.parse(text).oracle.equal(first.oracle)


@pytest.mark.parametrize(
    "text", ["1", "1+2", "2+3*7", "3*7-2", "3*(7+2)", "3*7+2-4-5", "3*7+2+4", "3*7+(2-4)", "3*7/2"]
)
def test_other_forms_are_refused_by_name(stages, text):
    with pytest.raises(InvalidProblem) as raised:
        stages.parse(text)
    assert all(form in str(raised.value) for form in FORMS)


@pytest.mark.parametrize("number", ["10", "-1", "1.5", "03", "3.0"])
def test_only_digits_are_operands(stages, number):
    with pytest.raises(InvalidProblem, match=re.escape(number)):
        stages.parse(f"3*{number}+2")


def test_a_long_text_is_refused_shortly(stages):
    with pytest.raises(InvalidProblem) as raised:
        stages.parse("+".join(["1"] * 10_000))
    assert len(str(raised.value)) < 400
