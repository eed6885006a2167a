"""The compiled update is the plain one, faster; what cannot be compiled is refused in words."""

import re
from dataclasses import dataclass

import pytest
import torch

from inwit.errors import InvalidOption
from inwit.learners import A2C
from inwit.tasks import Stages
from inwit.training.compiled import PRICE
from inwit.training.loop import Training
from tests.recipes import recipe_of


class Short(Stages):
    """Two presses alone, so that compiling takes little."""

    def max_presses(self, problems):
        return 2

    def max_depth(self, problems):
        return 2


def trained(compiled, **changes):
    recipe = recipe_of(batch=16, replay=4, updates=3, epsilon=0.2, compile=compiled)
    training = Training(recipe.but(**changes))
    return training, [report.metrics for report in training.reports()]


@pytest.mark.slow
def test_the_compiled_update_is_the_plain_one():
    (plain, told), (fast, retold) = (trained(each, task=Short()) for each in (False, True))
    assert len(fast.engine.graphs) == 1  # one form of problems, compiled once
    keys = plain.batch["episodes"].key, fast.batch["episodes"].key
    assert torch.equal(*keys)
    assert [*told[-1]] == [*retold[-1]]
    for before, after in zip(told, retold, strict=True):
        assert after == pytest.approx(before, rel=1e-4, abs=1e-5)
    for one, other in zip(plain.policy.parameters(), fast.policy.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


@pytest.mark.slow
def test_what_is_compiled_is_logged_with_what_it_costs(monkeypatch, caplog):
    monkeypatch.setattr(torch._inductor, "compile", lambda graph, given, wrap: graph)
    with caplog.at_level("INFO", "inwit"):
        training, _ = trained(True, task=Short())
    price, began, ended = caplog.messages
    assert price == f"--compile: up to 3 forms of problems, one a level: each takes {PRICE}"
    assert began == "compiling form 1, of up to 2 presses"
    assert re.fullmatch(r"compiled form 1 in \d+ s", ended)
    assert training.update == 3


@pytest.mark.parametrize("learner", ["ppo", "grpo", "none"])
def test_other_learners_are_refused(learner):
    with pytest.raises(InvalidOption, match=f"one gradient step, not {learner}"):
        trained(True, learner=learner)


@pytest.mark.slow
def test_what_cannot_be_traced_is_refused_in_a_line():
    recipe = recipe_of("word-problems", learner="a2c", search=0, replay=0, compile=True)
    with pytest.raises(InvalidOption, match=r"cannot be compiled here .*train without") as told:
        next(Training(recipe).reports())
    assert "\n" not in str(told.value)


@pytest.mark.slow
def test_a_learner_of_ones_own_is_compiled_or_refused_in_a_line():
    """It needs no name of a metric or field that ours have."""

    @dataclass(frozen=True, kw_only=True)
    class Looking(A2C):
        name = "looking"

        def loss(self, trajectory, outputs):
            if bool(trajectory.right.any()):  # a value, which no graph has
                return super().loss(trajectory, outputs)
            return outputs.log_prob.sum(), {}

    with pytest.raises(InvalidOption, match=r"cannot be compiled here .*train without") as told:
        trained(True, learner=Looking(), replay=0)
    assert "\n" not in str(told.value)


def test_a_missing_compiler_is_named_at_once(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    for name, value in (("g++", None), ("nocc", "nocc")):
        monkeypatch.setenv("CXX", value) if value else monkeypatch.delenv("CXX", raising=False)
        with pytest.raises(InvalidOption, match=re.escape(f"there is no {name} here")):
            Training(recipe_of(compile=True, replay=0))
