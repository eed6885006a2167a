"""What the tests share: small environments and networks, hand-made records, one short run."""

import os
import re
from contextlib import contextmanager, nullcontext

import pytest
import torch
from hypothesis import settings

from inwit.auditing.exhaustive.processes import described
from inwit.environment import Environment
from inwit.evaluation import advice
from inwit.recipes import task_for
from inwit.tasks import Stages
from inwit.training import limits, practice
from inwit.trajectory import Observation, Outputs, Prompt, Trajectory
from tests import forked, shapes
from tests.recipes import recipe_of

settings.register_profile("suite", derandomize=True, database=None, deadline=None, max_examples=25)
settings.register_profile("long", settings.get_profile("suite"), max_examples=3000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))
PRESSES, BUDGET, UNIT = advice.PRESSES, limits.BUDGET, practice.UNIT
"""Of users; `short_searches` changes them."""


@pytest.fixture(autouse=True, scope="session")
def one_thread():
    torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def shapes_counted_anew():
    shapes.begin_test()


@pytest.fixture(autouse=True, scope="session")
def small_pools():
    """Tasks made by functions draw fewer problems: 4,096 take a second for some of the examples."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("inwit.tasks.function_task.POOL", 800)
        yield


@pytest.fixture(autouse=True, scope="session")
def short_searches():
    """A search for the programs of such tasks ends early, and so does practice of the keys."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("inwit.recipes.SEARCH", 100)
        patch.setattr(advice, "PRESSES", 400)
        patch.setattr(limits, "BUDGET", (800, 1200, 1600))
        patch.setattr(practice, "UNIT", practice.BATCH)
        yield


@contextmanager
def as_long_as_a_users():
    """Search and practise as long as a user's run does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(advice, "PRESSES", PRESSES)
        patch.setattr(limits, "BUDGET", BUDGET)
        patch.setattr(practice, "UNIT", UNIT)
        yield


@pytest.fixture(autouse=True)
def whole_searches(request):
    """What learns to a stated accuracy searches as long as a user's run does."""
    learns = request.node.get_closest_marker("learning")
    with as_long_as_a_users() if learns else nullcontext():
        yield


@pytest.fixture(autouse=True, scope="session")
def one_process():
    """An audit draws again in this process: another takes two seconds to import torch."""

    def drawn_again(task, source, levels, seed):
        one, other = (described(each, levels, seed) for each in (task, task_for(source)))
        pairs = {level: zip(texts, other[level], strict=True) for level, texts in one.items()}
        return {
            int(level): torch.tensor([a == b for a, b in each]) for level, each in pairs.items()
        }

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("inwit.auditing.exhaustive.auditing.drawn_elsewhere", drawn_again)
        yield


@pytest.fixture(autouse=True, scope="session")
def forked_children():
    """Children of audits are forked; `auditing/child/test_process.py` starts them as they are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("inwit.auditing.child.process.subprocess", forked.Subprocess)
        yield
    forked.Subprocess.close()


@pytest.fixture(autouse=True, scope="session")
def no_lines_of_waiting():
    """A busy machine prints nothing more than an idle one; `test_waiting` has the lines."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("inwit.cli.waiting.FIRST", 3600.0)
        yield


def without_waiting(error):
    """What another process printed, without how long it has been busy."""
    return re.sub(r"^\w[\w ]*: \d+ s\n", "", error, flags=re.M)


@pytest.fixture
def generator():
    return torch.Generator().manual_seed(7)


@pytest.fixture
def stages():
    return Stages(once=True)


@pytest.fixture
def environment(stages):
    return Environment(stages)


def network_for(environment, width=16, seed=0, policy="gru"):
    """A small untrained network for the prompts or the stream of an environment."""
    return recipe_of(policy=policy, width=width, seed=seed).network(environment)


@pytest.fixture
def network(environment):
    return network_for(environment)


@pytest.fixture
def make_network():
    return network_for


def mixed(task, count, generator, *, held_out=False):
    """Problems of all levels, one after the other."""
    levels = torch.tensor(task.levels)
    return task.sample(levels[torch.arange(count) % len(levels)], generator, held_out=held_out)


@pytest.fixture
def draw_mixed():
    return mixed


def hand_made(**given):
    """A record of T x B rows from lists; what is not given is uneventful."""
    rows = {name: torch.tensor(value) for name, value in given.items()}
    key = rows.get("key", torch.zeros_like(rows["reward"], dtype=torch.long))
    flags, numbers = torch.zeros_like(key, dtype=torch.bool), torch.zeros(key.shape)
    batch, keys = key.shape[1], rows.pop("keys", torch.tensor(4))
    begin = torch.arange(len(key))[:, None].expand_as(key) == 0
    defaults = {
        "problem": torch.arange(batch),
        "level": torch.zeros(batch, dtype=torch.long),
        "prompt": Prompt(
            symbols=torch.zeros(batch, 1, dtype=torch.long),
            level=torch.zeros(batch, dtype=torch.long),
        ),
        "observation": Observation(
            previous=torch.zeros_like(key),
            seen=torch.zeros(*key.shape, 0, dtype=torch.long),
            legal=torch.ones(*key.shape, int(keys), dtype=torch.bool),
        ),
        "key": key,
        "starts": begin,
        "pressed": ~flags,
        "meant": ~flags,
        "right": torch.zeros(batch, dtype=torch.bool),
    }
    defaults |= dict.fromkeys(("log_prob", "value", "next_value", "reward"), numbers)
    defaults |= dict.fromkeys(("terminated", "truncated"), flags)
    return Trajectory(**(defaults | rows))


@pytest.fixture
def record():
    return hand_made


@pytest.fixture
def outputs_from():
    def make(log_prob, entropy=None, value=None):
        def filled(numbers):
            return torch.zeros_like(log_prob) if numbers is None else numbers

        return Outputs(log_prob=log_prob, entropy=filled(entropy), value=filled(value))

    return make
