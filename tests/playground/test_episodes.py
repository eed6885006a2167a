import json
from fractions import Fraction

import pytest
import torch

from inwit.errors import InvalidOption, InvalidProblem, UnknownName
from inwit.evaluation.traces import trace
from inwit.playground.description import describe
from inwit.playground.episodes import MAX_SYMBOLS, Edit, episode
from inwit.playground.forecast import fit_forecast
from inwit.playground.switches import switches
from inwit.probes.record import states_along
from inwit.probes.subject import draw
from inwit.training.rollout import play, rollout

PROBLEM = "(3*7+2)-(4*5)"


def names(agent, made):
    return [agent.environment.machine.vocabulary.names[press.key] for press in made.presses]


def stack(made, top):
    frames = []
    while top >= 0:
        frames.append(made.frames[top])
        top = made.frames[top].below
    return frames[::-1]


@pytest.mark.parametrize("task", ["expressions", "stages", "expressions-prompt"])
def test_an_episode_is_the_one_that_trace_shows(make_agent, shipped, task):
    agent = shipped if task == "expressions" else make_agent(task)
    problem = "3*7+2-4*5"
    made, traced = episode(agent, problem), agent.solve(problem)
    assert names(agent, made) == [press.key for press in traced.presses]
    assert made.right == traced.right
    for press, shown in zip(made.presses, traced.presses, strict=True):
        assert max(press.probabilities) == pytest.approx(shown.probability, abs=1e-6)
        assert (press.values[0] if press.values else None) == shown.accumulator
        assert len(stack(made, press.top)) == len(shown.memory)
        assert bool(press.pending) == bool(shown.pending)


def test_an_episode_is_plain_json(shipped):
    made = episode(shipped, PROBLEM, forecast=fit_forecast(shipped, problems=40)).to_json()
    again = json.loads(json.dumps(made, allow_nan=False))
    assert again["symbols"] == list("(3*7+2)-(4*5)")
    assert (again["answer"], again["exact"]) == (3, "3")
    assert len(again["presses"][0]["forecast"]) == 8
    json.dumps(describe(shipped), allow_nan=False)


def test_a_fault_is_told_as_one(make_agent):
    made = episode(make_agent("expressions", operators="+/"), "1+0+2", off=["ADD"])
    assert made.answer == "fault"
    assert {press.values for press in made.presses} >= {(1.0,), ("fault",)}


def test_every_switch_takes_something_away(shipped, make_agent):
    for agent in (shipped, make_agent("stages")):
        intact = episode(agent, PROBLEM)
        for name in switches(agent.environment):
            hurt = episode(agent, PROBLEM, off=[name])
            if name in ("memory", "ADD", "SUB", "MUL"):
                keys = {"STO", "RCL"} if name == "memory" else {name}
                pressed = zip(names(agent, hurt), hurt.presses, strict=True)
                assert not keys & {key for key, press in pressed if not press.wasted}
            else:
                assert [press.value for press in hurt.presses] != [
                    press.value for press in intact.presses
                ], name


def test_without_its_state_every_press_starts_afresh(shipped):
    """What is seen at a press decides alone: probabilities are those of a fresh state."""
    made = episode(shipped, PROBLEM, off=["state"])
    environment, policy = shipped.environment, shipped.policy
    prompt, observation = environment.reset(environment.task.parse(PROBLEM))
    for press in made.presses:
        scores, _, _ = policy.step(observation, policy.begin(prompt))
        expected = scores.masked_fill(~observation.legal, -1e9).softmax(1)[0].tolist()
        assert list(press.probabilities) == pytest.approx(expected, abs=1e-6)
        observation = environment.step(torch.tensor([press.key])).observation


def test_an_overwritten_value_changes_the_answer_and_what_is_right(shipped):
    made = episode(shipped, PROBLEM)
    press = next(at for at, key in enumerate(made.presses, 1) if key.pending == "SUB") + 1
    changed = episode(shipped, PROBLEM, edits=[Edit(press=press, place=0, value=100.5)])
    assert Fraction(changed.counterfactual.exact) == Fraction("100.5") - 20
    assert changed.counterfactual.value == 80.5
    assert changed.answer == 80.5
    assert not changed.right
    assert stack(changed, changed.presses[press - 1].top)[0].values == (100.5,)


@pytest.mark.slow
def test_the_exact_counterfactual_is_what_python_computes(shipped):
    """Every stored value is overwritten in turn; the text says what is replaced."""
    for problem in ("2+3*(4-5*6)", "(8-1)*2+(3-4)*5"):
        made = episode(shipped, problem)
        assert made.right
        for press, at in zip(made.presses, range(1, 99), strict=False):
            for place, frame in enumerate(stack(made, press.top)):
                if frame.values:
                    edit = Edit(press=at, place=place, value=-7.25)
                    changed = episode(shipped, problem, edits=[edit])
                    part = changed.counterfactual.note.removesuffix(" counts as -7.25")
                    assert eval(part) == frame.values[0]
                    # Where the part is written in full in the problem, Python evaluates the change.
                    if problem.count(part) == 1:
                        exact = eval(problem.replace(part, "(-7.25)"))
                        assert float(changed.counterfactual.exact) == exact
                    assert changed.answer == pytest.approx(changed.counterfactual.value)


def test_a_forecast_reads_the_states_of_the_episode(make_agent, shipped):
    """The first score is the regression's, computed again from the states of a rollout."""
    for agent in (shipped, make_agent("stages")):
        forecast = fit_forecast(agent, problems=60)
        problem = "3*7+2-4*5"
        made = episode(agent, problem, forecast=forecast)
        place = agent.environment.on(agent.environment.task)
        with torch.no_grad():
            trajectory, _ = rollout(agent.policy, place, place.task.parse(problem))
            states = states_along(agent.policy, trajectory)
        width = states.shape[2]
        own = states[: len(made.presses), 0].double() @ forecast.weights[:width]
        rest = forecast.weights[width:]
        keys = len(agent.environment.machine.vocabulary)
        for at, press in enumerate(made.presses):
            row = own[at] + rest[int(trajectory.observation.previous[at, 0])] + rest[-1]
            offset = keys
            for column, size in enumerate(place.observation_sizes):
                if at:
                    row = row + rest[offset + int(trajectory.observation.seen[at - 1, 0, column])]
                offset += size
            best = row.view(8, -1).max(1).values
            assert [score for _, score in press.forecast] == pytest.approx(best.tolist(), abs=1e-9)


@pytest.mark.slow
def test_a_network_that_looks_back_is_read_once(make_agent):
    agent = make_agent("expressions-prompt")
    forecast = fit_forecast(agent, problems=10)
    made = episode(agent, "3*7+2-4*5", forecast=forecast)
    assert forecast.length
    assert len(made.presses[0].forecast) == 8
    assert all(press.forecast == () for press in made.presses[1:])
    long = "+".join("1" * 13)
    assert episode(agent, long, forecast=forecast).presses[0].forecast == ()


@pytest.mark.slow
def test_the_stated_accuracy_is_that_of_held_out_presses(shipped):
    """Read press by press on other held-out problems, it is about as often right."""
    forecast = fit_forecast(shipped, problems=300)
    task = shipped.environment.task
    problems = draw(task, list(task.levels), 40, 5)
    hits = []
    for row in range(len(problems)):
        presses = episode(shipped, task.describe(problems, row), forecast=forecast).presses
        hits += [press.forecast[0][0] == press.key for press in presses]
    assert sum(hits) / len(hits) == pytest.approx(forecast.accuracy[0], abs=0.07)


@pytest.mark.parametrize(
    ("given", "error", "told"),
    [
        ({"off": ["memry"]}, UnknownName, "did you mean 'memory'"),
        ({"edits": [Edit(press=1, place=0, value=1)]}, InvalidOption, "no value is stored"),
        ({"edits": [Edit(press=99, place=0, value=1)]}, InvalidOption, "18 presses"),
    ],
)
def test_a_mistake_is_told(shipped, given, error, told):
    with pytest.raises(error, match=told):
        episode(shipped, PROBLEM, **given)


def test_a_problem_that_is_too_long_is_refused(shipped):
    with pytest.raises(InvalidProblem, match="at most"):
        episode(shipped, "+".join("1" * (MAX_SYMBOLS // 2 + 1)))
    with pytest.raises(InvalidOption, match="finite"):
        Edit(press=1, place=0, value=float("nan"))


def test_the_agent_that_comes_along_answers_rightly(shipped):
    task = shipped.environment.task
    problems = draw(task, [4], 200, 1)
    assert play(shipped.policy, shipped.environment, problems).float().mean() > 0.98
    assert trace(shipped.policy, shipped.environment, draw(task, [30], 2, 1))[0].right
