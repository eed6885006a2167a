from math import isnan

import pytest
import torch

from inwit.environment import Environment
from inwit.policies import Scripted
from inwit.probes import overwrite, transplant
from inwit.probes.patch import _value
from inwit.probes.subject import draw
from inwit.tasks import Expressions, ExpressionsPrompt, Stages
from tests.probes import planted


@pytest.mark.parametrize(
    ("agent", "environment", "level"),
    [
        (planted.stage_reader(), planted.stages_environment(), 2),
        (planted.planner(ExpressionsPrompt(numbers="digits")), planted.prompts_environment(), 3),
        (planted.Rules(Expressions()), Environment(Expressions()), 4),
    ],
    ids=["stages", "prompts", "stream"],
)
def test_the_answer_of_a_right_agent_follows_what_was_stored(agent, environment, level, generator):
    found = overwrite(agent, environment, draw(environment.task, [level], 200, 1), generator)
    assert found.count > 60
    assert found.right == found.count


def test_an_agent_that_bypasses_its_memory_is_found(generator):
    environment = Environment(Stages(once=False))
    problems = draw(environment.task, [1], 100, 1)
    agent = planted.Bypassing(environment.task)
    found = overwrite(agent, environment, problems, generator)
    assert found.count > 60
    assert found.right == 0


def test_where_nothing_is_stored_nothing_counts(generator):
    environment = planted.stages_environment()
    found = overwrite(
        planted.stage_reader(), environment, draw(environment.task, [0, 1], 50, 1), generator
    )
    assert (found.right, found.count) == (0, 0)


def test_a_wrong_episode_does_not_count(generator, environment, stages):
    problems = draw(stages, [2], 60, 1)
    wrong = stages.rules.vocabulary.encode("0 MUL 1 ADD 2 SUB STO 3 ADD 4 RCL ANS")
    keys = torch.tensor(wrong)[:, None].expand(-1, 60)
    found = overwrite(Scripted(keys), environment, problems, generator)
    assert found.right == found.count < 15  # right by luck: d + e = d * e


@pytest.mark.parametrize(
    ("text", "order", "value", "exact"),
    [
        ("(3*7+2)-(4*5)", 1, 9.0, 3 * 9 + 2 - 4 * 5),
        ("2*(3-1.5)", 2, -4.0, 2 * (3 + 4)),
        ("8/(3-1)", 2, 2.0, 8.0),
        ("1/3+1/3+1/3", 0, 1.0, 1.0),
    ],
)
def test_the_counterfactual_is_that_of_arithmetic(text, order, value, exact):
    assert _value(text, order, value) == exact


def test_there_is_no_counterfactual_where_arithmetic_has_none():
    assert isnan(_value("8/(3-1)", 2, 3.0))
    assert isnan(_value("no expression", 0, 3.0))


def test_a_planner_executes_the_plan_that_was_transplanted():
    environment = planted.prompts_environment()
    first, second = (draw(environment.task, [3], 100, seed) for seed in (1, 2))
    found = transplant(planted.planner(environment.task), environment, first, second)
    assert found.given.count > 60
    assert found.given.accuracy == 1
    assert found.own.right == 0


def test_the_level_is_transplanted_where_the_legal_keys_allow_it():
    environment = planted.stages_environment()
    first, second = draw(environment.task, [1], 50, 1), draw(environment.task, [2], 50, 1)
    found = transplant(planted.stage_reader(), environment, first, second)
    assert (found.given.right, found.given.count) == (50, 50)
    found = transplant(planted.stage_blind(), environment, first, second)
    assert found.given.right == 0
    assert found.own.right == found.own.count


def test_plans_that_never_part_do_not_count():
    environment = planted.prompts_environment()
    first, second = (draw(environment.task, [3], 50, seed) for seed in (1, 2))
    found = transplant(planted.mumbler(environment.task), environment, first, second)
    assert found.given.count == 0
