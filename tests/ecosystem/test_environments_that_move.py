"""Some environments change the working folder, to find their files: outputs stay where they are."""

import os
from pathlib import Path

import pytest

pytest.importorskip("gymnasium")

import gymnasium

import inwit
from inwit.cli.main import main
from inwit.errors import Interrupted
from tests.ecosystem.test_strange_environments import SMALL, Sound


class Moves(Sound):
    """Goes to the folder of its files; later it must still be there."""

    def __init__(self, at, assets):
        self.at, self.assets = at, Path(assets)
        self.go("init")

    def go(self, at):
        if at == self.at:
            os.chdir(self.assets)

    def reset(self, *, seed=None, options=None):
        self.go("reset")
        return super().reset(seed=seed)

    def step(self, action):
        self.go("step")
        assert Path.cwd() == self.assets or self.at == "step"
        return super().step(action)


@pytest.fixture
def name(tmp_path, monkeypatch):
    gymnasium.register("Moves-v0", Moves)
    for each in ("assets", "here"):
        (tmp_path / each).mkdir()
    monkeypatch.chdir(tmp_path / "here")
    yield "gymnasium:Moves-v0"
    gymnasium.registry.pop("Moves-v0")


@pytest.mark.parametrize("at", ["init", "reset", "step"])
def test_outputs_are_where_they_were_named(name, at, tmp_path):
    def stop(report):
        raise Interrupted(2)

    options = SMALL | {"arguments": {"at": at, "assets": str(tmp_path / "assets")}}
    with pytest.raises(Interrupted, match="continue with: inwit resume"):
        inwit.train(name, out="run", report=stop, **options)
    assert Path.cwd() == tmp_path / "here"
    resumed = inwit.resume("run").policy.state_dict()
    whole = inwit.train(name, **options)
    assert all(resumed[key].equal(part) for key, part in whole.policy.state_dict().items())
    for command in (["evaluate", "run"], ["certify", "run", "--longest", "5"]):
        main([*command, "--count", "2", "--json", f"{command[0]}.json"])
    main(["trace", "run", "--count", "1"])
    assert not [*(tmp_path / "assets").iterdir()]
    made = {each.name for each in (tmp_path / "here").iterdir()}
    assert made == {"run", "runs", "evaluate.json", "certify.json"}
    assert len([*(tmp_path / "here" / "runs").iterdir()]) == 1
