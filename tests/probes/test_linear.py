import pytest
import torch

from inwit.environment import Environment
from inwit.probes import decode, states_along
from inwit.probes.linear import RIDGE, probe
from inwit.probes.record import vector
from inwit.probes.subject import draw
from inwit.tasks import Expressions
from inwit.training.rollout import rollout
from inwit.trajectory import Observation
from tests.conftest import network_for
from tests.probes import planted


def decoded(agent, environment, levels, *, untrained=None, count=150):
    task = environment.task
    sets = [draw(task, levels, count, 1, held_out=held_out) for held_out in (False, True)]
    untrained = untrained or network_for(environment, seed=1)
    return decode(agent, untrained, environment, *sets, torch.Generator().manual_seed(0))


def test_a_plan_that_is_laid_out_in_the_state_is_found():
    environment = planted.prompts_environment(4)
    mean, *each = decoded(planted.planner(environment.task), environment, [4])
    assert [found.ahead for found in each] == list(range(1, 9))
    for found in each:
        assert found.accuracy["agent"] > 0.99
        assert found.interval[0] > 0.1
        assert found.selectivity == pytest.approx(
            found.accuracy["agent"]
            - max(share for name, share in found.accuracy.items() if name != "agent")
        )
    assert mean.ahead == 0
    assert mean.selectivity == pytest.approx(sum(found.selectivity for found in each) / 8)
    assert mean.interval[0] < mean.selectivity < mean.interval[1]
    assert mean.count == sum(found.count for found in each)


def test_an_untrained_network_has_no_plan():
    environment = planted.prompts_environment(4)
    agent, other = (network_for(environment, seed=seed) for seed in (3, 4))
    mean = decoded(agent, environment, [4], untrained=other)[0]
    assert mean.interval[0] <= 0


def test_a_clock_is_not_a_plan():
    """It presses one plan; what comes next is told by the present and what was read."""
    environment = planted.prompts_environment(4)
    mean, *_ = decoded(planted.mumbler(environment.task), environment, [4])
    assert mean.accuracy["agent"] > 0.99
    assert abs(mean.selectivity) < 0.01


def test_what_is_seen_is_a_control_where_nothing_is_read():
    environment = Environment(Expressions())
    for found in decoded(planted.Rules(environment.task), environment, [3]):
        assert found.accuracy["present"] == found.accuracy["memoryless"]
        assert found.accuracy["agent"] == found.accuracy["present"]  # it has no state
        assert found.selectivity <= 0


def test_labels_out_of_order_teach_nothing():
    environment = planted.prompts_environment(4)
    for found in decoded(planted.planner(environment.task), environment, [4])[1:]:
        assert found.accuracy["shuffled"] < 0.75 * found.accuracy["agent"]


@pytest.mark.parametrize("policy", ["pointer", "transformer"])
def test_a_network_that_looks_back_is_probed_after_reading(policy):
    environment = planted.prompts_environment(3)
    agent, other = (network_for(environment, seed=seed, policy=policy) for seed in (1, 2))
    mean, *each = decoded(agent, environment, [3], untrained=other, count=60)
    assert all(found.count <= 60 for found in each)  # one moment of each episode
    assert set(mean.accuracy) == {"agent", "untrained", "memoryless", "present", "shuffled"}


@pytest.mark.parametrize("columns", [7, 60])
def test_the_probe_is_least_squares_with_rows_for_the_ridge(columns):
    """Few columns or few rows: both ways of solving agree with plain least squares."""
    generator = torch.Generator().manual_seed(columns)
    known = torch.randn(40, columns, generator=generator).double()
    asked = torch.randn(25, columns, generator=generator).double()
    later = torch.randint(0, 5, (40, 2), generator=generator)
    later[:3, 1] = -1  # after the end: no key
    found = probe(known, later, asked)
    ridge = RIDGE * known.square().sum(1).mean()
    rows = torch.cat([known, ridge.sqrt() * torch.eye(columns)])
    for ahead in range(2):
        targets = torch.zeros(len(rows), 5, dtype=torch.double)
        for row, key in enumerate(later[:, ahead].tolist()):
            if key >= 0:
                targets[row, key] = 1.0
        weights = torch.linalg.lstsq(rows, targets).solution
        assert torch.equal((asked @ weights).argmax(1), found[:, ahead])


@torch.no_grad()
def test_states_are_those_before_each_press(environment, stages, network):
    made, _ = rollout(network, environment, draw(stages, stages.levels, 9, 1))
    states = states_along(network, made)
    assert states.shape == (len(made.key), 9, 16)
    memory = network.begin(made.prompt)
    for press, state in enumerate(states):
        assert torch.equal(state, memory[0])
        observation = Observation(
            previous=made.observation.previous[press],
            seen=made.observation.seen[press],
            legal=made.observation.legal[press],
        )
        memory = network.step(observation, memory)[2]


def test_the_vector_leaves_out_what_has_rows():
    state, flags = torch.ones(3, 4), torch.ones(3, 5, dtype=torch.bool)
    rows = torch.arange(24.0).view(3, 2, 4)
    assert torch.equal(vector((state, rows, flags)), state)
    assert torch.equal(vector((rows, flags)), rows[:, -1])
    assert torch.equal(vector((rows[:, :0], flags)), torch.zeros(3, 4))
    assert vector((torch.zeros(3, dtype=torch.long),)).shape == (3, 0)
