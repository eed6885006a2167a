"""Policies read the numbers that a task shows; one that does not breaks a contract."""

import random
from dataclasses import dataclass, replace

import pytest
import torch

import inwit
from inwit.environment import Environment
from inwit.policies import Architecture, GRUPolicy
from inwit.policies.encoders import Bag
from inwit.recipe import Recipe
from inwit.testing import check_policy
from inwit.tools import ADD, MUL
from inwit.training.rollout import rollout
from tests.recipes import ARCHITECTURES
from tests.tiers import few_fast

WIDTH = 16
DISPLAY = ["display", "all-operands", "aside", lambda value: [value, -value]]


def drawn(draw):
    one, other = draw.randrange(30), draw.randrange(30)
    again = " more" if draw.random() < 0.5 else ""  # prompts of two lengths
    return inwit.Problem(
        prompt=f"add {{0}} and {{1}}{again}", operands=(one, other), answer=one + other
    )


def task_that(sees):
    def sums(draw: random.Random) -> inwit.Problem:
        return drawn(draw)

    return inwit.task(tools=[ADD, MUL], presses=5, memory=1, sees=sees)(sums)


TASKS = {
    "prompt": task_that("operands"),
    "press": task_that(DISPLAY),
    "both": task_that(["operands", *DISPLAY]),
}


@pytest.mark.parametrize("task", few_fast(TASKS, 2))
@pytest.mark.parametrize("name", few_fast(ARCHITECTURES, 0, 3, 7, 9))
def test_every_policy_reads_the_numbers(name, task):
    check_policy(ARCHITECTURES[name].but(width=WIDTH), task=TASKS[task])


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_without_numbers_no_parameter_is_made(name):
    def names(task):
        made = ARCHITECTURES[name].but(width=WIDTH)
        network = Recipe(task=task, policy=made).network(Environment(task))
        return {key for key, _ in network.named_parameters()}

    plain, seeing = names(task_that([])), names(TASKS["both"])
    assert not any("values" in key for key in plain)
    assert plain < seeing
    assert all("values" in key for key in seeing - plain)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_parameter_that_reads_numbers_learns(name, generator):
    task = TASKS["both"]
    environment = Environment(task)
    made = ARCHITECTURES[name].but(width=WIDTH)
    network = Recipe(task=task, policy=made).network(environment)
    problems = task.sample(torch.zeros(12, dtype=torch.long), generator)
    outputs = rollout(network, environment, problems, generator)[1]
    (outputs.log_prob.sum() + outputs.value.square().sum()).backward()
    for key, parameter in network.named_parameters():
        assert "values" not in key or parameter.grad.any(), key


class Plain(GRUPolicy):
    def __init__(self, spec, width):
        super().__init__(spec, width, Bag)


class BlindAtPresses(Plain):
    def step(self, observation, memory):
        blank = torch.zeros_like(observation.values)
        return super().step(replace(observation, values=blank), memory)


class BlindToPrompts(Plain):
    def begin(self, prompt):
        return super().begin(replace(prompt, values=torch.zeros_like(prompt.values)))


@pytest.mark.parametrize(
    ("network", "where"), [(BlindAtPresses, "at presses"), (BlindToPrompts, "in prompts")]
)
def test_a_policy_that_does_not_look_is_found(network, where):
    @dataclass(frozen=True, kw_only=True)
    class Planted(Architecture):
        name = "planted"

        def build(self, spec):
            return network(spec, WIDTH)

    with pytest.raises(AssertionError, match=f"'different numbers {where} make a difference'"):
        check_policy(Planted(), task=TASKS["both"])
