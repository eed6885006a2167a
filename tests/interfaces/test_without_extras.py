"""Nothing that is optional is needed: without it the commands work, and say what to install."""

import subprocess
import sys

import pytest

OPTIONAL = (
    "gymnasium",
    "stable_baselines3",
    "transformers",
    "trl",
    "datasets",
    "accelerate",
    "onnx",
    "onnxruntime",
    "onnxscript",
    "huggingface_hub",
    "tensorboard",
    "trackio",
    "wandb",
    "optuna",
    "reasoning_gym",
)
REFUSE = f"""
import sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {OPTIONAL!r}:
            raise ModuleNotFoundError(f"No module named '{{name}}'", name=name)

sys.meta_path.insert(0, Refuse())
"""
MAIN = """
import inwit
from inwit.interfaces.cli import main
for line in sys.stdin.read().splitlines():
    try:
        main(line.split())
    except SystemExit as stop:
        print("exit", stop.code, file=sys.stderr)
assert not {name.partition(".")[0] for name in sys.modules} & set(%r)
"""


def run(*commands, cwd=None):
    """What is printed by commands, one after another, in a process without optional packages."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", REFUSE + MAIN % (OPTIONAL,)],
        input="\n".join(commands),
        capture_output=True,
        text=True,
        cwd=cwd,
    )


def test_everything_that_needs_none_works():
    told = run("--help", "solve 2+3", "export --help", "train --help")
    assert told.stderr == "exit 0\n" * 3
    assert "usage: inwit [-h]" in told.stdout
    assert "2+3 = 5" in told.stdout


def test_what_is_missing_is_told_before_anything_is_done(tmp_path):
    wanted = {
        "train stages --updates 1 --track tensorboard": ("tensorboard", "tensorboard"),
        "train stages --updates 1 --track trackio": ("trackio", "trackio"),
        "train stages --updates 1 --track wandb": ("wandb", "wandb"),
        "train reasoning-gym:chain_sum": ("reasoning_gym", "reasoning-gym"),
        "audit reasoning-gym:chain_sum": ("reasoning_gym", "reasoning-gym"),
        "export --onnx onnx": ("onnx", "onnx"),
        "export --hub hub": ("huggingface_hub", "hub"),
        "export stages --datasets data": ("datasets", "datasets"),
    }
    told = run(*wanted, cwd=tmp_path)
    lines = [
        f"inwit: {module} is not installed: pip install 'inwit[{extra}]'\nexit 2"
        for module, extra in wanted.values()
    ]
    assert told.stderr == "\n".join(lines) + "\n"
    assert told.stdout == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("module", ["torch.utils.tensorboard", "inwit.nothing"])
def test_the_finder_refuses_and_nothing_else(module):
    code = REFUSE + f"import {module}"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert told.returncode == 1
    assert "No module named" in told.stderr
