"""Environments as a user names them: what is found, shown and told."""

import numpy as np
import pytest

pytest.importorskip("gymnasium")

import gymnasium
from gymnasium.spaces import Box, Discrete

import inwit
from inwit.cli.main import main
from inwit.errors import InvalidOption, UnknownName
from inwit.games.registered import Registered
from inwit.runs.sweeps import read_plan

SMALL = {"updates": 1, "batch": 2, "window": 8, "policy.width": 8}


class Sized(gymnasium.Env):
    """Shows the number of the step, from `first` on."""

    action_space = Discrete(2)

    def __init__(self, size=4, first=-2):
        self.observation_space = Discrete(size + 1, start=first)
        self.size, self.first, self.place = size, first, 0

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.place = 0
        return self.first, {}

    def step(self, action):
        self.place += 1
        return self.first + self.place, 1.0, self.place == self.size, False, {}


class Turned(Sized):
    """Shows an array with its axes exchanged."""

    def __init__(self):
        super().__init__()
        self.observation_space = Box(-1, 1, (2, 3))

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return np.zeros((3, 2), np.float32), {}


@pytest.fixture(autouse=True)
def registered():
    gymnasium.register("Sized-v0", Sized)
    gymnasium.register("Turned-v0", Turned)
    gymnasium.register("Many-v0", vector_entry_point=lambda **options: None)
    yield
    for name in ("Sized-v0", "Turned-v0", "Many-v0"):
        del gymnasium.registry[name]


def test_categories_are_shown_as_the_environment_gives_them(tmp_path):
    player = inwit.train("gymnasium:Sized-v0", out=tmp_path / "run", **SMALL)
    acts = player.trace(1)[0].acts
    assert [act.fields for act in acts] == [(-2,), (-1,), (0,), (1,)]


def test_arguments_have_one_spelling():
    one, other = ({"size": 4, "first": 0}, '{"first": 0, "size": 4}')
    assert Registered(id="Sized-v0", arguments=one) == Registered(id="Sized-v0", arguments=other)


def test_an_array_with_other_axes_is_refused():
    with pytest.raises(InvalidOption, match=r"an array of shape \(3, 2\) in place of \(2, 3\)"):
        inwit.train("gymnasium:Turned-v0", **SMALL)


def test_a_vector_environment_alone_says_how_it_is_trained():
    with pytest.raises(InvalidOption, match=r"inwit\.train\(gymnasium\.make_vec\('Many-v0'"):
        inwit.train("gymnasium:Many-v0", **SMALL)


def test_what_a_script_registers_says_where_it_is_known():
    with pytest.raises(UnknownName, match="registers it, give gymnasium:MODULE:Mine-v0"):
        inwit.train("gymnasium:Mine-v0", **SMALL)
    with pytest.raises(InvalidOption, match="no_such cannot be imported: there is no module"):
        inwit.train("gymnasium:no_such:Mine-v0", **SMALL)


@pytest.mark.parametrize("given", ["arguments = {size = 3}", "[fixed.arguments]\nsize = 3"])
def test_a_sweep_takes_arguments_as_a_table(tmp_path, given):
    fixed = given if given.startswith("[") else f"[fixed]\n{given}"
    path = tmp_path / "sweep.toml"
    path.write_text(f'task = "gymnasium:Sized-v0"\n{fixed}\n[search]\nbatch = [2, 4]')
    assert read_plan(path).recipe.environment.arguments == '{"size": 3}'


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["solve"], "was trained in an environment: inwit trace"),
        (["evaluate", "--lengths", "3"], "--lengths is for tasks"),
    ],
)
def test_commands_for_tasks_say_so_first(tmp_path, capsys, words, told):
    inwit.train("gymnasium:Sized-v0", out=tmp_path / "run", **SMALL)
    command, *options = words
    with pytest.raises(SystemExit, match="2"):
        main([command, str(tmp_path / "run"), *options])
    assert told in capsys.readouterr().err


def test_episodes_are_stopped_on_the_command_line(tmp_path, capsys):
    inwit.train("gymnasium:Sized-v0", out=tmp_path / "run", **SMALL)
    main(["evaluate", str(tmp_path / "run"), "--count", "5", "--longest", "3"])
    assert "5 of 5 episodes were stopped after 3 actions" in " ".join(
        capsys.readouterr().out.split()
    )


def test_an_audit_takes_the_limit_that_gymnasium_takes(capsys):
    main(["audit", "gymnasium:CartPole-v1", "--items", "4", "--set", "max_episode_steps=3"])
    assert "gymnasium:CartPole-v1" in capsys.readouterr().out
