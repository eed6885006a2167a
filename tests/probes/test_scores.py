from types import SimpleNamespace

import pytest
import torch

from inwit.evaluation.scores import Score
from inwit.probes import Verdict
from inwit.probes.scores import _gap, adversarial_sets
from inwit.probes.subject import Subject, draw
from inwit.tasks import Expressions, ExpressionsPrompt, Stages


# Newcombe 1998, table II, method 10.
@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((10, 10), (0, 20), 0.6791, 1.0),
        ((0, 10), (0, 20), -0.1611, 0.2775),
    ],
)
def test_the_interval_of_a_difference_is_newcombes(first, second, low, high):
    shares = [Score(right=right, count=count) for right, count in (first, second)]
    assert _gap(*shares, 0).interval == pytest.approx((low, high), abs=6e-5)


@pytest.mark.parametrize("task", [Expressions(), ExpressionsPrompt(numbers="digits")])
def test_adversarial_problems_are_of_their_kinds(task):
    sets = adversarial_sets(task)
    drawn = {name: draw(kind, [6], 20, 1) for name, kind in sets.items()}
    texts = {
        name: [task.describe(problems, row) for row in range(20)]
        for name, problems in drawn.items()
    }
    for operator in task.operators:
        others = set(task.operators) - {operator}
        assert all(not others & set(text) for text in texts[f"only {operator}"])
    assert (drawn["only zeros"].answer == 0).all()
    assert all(set(text) <= set("1+-*()") for text in texts["only ones"])
    assert not any(text.startswith("((((((") for text in texts["nested to the right"])
    opened = {name: sum(text.count("(") for text in each) for name, each in texts.items()}
    assert opened["needless parentheses"] > 40 + opened["only ones"]
    assert max(text.count("(") for text in texts["nested to the right"]) >= 3


def test_problems_are_drawn_by_turns_and_from_their_seed():
    task = Stages(once=True)
    problems = draw(task, [0, 2], 7, 5)
    assert problems.level.tolist() == [0, 2, 0, 2, 0, 2, 0]
    again, other = draw(task, [0, 2], 7, 5), draw(task, [0, 2], 7, 6)
    assert torch.equal(problems.symbols, again.symbols)
    assert not torch.equal(problems.symbols, other.symbols)
    for held_out in (False, True):
        digits = draw(task, [1], 50, 1, held_out=held_out).symbols.clamp(min=0).sum(1)
        assert ((digits % 5 == 0) == held_out).all()


@pytest.mark.parametrize(
    ("right", "count", "verdict", "reason"),
    [
        (120, 120, Verdict.FAIL, "120 are too few to show 99%: ask for more"),
        (40, 60, Verdict.FAIL, "too often wrong"),
        (1000, 1000, Verdict.PASS, "too often wrong"),
    ],
)
def test_a_share_above_the_bar_that_few_problems_show_is_not_called_wrong(
    right, count, verdict, reason
):
    found = Score(right=right, count=count)
    subject = SimpleNamespace(seed=0)
    line = Subject.line(subject, "competence", "level 0", found, "too often wrong", least=0.99)
    assert (line.verdict, line.fails_if) == (verdict, reason)
