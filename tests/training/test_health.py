"""Failures that are planted in a training are found; the training beside it without them is not."""

import pytest
import torch

from inwit.training import health
from inwit.training import loop as training_module
from inwit.training.health import MOST, PATIENCE, Watch, reading
from inwit.training.loop import Training
from inwit.training.metrics import Summary
from inwit.training.rollout import rollout
from inwit.trajectory import Prompt
from tests.recipes import ARCHITECTURES, recipe_of


@pytest.fixture(params=[5, pytest.param(PATIENCE, marks=pytest.mark.nightly)])
def patience(request, monkeypatch):
    """How many updates a failure has to hold; with few, signs are followed in fewer, too."""
    if request.param < PATIENCE:
        for place, name, value in (
            (health, "PATIENCE", request.param),
            (health, "SMOOTHING", 0.4),
            (training_module, "LOOK", 3),
        ):
            monkeypatch.setattr(place, name, value)
    return request.param


def training(patience, updates=3, **changes):
    """A training that hardly learns, so that what is planted stays."""
    still = {"optimiser.learning_rate": 1e-9}
    task = changes.pop("task", "stages")
    still |= {"learner": "a2c", "replay": 0, "epsilon": 0.0}
    plain = recipe_of(task, width=16, updates=updates * patience, batch=32, **still)
    return Training(plain.but(**changes))


def warnings(training, plant=lambda training: None, at=0):
    """The failures that were warned of, with the first words."""
    told = {}
    if not at:
        plant(training)
    for report in training.reports():
        assert {f"warning/{name}" for name in report.warnings} == {
            name for name in report.metrics if name.startswith("warning/")
        }
        for name, text in report.warnings.items():
            told.setdefault(name, text)
        if report.update == at:
            plant(training)
    return told


def change_step(change):
    """Change the scores that the network gives, everywhere."""

    def plant(training):
        true = training.policy.step

        def step(observation, memory):
            scores, value, memory = true(observation, memory)
            return change(scores, training.environment.machine.vocabulary), value, memory

        training.policy.step = step

    return plant


def blind(training):
    """Every prompt looks the same to the network: the published tutorial's fault."""
    true = training.policy.begin
    training.policy.begin = lambda prompt: true(
        Prompt(symbols=prompt.symbols.clone().fill_(0), level=prompt.level)
    )


@pytest.mark.slow
def test_presses_that_are_certain_and_wrong(patience):
    told = warnings(training(patience), change_step(lambda scores, _: 1e6 * scores))
    assert "try a larger --learner.entropy-weight" in told["entropy"]
    assert "entropy" not in warnings(training(patience))


@pytest.mark.slow
@pytest.mark.parametrize("task", ["stages", "expressions-prompt"])
def test_a_problem_that_is_not_read(task, patience):
    changes = {"task": task, "curriculum": "uniform"}
    if patience < PATIENCE and task == "expressions-prompt":
        changes["largest"] = 2  # with fewer presses
    assert "not read" in warnings(training(patience, **changes), blind)["reading"]
    assert "reading" not in warnings(training(patience, **changes))


@pytest.mark.slow
def test_a_stream_that_is_not_read(patience):
    def plant(training):
        true = training.policy.step

        def step(observation, memory):
            unseen = type(observation)(
                previous=observation.previous,
                seen=observation.seen.clone().fill_(0),
                legal=observation.legal,
            )
            return true(unseen, memory)

        training.policy.step = step

    changes = {"task": "expressions", "curriculum": "uniform"}
    if patience < PATIENCE:
        changes["largest"] = 2
    assert "reading" in warnings(training(patience, **changes), plant)
    assert "reading" not in warnings(training(patience, **changes))


@pytest.mark.slow
def test_a_tool_that_is_no_longer_pressed(patience):
    def without_add(scores, vocabulary):
        scores = scores.clone()
        scores[:, vocabulary["ADD"]] = -100.0
        return scores

    made = [training(patience, updates=5, curriculum="uniform") for _ in range(2)]
    told = warnings(made[0], change_step(without_add), at=patience)
    assert ": ADD;" in told["tools"]
    assert "tools" not in warnings(made[1])


@pytest.mark.slow
def test_accuracy_that_falls_from_its_best(patience):
    """A network that has learnt is wrecked, and kept from learning again."""
    gated = {"curriculum": "gated", "curriculum.gate": 1.0}
    learnt = Training(recipe_of(width=64, updates=45 + 2 * patience, batch=64, **gated))

    def wreck(training):
        training.optimiser.param_groups[0]["lr"] = 0.0
        with torch.no_grad():
            training.policy.heads.weight.zero_()
            training.policy.heads.bias.zero_()

    told = warnings(learnt, wreck, at=45)
    assert "smaller --optimiser.learning-rate" in told["accuracy"]
    best = learnt.watch.seen["best"]
    assert f"level 0 fell from {best:.0%}" in told["accuracy"]
    assert best > 0.4


def metrics(accuracy, **others):
    return {"episodes/accuracy@0": accuracy, "policy/entropy": 0.5} | others


def test_a_failure_must_last(patience):
    watch = Watch(patience)
    told = [bool(watch.look(0, metrics(0.0, **{"policy/reading": 0.0}))) for _ in range(30)]
    assert told == [False] * (patience - 1) + [True] * (31 - patience)
    assert not watch.look(0, metrics(0.0, **{"policy/reading": 1.0}))
    assert Watch(10 * patience * 10).patience == 10 * patience


def test_an_easier_batch_is_left_out_and_a_harder_level_begins_anew():
    watch = Watch(100)
    watch.look(1, {"episodes/accuracy@1": 0.9, "policy/entropy": 0.5})
    watch.look(0, metrics(0.0))
    assert watch.seen["accuracy"] == 0.9
    watch.look(2, {"episodes/accuracy@2": 0.0, "policy/entropy": 0.5})
    assert (watch.seen["accuracy"], watch.seen["best"]) == (0.0, 0.0)


@pytest.mark.slow
@pytest.mark.parametrize("policy", ARCHITECTURES)
def test_reading_is_a_mean_over_another_problem(policy, make_network, environment, draw_mixed):
    network = make_network(environment, policy=policy).eval()
    generator = torch.Generator().manual_seed(1)
    problems = draw_mixed(environment.task, 6, generator)
    trajectory, outputs = rollout(network, environment, problems, generator)
    told = reading(network, trajectory, outputs)["policy/reading"]
    rows = []
    for row in range(6):  # one by one: the presses of a problem with the prompt of the one before
        own, other = trajectory.select(torch.tensor([row])), (row - 1) % 6
        prompt = trajectory.select(torch.tensor([other])).prompt
        scores, _ = network.unroll(prompt, own.observation, own.starts)
        log_prob = torch.log_softmax(scores.masked_fill(~own.observation.legal, -1e9), -1)
        log_prob = log_prob.gather(-1, own.key[..., None])[..., 0]
        change = (log_prob - outputs.log_prob[:, row : row + 1]).abs().clamp(max=MOST)
        rows.append(change[own.pressed])
    torch.testing.assert_close(told, torch.cat(rows).mean().detach(), rtol=1e-4, atol=1e-6)
    same = problems.select(torch.zeros(4, dtype=torch.long))
    assert reading(network, *rollout(network, environment, same, generator)) == {}


def test_usage_counts_episodes_that_press_a_key(network, environment, draw_mixed, generator):
    problems = draw_mixed(environment.task, 30, generator)
    trajectory, outputs = rollout(network, environment, problems, generator)
    vocabulary = environment.machine.vocabulary
    summary = Summary(levels=environment.task.levels, vocabulary=vocabulary)
    told = summary.scalars(summary.of(trajectory, outputs, environment.faults))
    shares = {name: share for name, share in told.items() if name.startswith("keys/")}
    assert len(shares) == 5  # the tools and the memory
    for name, share in shares.items():
        key = vocabulary[name.removeprefix("keys/")]
        likely = (trajectory.key == key) & trajectory.pressed & (outputs.log_prob.exp() > 0.1)
        assert float(share) == pytest.approx(sum(map(any, likely.T.tolist())) / 30)
