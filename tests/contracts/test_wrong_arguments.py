"""What is not a part, a count or a seed: one line that says what was given and what is wanted."""

from math import inf, nan

import pytest
import torch

import inwit
from inwit.errors import InvalidOption
from inwit.learners import A2C, Learner, Replay
from inwit.policies import GRU, Architecture, GRUPolicy
from inwit.tasks import Stages, Task
from inwit.testing import check_learner, check_policy, check_task


class Nameless(A2C):
    name = ""


class Undecorated(Learner):
    name = "undecorated"

    def loss(self, trajectory, outputs):
        return outputs.value.sum(), {}


class Needy(Stages):
    def __init__(self, largest):
        super().__init__(largest=largest)


class Unfinished(Architecture):
    name = "unfinished"


POLICY = "is not an architecture: give one, such as GRU\\(\\), or its class"
LEARNER = "is not a learner: give one, such as A2C\\(\\), or its class"
TASK = "is not a task: give one, such as Stages\\(\\)"


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: check_policy("gru"), f"^'gru' {POLICY}"),
        (lambda: check_policy(None), f"^None {POLICY}"),
        (lambda: check_policy(GRUPolicy), f"^GRUPolicy {POLICY}"),
        (lambda: check_policy(A2C()), rf"^A2C\(.* {POLICY}"),
        (lambda: check_policy(Unfinished), "^Unfinished has no build$"),
        (lambda: check_policy(GRU, task="stages"), f"^'stages' {TASK}"),
        (lambda: check_policy(GRU, task=0), f"^0 {TASK}"),
        (lambda: check_policy(GRU, seed=-1), "^--seed -1: it must be from 0"),
        (lambda: check_policy(GRU, seed="x"), "^--seed x: it must be from 0"),
        (lambda: check_learner("a2c"), f"^'a2c' {LEARNER}"),
        (lambda: check_learner(None), f"^None {LEARNER}"),
        (lambda: check_learner(GRU), f"^GRU {LEARNER}"),
        (lambda: check_learner(Nameless), '^Nameless has no name = "..."$'),
        (lambda: check_learner(Undecorated), "^Undecorated must be a frozen dataclass$"),
        (lambda: check_learner(A2C, seed=-1), "^--seed -1: it must be from 0"),
        (lambda: check_learner(A2C, seed=0.5), "^--seed 0.5: it must be from 0"),
        (lambda: check_task("stages"), f"^'stages' {TASK}"),
        (lambda: check_task(None), f"^None {TASK}"),
        (lambda: check_task(len), f"^<built-in function len> {TASK}"),
        (lambda: check_task(Task), "^Task has no "),
        (
            lambda: check_task(Needy),
            r"^Needy\(\) fails with TypeError: .*: give what Needy\(",
        ),
        (lambda: check_task(Stages, count=0), "^0 problems of each level: give a whole number"),
        (lambda: check_task(Stages, count=1), "^1 problem of each level: give at least 2$"),
        (lambda: check_task(Stages, count="x"), "^'x' problems of each level: give a whole"),
        (lambda: check_task(Stages, count=2.5), "^2.5 problems of each level: give a whole"),
        (lambda: check_task(Stages, seed=-1), "^--seed -1: it must be from 0"),
        (lambda: check_task(Stages, seed="x"), "^--seed x: it must be from 0"),
        (lambda: check_task(Stages, chance=nan), "^chance=nan: give a number from 0 to 1$"),
        (lambda: check_task(Stages, chance=inf), "^chance=inf: give a number from 0 to 1$"),
        (lambda: check_task(Stages, chance="x"), "^chance='x': give a number from 0 to 1$"),
        (lambda: check_task(Stages, chance=-0.1), "^chance=-0.1: give a number from 0 to 1$"),
    ],
)
def test_a_wrong_argument_is_one_line(call, words):
    with pytest.raises(InvalidOption, match=words) as caught:
        call()
    assert "\n" not in str(caught.value)


@pytest.mark.slow
def test_a_class_stands_for_its_instance():
    check_task(Stages, count=50)
    check_policy(GRU, task=Stages)
    check_learner(A2C)
    check_learner(Replay)


def test_a_network_that_is_none_is_named():
    class Empty(GRU):
        name = "empty"

        def build(self, spec):
            return None

    names = ("stages", "memory-length")
    uses = [lambda policy, name=name: inwit.train(name, policy=policy()) for name in names]
    for use in (check_policy, *uses):
        with pytest.raises(InvalidOption, match=r"^policy 'empty': build gave None, not a Policy$"):
            use(Empty)


def test_a_network_of_lazy_layers_is_refused():
    class Lazy(GRU):
        name = "lazy"

        def build(self, spec):
            made = super().build(spec)
            made.more = torch.nn.LazyLinear(3)
            return made

    for name in ("stages", "memory-length"):
        with pytest.raises(InvalidOption, match=r"^policy 'lazy' has lazy layers: give them"):
            inwit.train(name, policy=Lazy())


@pytest.mark.parametrize("name", ["stages", "memory-length"])
def test_networks_are_of_single_precision(name):
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        with pytest.raises(
            InvalidOption, match=r"makes tensors of torch.float64 here, and networks"
        ):
            inwit.train(name)
    finally:
        torch.set_default_dtype(before)


def test_a_network_too_large_for_a_file_is_refused(monkeypatch):
    monkeypatch.setattr("inwit.policies.base.MOST_BYTES", 2**12)
    with pytest.raises(InvalidOption, match=r"'gru': its weights take .* GiB here, and may take 0"):
        inwit.train("stages", policy=GRU(width=64))
