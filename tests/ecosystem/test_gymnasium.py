"""Every task as a Gymnasium environment: its checkers, what is seen, what is told of mistakes."""

import gc
import importlib
import random
import subprocess
import sys
import weakref
from enum import IntEnum
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

pytest.importorskip("gymnasium")

import gymnasium
import torch
from gymnasium.utils.env_checker import check_env

import inwit
from inwit.errors import InvalidOption
from inwit.gymnasium import IDENTIFIERS, TaskEnv, TaskVectorEnv
from inwit.tasks import Stages
from inwit.tools import ADD
from tests.reference import Calculator

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*No render fps was declared:UserWarning"),
    pytest.mark.filterwarnings("ignore:.*should be wrapped into the format:UserWarning"),
    # Numbers that are seen have no bounds (`docs/observations.md`).
    pytest.mark.filterwarnings("ignore:.*Box observation space m.*imum value is:UserWarning"),
]
EXAMPLES = Path(__file__).parent.parent.parent / "examples"
OPTIONS = {"task": {"task": str(EXAMPLES / "10_decide_by_result.py")}}


@pytest.fixture(params=IDENTIFIERS)
def env(request):
    options = OPTIONS.get(request.param, {})
    return gymnasium.make(IDENTIFIERS[request.param], **options)


def test_gymnasium_finds_no_fault(env):
    check_env(env.unwrapped)


def test_stable_baselines_finds_no_fault(env):
    pytest.importorskip("stable_baselines3")
    from stable_baselines3.common.env_checker import check_env as check

    check(env.unwrapped)


@pytest.mark.parametrize("name", ["stages", "expressions", "expressions-prompt", "word-problems"])
@pytest.mark.parametrize("held_out", [False, True])
def test_the_oracle_earns_one(name, held_out):
    """The problem is read off what is shown; the keys are those of the task's own oracle."""
    env = TaskEnv(name, held_out=held_out, render_mode="ansi", history=True)
    env.reset(seed=0)
    for _ in range(20):
        text = env.render().removesuffix(": ")
        program = env.task.parse(text).oracle[0].tolist()
        keys = program[: program.index(env.task.rules.vocabulary["ANS"]) + 1]
        earned = [env.step(key) for key in keys]
        assert [step[1] for step in earned] == [0.0] * (len(keys) - 1) + [1.0]
        assert [step[2] for step in earned] == [False] * (len(keys) - 1) + [True]
        assert not any(step[3] for step in earned)
        assert earned[-1][4]["is_success"]
        assert env.render() == f"{text}: {env.task.rules.vocabulary.decode(keys)}"
        env.reset()


def test_a_seed_draws_the_problems_that_the_task_draws():
    env = TaskEnv("stages", levels=[2])
    generator, task = torch.Generator().manual_seed(5), Stages(once=True)
    torch.randint(1, (32,), generator=generator)  # the levels of a block
    problems = task.sample(torch.full((32,), 2), generator)
    vector, _ = env.reset(seed=5)
    for row in range(32):
        places = vector[env.parts["prompt"]].reshape(5, 10)
        assert places.argmax(1).tolist() == problems.symbols[row].tolist()
        assert places.sum(1).tolist() == [1] * 5
        assert vector[env.parts["level"]].tolist() == [0, 0, 1]
        vector, _ = env.reset()


@pytest.mark.parametrize(("held_out", "remainders"), [(False, {1, 2, 3, 4}), (True, {0})])
def test_held_out_problems_are_apart(held_out, remainders):
    env, found = TaskEnv("stages", held_out=held_out), set()
    env.reset(seed=1)
    for _ in range(40):
        vector, info = env.reset()
        digits = vector[env.parts["prompt"]].reshape(5, 10) @ np.arange(10)
        found.add(int(digits.sum()) % 5)
        assert info["level"] == vector[env.parts["level"]].argmax()
    assert found == remainders


def test_what_is_seen_is_what_a_plain_calculator_says():
    """Random play, key by key, beside the reference machine, from the vector alone."""
    env, random = TaskEnv("stages", history=True, once=True), np.random.default_rng(0)
    names = env.task.rules.vocabulary.names
    vector, _ = env.reset(seed=0)
    for _ in range(30):
        digits = vector[env.parts["prompt"]].reshape(5, 10)
        operands = digits.argmax(1)[digits.sum(1) > 0].tolist()
        machine, pressed, over = (
            Calculator(["MUL", "ADD", "SUB"], operands, depth=4, once=True), [], False,
        )  # fmt: skip
        while not over:
            legal = vector[env.parts["legal"]]
            assert {names[key] for key in np.flatnonzero(legal)} == machine.legal()
            assert np.array_equal(env.action_masks(), legal)
            assert names[vector[env.parts["previous"]].argmax()] == (pressed or ["CTX"])[-1]
            history = vector[env.parts["history"]].reshape(-1, len(names))
            assert [names[key] for key in history[: len(pressed)].argmax(1)] == pressed
            assert history.sum() == len(pressed)
            key = random.choice(np.flatnonzero(legal))
            machine.press(names[key])
            pressed.append(names[key])
            vector, reward, terminated, truncated, info = env.step(key)
            over = terminated or truncated
        assert machine.answered == (pressed[-1] == "ANS")
        form = ("{}*{}+{}", "{}*{}+{}-{}", "{}*{}+{}-{}*{}")[len(operands) - 3]
        right = machine.answered and machine.accumulator == eval(form.format(*operands))
        assert reward == right
        assert info["is_success"] == right
        vector, _ = env.reset()


def test_without_masks_every_key_counts_as_legal():
    env = TaskEnv("stages", masks=False)
    _, info = env.reset(seed=0)
    names = env.task.rules.vocabulary.names
    assert {names[key] for key in np.flatnonzero(info["action_mask"] == 0)} == {"CTX", "EOS"}
    vector, reward, terminated, truncated, _ = env.step(names.index("ANS"))
    assert (reward, terminated, truncated) == (0.0, False, False)
    assert vector[env.parts["previous"]].argmax() == names.index("ANS")


def test_presses_that_run_out_truncate():
    env = TaskEnv("stages", once=False, levels=[0])
    env.reset(seed=0)
    steps = [env.step(0) for _ in range(16)]  # the limit of the longest stage, for all levels
    assert [step[3] for step in steps] == [False] * 15 + [True]
    assert not any(step[2] for step in steps)


def test_longer_problems_look_the_same():
    short, long = TaskEnv("expressions"), TaskEnv("expressions", levels=[200], held_out=True)
    assert short.observation_space == long.observation_space
    _, info = long.reset(seed=0)
    assert info["level"] == 200


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"task": "stagse"}, "unknown task 'stagse'.*did you mean 'stages'"),
        ({"task": "stages", "levels": [3]}, "level 3: 'stages' has the levels 0 to 2"),
        ({"task": "stages", "levels": []}, "it must hold at least one"),
        *(
            ({"task": task, "levels": levels}, told)
            for task in ("stages", "expressions")
            for levels, told in [
                (1, r"levels 1: it must be a list of whole numbers, such as \["),
                (1.0, r"levels 1.0: it must be a list of whole numbers"),
                ("1", r"levels '1': it must be a list of whole numbers"),
                (b"1", r"levels b'1': it must be a list of whole numbers"),
                (["1"], r"levels \['1'\]: it must be a list.*: level '1' is not a whole number"),
                ([1.0], r"levels \[1.0\]: it must be a list.*: level 1.0 is not a whole number"),
                ([True], "level True is not a whole number"),
                ([None], "level None is not a whole number"),
                ([[1]], r"level \[1\] is not a whole number"),
                (np.array(1), "it must be a list of whole numbers"),
                (np.array([1.0]), "is not a whole number"),
                ([-1], "level -1|-1 operations"),
            ]
        ),
        ({"task": "expressions", "operators": "+^"}, "unknown operator"),
        ({"task": "expressions", "longest": 4}, "unknown option of task expressions 'longest'"),
        ({"task": Stages(once=True), "largest": 4}, "unknown option of task stages 'largest'"),
        ({"task": "nowhere.py"}, "nowhere.py cannot be read"),
    ],
)
def test_what_does_not_exist_is_told(given, told):
    with pytest.raises(InvalidOption, match=told):
        TaskEnv(**given)


@pytest.mark.parametrize("levels", [(1, 2), [2, 1], range(1, 3), {1, 2}, np.array([1, 2])])
def test_levels_may_be_named_in_any_list(levels):
    for task in ("stages", "expressions"):
        env = TaskEnv(task, levels=levels)
        assert {env.reset(seed=seed)[1]["level"] for seed in range(20)} == {1, 2}


def test_a_step_needs_a_key_and_an_episode():
    env = TaskEnv("stages")
    with pytest.raises(InvalidOption, match="no episode is running"):
        env.step(0)
    env.reset(seed=0)
    for action in (18, -1, np.int64(99), True, np.True_, 0.0, "0", None, np.array([0])):
        with pytest.raises(
            InvalidOption, match=r"action is .*: it must be a whole number from 0 to 17"
        ):
            env.step(action)


class Place(IntEnum):
    FIRST = 1
    THIRD = 3


@pytest.mark.parametrize("kind", [int, np.int64, np.uint8, np.array, torch.tensor, Place])
def test_actions_and_seeds_are_whole_numbers_of_any_type(kind):
    env, same = TaskEnv("stages"), TaskEnv("stages")
    vectors, alike = TaskVectorEnv("stages", 2), TaskVectorEnv("stages", 2)
    assert (env.reset(seed=kind(3))[0] == same.reset(seed=3)[0]).all()
    assert (vectors.reset(seed=kind(3))[0] == alike.reset(seed=3)[0]).all()
    assert (vectors.reset(seed=[kind(3), None])[0][0] == alike.reset(seed=[3, None])[0][0]).all()
    assert (env.step(kind(1))[0] == same.step(1)[0]).all()


@pytest.mark.parametrize("seed", [True, 1.5, -1, "1", np.float64(2), np.array([0.5])])
def test_a_seed_that_is_no_whole_number_is_told(seed):
    with pytest.raises(InvalidOption, match=r"seed is .*: it must be a whole number from 0"):
        TaskEnv("stages").reset(seed=seed)
    with pytest.raises(InvalidOption, match=r"seed is .*: it must be a whole number from 0"):
        TaskVectorEnv("stages", 2).reset(seed=[seed, 0])


class Held:
    """An object that tells when it goes."""

    living: ClassVar = weakref.WeakSet()


def test_a_task_goes_with_its_environments():
    for _ in range(3):

        @inwit.task(tools=[ADD], presses=8, memory=0, once=False)
        def held(draw: random.Random) -> inwit.Problem:
            value = Held()
            Held.living.add(value)
            operands = (draw.randrange(999), value)
            return inwit.Problem(prompt="take {0}", operands=operands, answer=operands[0])

        TaskEnv(held).reset(seed=0)
        TaskVectorEnv(held, 2).reset(seed=0)
        assert Held.living
        del held
    gc.collect()
    assert not Held.living


def test_it_says_so_if_gymnasium_is_not_installed(monkeypatch):
    name = "inwit.gymnasium"
    monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "gymnasium", None)
    with pytest.raises(InvalidOption, match=r"pip install 'inwit\[gymnasium\]'"):
        importlib.import_module(name)


def test_nothing_else_needs_it():
    """The library and the command line without any of the packages of this interface."""
    code = (
        "import sys\n"
        "sys.modules.update(gymnasium=None, stable_baselines3=None, torchrl=None)\n"
        "import inwit, inwit.cli.main\n"
        "inwit.cli.main.main(['--help'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "train" in done.stdout
    assert "Traceback" not in done.stderr
