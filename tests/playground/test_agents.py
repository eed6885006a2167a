"""The agent that comes along is the one that its recipe makes."""

import hashlib
import json
import tomllib
from pathlib import Path

import pytest
from safetensors.torch import load_file

from inwit.cli.agents import SHIPPED
from inwit.cli.main import main
from inwit.recipes import RECIPES
from inwit.training.run_folder import RunFolder

ROOT = Path(__file__).parents[2]


def digest(path):
    """Of the names, shapes and numbers of the weights."""
    content = hashlib.sha256()
    for name, tensor in sorted(load_file(path).items()):
        content.update(f"{name} {tuple(tensor.shape)}".encode() + tensor.numpy().tobytes())
    return content.hexdigest()


def test_its_hashes_are_those_of_its_recipe_and_weights():
    origin = json.loads((SHIPPED / "origin.json").read_text())
    recipe = json.loads((SHIPPED / "config.json").read_text())["recipe"]
    written = json.dumps(recipe, sort_keys=True, separators=(",", ":")).encode()
    assert origin["recipe_sha256"] == hashlib.sha256(written).hexdigest()
    assert origin["weights_sha256"] == digest(SHIPPED / "weights.safetensors")
    assert origin["command"] == "inwit train expressions --seed 0"
    assert RunFolder(SHIPPED).recipe().but(out=None) == RECIPES["expressions"]()


def test_it_is_small_and_comes_with_the_package():
    assert sum(path.stat().st_size for path in SHIPPED.rglob("*") if path.is_file()) < 1_000_000
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    (package,) = settings["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert "/".join(SHIPPED.parts).endswith(f"{package}/cli/agents/expressions")


@pytest.mark.parametrize("problem", ["3*7+2", "(1+2)*(3-4)", "12 / 4", "2\u00d73", "7"])
def test_solve_with_a_problem_alone_uses_it(capsys, tmp_path, monkeypatch, problem):
    monkeypatch.chdir(tmp_path)
    if "/" in problem:
        with pytest.raises(SystemExit) as stop:
            main(["solve", problem])
        assert stop.value.code == 2
        assert "no tool for '/'" in capsys.readouterr().err
        return
    main(["solve", problem])
    exact = eval(problem.replace("\u00d7", "*"))
    assert f"(exact: {exact}, right)" in capsys.readouterr().out
