"""Early stopping: when, what is asked, and that a run that stopped stays stopped."""

import json

import pytest
import torch

from inwit.agent import resume, train
from inwit.runs.workers.jobs import holds
from inwit.tasks.stages import PROGRAMS
from inwit.training.health import SURE, Watch, greedy
from inwit.training.loop import Training
from inwit.training.run_folder import RunFolder
from tests.probes import planted
from tests.recipes import recipe_of

LOOKS = (1, 10, 20)
"""The first three updates after which it is asked."""


def early(**changes):
    return recipe_of(updates=40, batch=16, early_stopping=True).but(**changes)


@pytest.mark.parametrize(
    ("shares", "learnt"),
    [
        ([1.0] * SURE, True),
        ([0.2, *[1.0] * SURE], True),
        ([1.0] * (SURE - 1), False),
        ([*[1.0] * (SURE - 1), 0.99, 1.0], False),
        ([], False),
    ],
)
def test_all_answers_must_be_right_several_times_in_a_row(shares, learnt):
    watch = Watch(100)
    for share in shares:
        watch.answered(share)
    assert watch.learnt is learnt


def test_a_harder_level_that_opens_must_be_learnt_too():
    watch = Watch(100)
    for _ in range(SURE):
        watch.answered(1.0)
    watch.look(2, {"episodes/accuracy@2": 0.1, "policy/entropy": 1.0})
    assert not watch.learnt


def test_it_asks_training_problems_of_all_levels_for_greedy_answers():
    training = Training(early(masks="none"))

    def asked(policy):
        return greedy(policy, training.environment, 0, 0)

    assert asked(planted.stage_reader()) == 1.0
    # A program of one level of three.
    assert 1 / 3 - 0.01 < asked(planted.stage_blind(PROGRAMS[0])) < 0.45
    assert asked(planted.stage_memoriser()) == 1.0  # wrong on held-out problems alone


@pytest.mark.slow
def test_it_stops_where_nothing_is_left_to_learn_and_stays_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr("inwit.training.loop.greedy", lambda *_: 1.0)
    agent = train(early(out=tmp_path / "run"))
    metrics = tmp_path / "run/metrics.jsonl"
    lines = [json.loads(line) for line in metrics.read_text().splitlines()]
    assert [line["update"] for line in lines if "episodes/greedy" in line] == [*LOOKS]
    assert lines[-1]["update"] == LOOKS[-1]
    assert RunFolder(tmp_path / "run").snapshots()[-1] == LOOKS[-1]
    assert holds(agent.recipe) == "all"
    weights = resume(tmp_path / "run").policy.state_dict()
    assert len(metrics.read_text().splitlines()) == LOOKS[-1]
    assert all(torch.equal(weights[name], part) for name, part in agent.policy.state_dict().items())


@pytest.mark.slow
def test_without_it_nothing_is_asked_and_training_is_the_same_to_the_bit(monkeypatch):
    told = [report.metrics for report in Training(early(updates=12)).reports()]
    monkeypatch.setattr("inwit.training.loop.greedy", None)
    plain = [
        report.metrics for report in Training(early(updates=12, early_stopping=False)).reports()
    ]
    for metrics in told:
        metrics.pop("episodes/greedy", None)
    assert told == plain
