"""The compiled update is the plain one, faster; what cannot be compiled is refused in words."""

import pytest
import torch

from inwit.errors import InvalidOption
from inwit.recipe import RECIPES, Recipe
from inwit.tasks import Stages
from inwit.training import Training


class Short(Stages):
    """Two presses alone, so that compiling takes little."""

    def max_presses(self, problems):
        return 2

    def max_depth(self, problems):
        return 2


def trained(compiled, task=None, **changes):
    recipe = Recipe(batch=16, width=8, replay=4, updates=3, explore=0.2, compile=compiled)
    training = Training(recipe.but(**changes), task)
    return training, [report.metrics for report in training.reports()]


@pytest.mark.learning  # it takes a minute, like those
def test_the_compiled_update_is_the_plain_one():
    (plain, told), (fast, retold) = (trained(each, Short()) for each in (False, True))
    assert len(fast.compiled.updates) == 1  # one form of problems, compiled once
    keys = plain.batch["attempts"].key, fast.batch["attempts"].key
    assert torch.equal(*keys)
    assert [*told[-1]] == [*retold[-1]]
    for before, after in zip(told, retold, strict=True):
        assert after == pytest.approx(before, rel=1e-4, abs=1e-5)
    for one, other in zip(plain.policy.parameters(), fast.policy.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("learner", ["ppo", "grpo", "replay"])
def test_other_learners_are_refused(learner):
    with pytest.raises(InvalidOption, match=f"{learner}: a2c alone can be compiled"):
        trained(True, learner=learner)


def test_what_cannot_be_traced_is_refused_in_a_line():
    recipe = RECIPES["word-problems"]().but(
        learner="a2c", search=0, replay=0, width=8, compile=True
    )
    with pytest.raises(InvalidOption, match=r"cannot be compiled here .*train without") as told:
        next(Training(recipe).reports())
    assert "\n" not in str(told.value)
