"""Policies and learners of one's own in an environment: its module registers them."""

import sys

import pytest

pytest.importorskip("gymnasium")

import gymnasium

import inwit
from inwit.cli.main import main
from inwit.errors import InvalidFile, InvalidOption, MissingPart
from inwit.games.recipe import any_recipe_for, read_game_recipe
from inwit.learners import Learner
from inwit.policies import Architecture
from inwit.runs.sweeps import read_plan
from tests.recipes import TWIN
from tests.resuming import cut_off

MODULE = f"""
from dataclasses import dataclass

import gymnasium
import inwit
from inwit.learners import A2C
from inwit.policies import Memoryless

gymnasium.register("Own-v0", "gymnasium.envs.classic_control:CartPoleEnv", max_episode_steps=9)
{TWIN}
@inwit.register
@dataclass(frozen=True, kw_only=True)
class Near(A2C):
    discount: float = 0.5
    name = "near"
"""
OWN = ["gymnasium:own_parts:Own-v0", "--policy", "twin", "--learner", "near"]
SMALL = ["--updates", "2", "--batch", "2", "--window", "10", "--policy.width", "8"]


@pytest.fixture
def forget(tmp_path, monkeypatch):
    """A module in the working folder; the call forgets it, as another process does not know it."""
    (tmp_path / "own_parts.py").write_text(MODULE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    for kind in (Architecture, Learner):
        monkeypatch.setattr(kind, "registered", dict(kind.registered))

    def forget():
        sys.modules.pop("own_parts", None)
        gymnasium.registry.pop("Own-v0", None)
        Architecture.registered.pop("twin", None)
        Learner.registered.pop("near", None)

    yield forget
    forget()


@pytest.mark.slow
def test_its_module_registers_them_for_the_command_line(forget, tmp_path, capsys):
    main(["train", *OWN, *SMALL, "--out", "run"])
    forget()
    main(["evaluate", "run", "--count", "3"])
    forget()
    recipe = any_recipe_for(OWN[0]).but(policy="twin", learner="near", out=tmp_path / "cut")
    cut_off(recipe.but(updates=3, batch=2, window=10), kept=1, at=1)
    forget()
    main(["resume", "cut"])
    forget()
    player = inwit.load("cut")
    assert (player.recipe.policy.name, player.recipe.learner.name) == ("twin", "near")
    assert player.updates == 3


def test_without_them_it_is_said_where_to_register_them(forget, tmp_path):
    plain = any_recipe_for(OWN[0]).but(policy="twin").dump()
    forget()
    (tmp_path / "own_parts.py").write_text(MODULE.partition("@inwit")[0])
    with pytest.raises(MissingPart, match="register it in own_parts, the module of gymnasium:own"):
        read_game_recipe(plain)
    plain["environment"] |= {"id": "CartPole-v1"}
    with pytest.raises(MissingPart, match="or train in gymnasium:MODULE:CartPole-v1, whose"):
        read_game_recipe(plain)


def test_the_prefix_may_be_left_out_before_a_module(forget):
    recipe = any_recipe_for("own_parts:Own-v0").but(policy="twin")
    assert recipe == any_recipe_for("gymnasium:own_parts:Own-v0").but(policy="twin")
    assert recipe.label == "gymnasium:own_parts:Own-v0"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("gymnasium:own_parts.py:my/Own-v0", "not accepted; .*, gymnasium:own_parts:my/Own-v0$"),
        ("gymnasium:./sub/own.py:Own-v0", "a file is not accepted; .*, gymnasium:sub.own:Own-v0$"),
        ("own_part:Own-v0", "unknown task or environment 'own_part:Own-v0'.*gymnasium:MODULE:ID"),
        ("own_parts:Own-v1", "unknown environment 'Own-v1': .*did you mean 'Own-v0'"),
    ],
)
@pytest.mark.usefixtures("forget")
def test_what_is_no_module_and_name_is_told(given, told):
    with pytest.raises(InvalidOption, match=told):
        inwit.train(given, updates=1)


def test_a_module_that_ends_the_program_is_told(forget, tmp_path):
    (tmp_path / "own_parts.py").write_text("raise SystemExit(3)")
    with pytest.raises(InvalidOption, match="own_parts cannot be imported: SystemExit: 3 "):
        any_recipe_for(OWN[0])


@pytest.mark.usefixtures("forget")
def test_arguments_that_are_searched_are_tried_before_the_sweep(tmp_path):
    path, right = tmp_path / "sweep.toml", '{"sutton_barto_reward": true}'
    for choices, told in (
        (["{bad", right], "line 3: search.arguments: .*give JSON such as"),
        (['{"size": 4}', right], "line 3: search.arguments: .*cannot be made: .*'size'"),
        (["{}", right], ""),
    ):
        path.write_text(f"task = 'own_parts:Own-v0'\n[search]\narguments = {choices}\n")
        if told:
            with pytest.raises(InvalidFile, match=told):
                read_plan(path)
        else:
            assert read_plan(path).search["arguments"].values == tuple(choices)
