"""Runs that are cut and resumed. As a program it tries every policy with every learner and
curriculum, or each of the policies and each pair of the others once:

python -m tests.resuming THREADS every|once

Set OMP_WAIT_POLICY=passive for more than one thread: on a busy machine waiting threads that spin
cost twenty times as much.
"""

import sys
import tempfile
from contextlib import closing
from itertools import cycle, islice, product
from pathlib import Path

import torch

from inwit.games.training import GameTraining
from inwit.training.loop import Training
from inwit.training.resuming import checkpoint_of, restore
from inwit.training.run_folder import RunFolder
from tests.recipes import ARCHITECTURES, recipe_of

LEARNERS, CURRICULA = ("a2c", "ppo", "grpo", "none"), ("fixed", "gated", "uniform")
TEXTS = ("pointer-text", "ensemble")
PAIRS = list(product(LEARNERS, CURRICULA))
RUNS = [
    {"task": "expressions-prompt", "largest": 3},
    {"task": "expressions", "learner": "ppo", "curriculum.gate": 0.1, "replay": 0, "largest": 3},
    {"task": "expressions", "learner": "ppo", "learner.minibatches": 4, "largest": 3},
    {"policy": "memoryless", "once": False, "reward.shaping": 0.5},
    {"policy": "gru-recurrent", "learner": "grpo", "curriculum": "uniform"},
]
MORE_RUNS = [
    {"task": "word-problems", "policy": "pointer-text", "search": 2},
    # Every policy, and every learner with every curriculum.
    *(
        {"policy": policy, "learner": learner, "curriculum": curriculum}
        for policy, (learner, curriculum) in zip(cycle(ARCHITECTURES), PAIRS, strict=False)
    ),
]


def cut_off(recipe, *, kept, at):
    """Train in an environment until an update, with a checkpoint of `kept`; the run folder."""
    training, folder = GameTraining(recipe), RunFolder.create(recipe)
    with closing(training):
        for report in training.reports():
            folder.append({"update": report.update, "episodes": report.episodes} | report.metrics)
            if report.update == kept:
                folder.keep(training.checkpoint())
            if report.update == at:
                return folder
    raise AssertionError(f"there is no update {at}")


def small(**changes):
    return recipe_of(**{"updates": 4, "batch": 32, "width": 16, "replay": 16} | changes)


def tensors(training):
    return checkpoint_of(training).tensors


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
    folder.keep(checkpoint_of(first))
    second = Training(folder.recipe())
    restore(second, folder.latest())
    assert_same(tensors(second), tensors(first))
    list(second.reports())
    assert_same(tensors(second), tensors(whole))
    assert not torch.equal(tensors(whole)["generator"], tensors(first)["generator"])
    one, two = checkpoint_of(second), checkpoint_of(whole)
    assert (one.curriculum, one.health) == (two.curriculum, two.health)
    assert (one.episodes, one.level, one.accuracy) == (two.episodes, two.level, two.accuracy)


def repeatable(threads):
    """PyTorch's own GRU, which reads texts, does not repeat its gradients on several threads."""
    return [name for name in ARCHITECTURES if threads == 1 or name not in TEXTS]


def combinations(threads, which):
    """Policies with learners and curricula: all of them, or as many as name each of them."""
    policies = repeatable(threads)
    if which == "every":
        return list(product(policies, PAIRS))
    return list(islice(zip(cycle(policies), cycle(PAIRS), strict=False), len(PAIRS)))


def try_all(threads, which):
    """All combinations, and batches that are large enough for threads to share them."""
    torch.set_num_threads(threads)
    policies, tried = repeatable(threads), 0
    with tempfile.TemporaryDirectory() as folder:
        for policy in policies:
            changes = {"policy": policy, "batch": 512, "width": 64, "updates": 3}
            assert_resumes(Path(folder) / f"large-{policy}", changes, cut=1)
        for policy, (learner, curriculum) in combinations(threads, which):
            changes = {"policy": policy, "learner": learner, "curriculum": curriculum}
            assert_resumes(Path(folder) / str(tried), changes, cut=1 + tried % 3)
            tried += 1
    print(f"{tried} combinations on {torch.get_num_threads()} threads")


if __name__ == "__main__":
    try_all(int(sys.argv[1]), sys.argv[2])
