from random import Random

import pytest
import torch

from inwit.evaluation.intervals import wilson
from inwit.evaluation.scores import LevelScore, Score, evaluate_levels, score
from inwit.policies import Scripted, UniformRandom
from tests.reference import Calculator

# Brown, Cai and DasGupta 2001, and R's prop.test(correct = FALSE), to four places.
TABLE = [
    (0, 10, 0.0, 0.2775),
    (1, 10, 0.0179, 0.4042),
    (5, 10, 0.2366, 0.7634),
    (10, 10, 0.7225, 1.0),
    (0, 1000, 0.0, 0.0038),
    (50, 100, 0.4038, 0.5962),
    (1000, 1000, 0.9962, 1.0),
]


@pytest.mark.parametrize(("right", "count", "low", "high"), TABLE)
def test_wilsons_interval_is_the_tables(right, count, low, high):
    assert wilson(right, count) == pytest.approx((low, high), abs=6e-5)
    given = Score(right=right, count=count)
    assert given.interval == wilson(right, count)
    assert given.accuracy == right / count


def test_the_interval_holds_the_share_and_stays_within_nought_and_one():
    for count in (1, 2, 7, 100):
        for right in range(count + 1):
            low, high = wilson(right, count)
            assert 0 <= low <= right / count + 1e-12
            assert right / count - 1e-12 <= high <= 1


def random_play(problems, row, dice):
    """Whether random legal play is right, in the reference."""
    tools = ["MUL", "ADD", "SUB"]
    operands = problems.operands[row].tolist()
    calculator = Calculator(tools, operands, depth=4, once=True)
    while not calculator.answered:
        calculator.press(dice.choice(sorted(calculator.legal())))
    return calculator.accumulator == problems.answer[row].item()


@pytest.mark.parametrize("level", [0, 2])
def test_chance_is_that_of_random_play_in_the_reference(environment, stages, level):
    count = 2000
    (found,) = evaluate_levels(UniformRandom(), environment, [level], count=count, seed=3)
    generator = torch.Generator().manual_seed(4)
    problems = stages.sample(torch.full((count,), level), generator, held_out=True)
    dice = Random(0)
    share = sum(random_play(problems, row, dice) for row in range(count)) / count
    deviation = (2 * share * (1 - share) / count) ** 0.5
    assert 0 < share < 0.5
    assert abs(found.chance.accuracy - share) < 5 * deviation


def test_every_level_is_scored_beside_the_oracle(environment, stages, network):
    scores = evaluate_levels(network, environment, stages.levels, count=50, seed=1)
    assert [each.level for each in scores] == list(stages.levels)
    assert [each.form for each in scores] == [stages.form(level) for level in stages.levels]
    for each in scores:
        assert (each.oracle.right, each.oracle.count) == (50, 50)
        assert each.agent.count == each.chance.count == 50


def test_the_seed_chooses_the_problems(environment, stages, network):
    first, again, other = (
        evaluate_levels(network, environment, stages.levels, count=300, seed=seed)
        for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


class Spy(UniformRandom):
    """Remembers what it was asked."""

    asked = ()

    def begin(self, prompt):
        self.asked = (*self.asked, prompt)
        return super().begin(prompt)


def test_only_held_out_problems_are_asked(environment):
    spy = Spy()
    evaluate_levels(spy, environment, [1, 2], count=100, seed=1)
    for level, prompt in enumerate(spy.asked, 1):
        assert prompt.level.tolist() == [level] * 100
        assert (prompt.symbols.clamp(min=0).sum(1) % 5 == 0).all()


def test_right_answers_are_counted(environment, stages, network):
    problems = stages.parse("3*7+2").repeat(4)
    right, wrong = "0 MUL 1 ADD 2 ANS", "0 ADD 1 MUL 2 ANS"
    keys = [stages.rules.vocabulary.encode(text) for text in (right, wrong, right, right)]
    assert score(Scripted(torch.tensor(keys).T), environment, problems) == Score(right=3, count=4)
    assert score(network, environment, problems).right in (0, 4)  # greedy: all alike


def test_the_error_of_a_press_is_that_of_independent_presses():
    half, every = Score(right=25, count=100), Score(right=100, count=100)
    shared = {"level": 0, "form": "a*b+c", "oracle": every, "chance": half}
    assert LevelScore(agent=half, presses=2.0, **shared).error_per_press == pytest.approx(0.5)
    assert LevelScore(agent=every, presses=7.0, **shared).error_per_press == 0


def test_presses_are_the_oracles(environment, network):
    scores = evaluate_levels(network, environment, [0, 1, 2], count=5, seed=1)
    assert [level.presses for level in scores] == [6, 8, 12]
