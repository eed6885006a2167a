"""Runs that are cut and resumed. As a program it tries every policy, learner and curriculum:

python -m tests.resuming THREADS

Set OMP_WAIT_POLICY=passive for more than one thread: on a busy machine waiting threads that spin
cost twenty times as much.
"""

import sys
import tempfile
from itertools import cycle, product
from pathlib import Path

import torch

from inwit.checkpoint import RunFolder
from inwit.policies import POLICIES
from inwit.recipe import Recipe
from inwit.training import Training

LEARNERS, CURRICULA = ("a2c", "ppo", "grpo", "replay"), ("fixed", "gated", "uniform")
PAIRS = list(product(LEARNERS, CURRICULA))
RUNS = [
    {"learner": "replay", "policy": "pointer", "task": "expressions-prompt", "curriculum": "gated"},
    {"learner": "ppo", "task": "expressions", "curriculum": "gated", "gate": 0.1, "replay": 0},
    {"policy": "memoryless", "once": False, "shaping": 0.5},
    {"learner": "grpo", "policy": "gru-recurrent", "curriculum": "uniform"},
]
"""Every learner and curriculum."""
MORE_RUNS = [
    {"learner": "replay", "policy": "pointer-text", "task": "word-problems", "search": 2},
    # Every policy, and every learner with every curriculum.
    *(
        {"policy": policy, "learner": learner, "curriculum": curriculum}
        for policy, (learner, curriculum) in zip(cycle(POLICIES), PAIRS, strict=False)
    ),
]


def small(**changes):
    return Recipe(updates=4, batch=32, width=16, replay=16, largest=3).but(**changes)


def tensors(training):
    return training.checkpoint().tensors


def assert_same(one, two):
    assert one.keys() == two.keys()
    for name, tensor in one.items():
        assert torch.equal(tensor, two[name]), name


def assert_resumes(path, changes, cut=2):
    """After n + m updates, with a cut after n, all is as after n + m without one."""
    recipe = small(out=path, **changes)
    whole, first = Training(recipe), Training(recipe)
    list(whole.reports())
    for report in first.reports():
        if report.update == cut:
            break
    folder = RunFolder.create(recipe)
    folder.keep(first.checkpoint())
    second = Training(folder.recipe())
    second.restore(folder.latest())
    assert_same(tensors(second), tensors(first))
    list(second.reports())
    assert_same(tensors(second), tensors(whole))
    assert not torch.equal(tensors(whole)["generator"], tensors(first)["generator"])
    one, two = second.checkpoint(), whole.checkpoint()
    assert (one.curriculum, one.health) == (two.curriculum, two.health)
    assert (one.episodes, one.level, one.accuracy) == (two.episodes, two.level, two.accuracy)


def repeatable(threads):
    """PyTorch's own GRU, which reads texts, does not repeat its gradients on several threads."""
    return [name for name in POLICIES if threads == 1 or name not in ("pointer-text", "committee")]


def try_all(threads):
    """Every combination, and batches that are large enough for threads to share them."""
    torch.set_num_threads(threads)
    policies, tried = repeatable(threads), 0
    with tempfile.TemporaryDirectory() as folder:
        for policy in policies:
            changes = {"policy": policy, "batch": 512, "width": 64, "updates": 3}
            assert_resumes(Path(folder) / f"large-{policy}", changes, cut=1)
        for policy, (learner, curriculum) in product(policies, PAIRS):
            changes = {"policy": policy, "learner": learner, "curriculum": curriculum}
            assert_resumes(Path(folder) / str(tried), changes, cut=1 + tried % 3)
            tried += 1
    print(f"{tried} combinations on {torch.get_num_threads()} threads")


if __name__ == "__main__":
    try_all(int(sys.argv[1]))
