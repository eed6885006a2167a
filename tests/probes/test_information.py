from math import log2

import pytest
import torch

from inwit.environment import Environment
from inwit.probes import key_information
from inwit.probes.information import _entropy, all_prompts
from inwit.tasks import Expressions, ExpressionsPrompt, Stages
from tests.probes import planted


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """The 100,000 problems of the last stage are drawn from, not enumerated."""
    monkeypatch.setattr("inwit.probes.information.MAX_COUNTED", 1000)


def test_all_problems_of_a_stage_are_enumerated():
    prompts = all_prompts(Stages(once=True), 0, seed=1)
    assert prompts.shape == (1000, 5)
    assert len(prompts.unique(dim=0)) == 1000
    assert (prompts[:, 3:] == -1).all()
    assert prompts[:, :3].min() == 0
    assert prompts[:, :3].max() == 9
    assert all_prompts(Stages(once=True), 1, seed=1) is None  # more than is enumerated here
    assert all_prompts(ExpressionsPrompt(numbers="digits"), 1, seed=1) is None  # structures differ


@pytest.mark.parametrize("masks", [True, False])
def test_a_blind_network_says_exactly_nothing(masks):
    environment = planted.stages_environment(masks=masks)
    found = key_information(planted.stage_blind(), environment, [0, 1, 2], count=50, seed=1)
    assert [each.sequences for each in found.values()] == [1, 1, 1, 1]
    assert found[0].bits == found[1].bits == found[2].bits == found[None].bits == 0.0
    assert found[0].exact
    assert not found[1].exact


def test_a_reader_of_levels_says_which_level_it_is_and_no_more():
    environment = planted.stages_environment(masks=False)
    found = key_information(planted.stage_reader(), environment, [0, 1, 2], count=300, seed=1)
    assert [found[level].bits for level in range(3)] == [0.0, 0.0, 0.0]
    assert found[None].bits - found[None].correction == pytest.approx(log2(3))
    assert found[None].sequences == 3
    exact = key_information(planted.stage_reader(), environment, [0], count=1, seed=1)[0]
    assert (exact.exact, exact.count, exact.bits) == (True, 1000, 0.0)


def test_a_planner_says_what_it_has_read():
    environment = planted.prompts_environment()
    found = key_information(
        planted.planner(environment.task), environment, [1, 2], count=400, seed=1
    )
    assert found[1].sequences == 3
    assert found[1].bits == pytest.approx(log2(3), abs=0.03)
    assert found[2].bits > 3.5


def test_a_stream_is_told_from_its_keys():
    environment = Environment(Expressions())
    found = key_information(planted.Rules(environment.task), environment, [1], count=300, seed=1)
    assert found[1].bits == pytest.approx(log2(3), abs=0.03)


def test_the_entropy_is_the_sum_that_it_is_said_to_be():
    sequence = torch.tensor([5, 5, 5, 5, 7, 7, 9, 11])
    found = _entropy(sequence, torch.ones(8), exact=True)
    assert found.bits == pytest.approx(0.5 * 1 + 0.25 * 2 + 2 * 0.125 * 3)
    assert (found.sequences, found.count, found.correction) == (4, 8, 0.0)
    corrected = _entropy(sequence, torch.ones(8), exact=False)
    assert corrected.bits - found.bits == pytest.approx(3 / (16 * 0.6931471805599453))
    weighed = _entropy(sequence, torch.tensor([1.0, 1, 1, 1, 2, 2, 4, 4]), exact=True)
    assert weighed.bits == pytest.approx(2.0)
