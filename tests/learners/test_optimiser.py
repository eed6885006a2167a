"""Our Adam against PyTorch's own, and what it does not import."""

import subprocess
import sys
from copy import deepcopy

import pytest
import torch

from inwit.learners import Adam

TRAINS = """
import sys
from copy import deepcopy
from inwit.recipes import recipe_for
from inwit.training.loop import Training

list(Training(recipe_for("expressions").but(updates=1, batch=8)).reports())
print(sorted({"sympy", "torch._dynamo"} & set(sys.modules)))
"""


def test_it_steps_and_is_kept_as_pytorchs_own_to_the_bit(generator):
    first = torch.randn(7, 3, generator=generator)
    ours, theirs = (first.clone().requires_grad_() for _ in range(2))
    light = Adam(learning_rate=0.01).build([ours])
    usual = torch.optim.Adam([theirs], 0.01, fused=True)
    for step in range(6):
        gradient = torch.randn(7, 3, generator=generator)
        for weights, optimiser in ((ours, light), (theirs, usual)):
            optimiser.zero_grad()
            (weights * gradient).sum().backward()
            optimiser.step()
        if step == 2:  # either is loaded from what the other has kept
            light.load_state_dict(deepcopy(usual.state_dict()))
            usual.load_state_dict(deepcopy(light.state_dict()))
        assert torch.equal(ours, theirs)
    assert not torch.equal(ours, first)


@pytest.mark.slow
def test_a_training_imports_no_compiler():
    made = subprocess.run(
        [sys.executable, "-c", TRAINS], capture_output=True, text=True, check=True
    )
    assert made.stdout.strip() == "[]"
