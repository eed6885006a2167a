"""What a sweep fixes and searches together: every combination is one that trains."""

from itertools import product

import pytest

from inwit.errors import InvalidFile
from inwit.runs.sweeps.rows import Row, command
from tests.runs.test_sweep_plans import plan


@pytest.mark.parametrize(
    ("batch", "parts", "told"),
    [
        ("[9, 12]", "[1, 3]", ""),
        (
            "[9, 12]",
            "[1, 2]",
            r"search\.learner\.minibatches: --learner\.minibatches 2: 9 episodes",
        ),
        ("[9, 12]", "{low = 1, high = 3, step = 2}", ""),
        ("[8]", "{low = 2, high = 4, step = 1}", r"--learner\.minibatches 3: 8 episodes"),
        ("[8]", "[1, 2.5]", r"search\.learner\.minibatches: .*2\.5"),
    ],
)
def test_batches_and_minibatches_are_checked_together(tmp_path, batch, parts, told):
    text = f'[fixed]\nlearner = "ppo"\n[search]\nbatch = {batch}\n"learner.minibatches" = {parts}'
    if told:
        with pytest.raises(InvalidFile, match=told):
            plan(tmp_path, text)
    else:
        assert {"batch", "learner.minibatches"} == set(plan(tmp_path, text).search)


def test_what_is_fixed_of_a_part_holds_for_every_choice_of_it(tmp_path):
    text = """
        [fixed]
        "learner.entropy_weight" = 0.5
        "policy.width" = 8
        [search]
        learner = ["a2c", "ppo"]
        policy = ["gru", "memoryless"]
    """
    made = plan(tmp_path, text)
    for learner, policy in product(("a2c", "ppo"), ("gru", "memoryless")):
        options = {"learner": learner, "policy": policy}
        recipe = made.recipe_of(options)
        assert (recipe.learner.name, recipe.policy.name) == (learner, policy)
        assert (recipe.learner.entropy_weight, recipe.policy.width) == (0.5, 8)
        words = command(made, Row(number=0, options=options, value=1.0, state="complete"))
        assert "--learner.entropy-weight 0.5" in words
    lost = text.replace('"learner.entropy_weight" = 0.5', 'learner = "ppo"\n"learner.clip" = 0.1')
    with pytest.raises(InvalidFile, match=r"search\.learner: it is fixed, too"):
        plan(tmp_path, lost)
    other = text.replace('"learner.entropy_weight" = 0.5', '"learner.decay" = 0.5')
    with pytest.raises(InvalidFile, match=r"line 3: fixed\.learner\.decay: not every choice"):
        plan(tmp_path, other.replace('"ppo"', '"grpo"'))


@pytest.mark.parametrize(
    ("fixed", "searched", "told"),
    [
        (
            "search = 0",
            'replay = [0, 64]\nlearner = ["ppo", "none"]',
            r"line 4: search\.replay: --learner none needs --replay of at least 1",
        ),
        (
            'batch = 8\n"learner.minibatches" = 3',
            'learner = ["ppo"]',
            r"line 3: fixed\.learner\.minibatches: .* 3: 8 episodes",
        ),
    ],
)
def test_choices_that_do_not_go_together_are_a_line(tmp_path, fixed, searched, told):
    with pytest.raises(InvalidFile, match=told):
        plan(tmp_path, f"[fixed]\n{fixed}\n[search]\n{searched}")
