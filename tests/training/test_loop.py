import pytest
import torch

from inwit.agent import resume, train
from inwit.errors import InvalidOption, UnknownName
from inwit.evaluation.scores import evaluate_levels
from inwit.recipes import recipe_for
from inwit.training.loop import Training
from tests.recipes import recipe_of
from tests.tiers import few_fast


def small(**changes):
    return recipe_of(updates=5, batch=64, replay=16, epsilon=0.1).but(**changes)


def trained(recipe, between=lambda training: None):
    training, reports = Training(recipe), []
    for report in training.reports():
        reports.append(report)
        between(training)
    return training, reports


def weights(training):
    return torch.cat([tensor.flatten() for tensor in training.policy.state_dict().values()])


LEARNERS = [{}, {"learner": "none"}, {"replay": 0, "curriculum": "uniform"}, {"once": False}]


@pytest.mark.parametrize("changes", few_fast(LEARNERS, 0))
def test_the_same_seed_trains_the_same_weights(changes):
    (first, told), (again, retold) = (trained(small(**changes)) for _ in range(2))
    assert torch.equal(weights(first), weights(again))
    assert [report.metrics for report in told] == [report.metrics for report in retold]
    assert not torch.equal(weights(first), weights(Training(small(**changes))))  # it learnt


def test_another_seed_trains_others():
    assert not torch.equal(weights(trained(small())[0]), weights(trained(small(seed=1))[0]))


@pytest.mark.slow
def test_evaluations_in_between_change_nothing():
    def evaluate(training):
        evaluate_levels(
            training.policy, training.environment, [0, 2], count=20, seed=training.update
        )

    plain, watched = trained(small())[0], trained(small(), evaluate)[0]
    assert torch.equal(weights(plain), weights(watched))


@pytest.mark.slow
def test_nothing_outside_is_drawn_from():
    state = torch.random.get_rng_state()
    trained(small())
    assert torch.equal(torch.random.get_rng_state(), state)
    torch.manual_seed(99)
    after = trained(small())[0]
    torch.manual_seed(5)
    assert torch.equal(weights(after), weights(trained(small())[0]))


def test_every_update_is_reported():
    _, reports = trained(small(replay=0))
    assert [report.update for report in reports] == [1, 2, 3, 4, 5]
    assert [report.episodes for report in reports] == [64 * update for update in range(1, 6)]
    assert all(0 <= report.metrics["episodes/accuracy"] <= 1 for report in reports)
    assert all(isinstance(value, float) for value in reports[0].metrics.values())
    assert [report.seconds for report in reports] == sorted(report.seconds for report in reports)


@pytest.mark.slow
@pytest.mark.parametrize("batch", [1, 7, 63, 65])
def test_any_batch_trains(batch):
    # Exploration alone finds some answers: what was right is tried again on the same few problems.
    recipe = small(batch=batch, updates=20 if batch == 1 else 3, epsilon=0.4)
    training, reports = trained(recipe)
    assert len(reports) == recipe.updates
    assert reports[-1].episodes > batch * recipe.updates
    assert weights(training).isfinite().all()


@pytest.mark.slow
def test_it_can_go_on_after_a_pause():
    training = Training(small())
    next(iter(training.reports()))
    assert len(list(training.reports())) == 4
    assert torch.equal(weights(training), weights(trained(small())[0]))


def test_an_unknown_task_suggests_the_nearest():
    with pytest.raises(UnknownName, match="'stages'"):
        recipe_for("stage")


@pytest.mark.parametrize("operators", ["", "%", "+^", "++", "a"])
def test_operators_without_a_tool_are_told(operators):
    recipe = recipe_of("expressions", largest=1)
    with pytest.raises(InvalidOption):
        recipe.but(operators=operators)


@pytest.mark.parametrize("device", ["cuda:99", "nonsense", "meta"])
def test_a_device_that_is_not_there_is_told(device):
    with pytest.raises(InvalidOption, match="device"):
        Training(small(device=device))


@pytest.mark.parametrize("at", [1, 2])
def test_a_report_that_refuses_an_update_leaves_a_run_that_can_go_on(at, tmp_path):
    """A tracker opens at the first report: what a search has found by then is not thrown away."""

    def refuse(report):
        if report.update == at:
            raise InvalidOption("no such tracker")

    recipe = small(out=tmp_path / "run")
    told = "no such tracker; the checkpoint of update 0 is whole; continue with: inwit resume"
    with pytest.raises(InvalidOption, match=told):
        train(recipe, report=refuse)
    resume(tmp_path / "run")


def test_a_curriculum_is_the_recipes(generator):
    recipe = small(updates=12, curriculum="fixed")
    course = Training(recipe).course
    chosen = [recipe.curriculum.choose(course, 4, generator).tolist() for _ in range(12)]
    assert chosen == [[level] * 4 for level in (0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2)]
    uniform = recipe.but(curriculum="uniform").curriculum
    assert set(uniform.choose(course, 100, generator).tolist()) == {0, 1, 2}


def test_every_level_that_was_asked_has_its_accuracy():
    recipe = recipe_of(updates=6, batch=64, curriculum="uniform")
    for report in Training(recipe).reports():
        told = {name for name in report.metrics if name.startswith("episodes/accuracy@")}
        assert told == {f"episodes/accuracy@{level}" for level in range(3)}
        lowest, highest = min(report.metrics[name] for name in told), report.metrics
        assert lowest <= highest["episodes/accuracy"] <= max(highest[name] for name in told)
