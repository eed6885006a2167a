"""Nothing that is optional is needed: without it the commands work, and say what to install."""

import os
import subprocess
import sys

import pytest

from tests.conftest import without_waiting

pytestmark = pytest.mark.slow  # where the fast tests run nothing optional is installed, either
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
    "pandas",
    "matplotlib",
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
import sys
import inwit
from inwit.cli.main import main
for line in sys.stdin.read().splitlines():
    print("$", line, flush=True)
    print("$", line, file=sys.stderr, flush=True)
    try:
        exec(line) if line.startswith("import") else main(line.split())
    except SystemExit as stop:
        print("exit", stop.code, file=sys.stderr)
    except ImportError as error:
        print(error, file=sys.stderr)
assert not {name.partition(".")[0] for name in sys.modules} & set(%r)
"""
WORKS = ("--help", "solve 2+3", "export --help", "train --help")
MISSING = {
    "train stages --updates 1 --track tensorboard": ("tensorboard", "tensorboard"),
    "train stages --updates 1 --track trackio": ("trackio", "trackio"),
    "train stages --updates 1 --track wandb": ("wandb", "wandb"),
    "train reasoning-gym:chain_sum": ("reasoning_gym", "reasoning-gym"),
    "audit reasoning-gym:chain_sum": ("reasoning_gym", "reasoning-gym"),
    "export --onnx onnx": ("onnx", "onnx"),
    "export --hub hub": ("huggingface_hub", "hub"),
    "export stages --datasets data": ("datasets", "datasets"),
}
IMPORTS = {
    "import torch.utils.tensorboard": "No module named 'tensorboard'",
    "import inwit.nothing": "No module named 'inwit.nothing'",
}


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """The output of each command, from one process without optional packages."""
    folder, hooks = tmp_path_factory.mktemp("empty"), tmp_path_factory.mktemp("hooks")
    (hooks / "sitecustomize.py").write_text(REFUSE)  # for the processes of an audit, too
    paths = os.pathsep.join([str(hooks), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", MAIN % (OPTIONAL,)],
        env={**os.environ, "PYTHONPATH": paths},
        input="\n".join((*WORKS, *MISSING, *IMPORTS)),
        capture_output=True,
        text=True,
        cwd=folder,
    )
    assert done.returncode == 0, done.stderr
    assert list(folder.iterdir()) == []
    return by_command(done.stdout), by_command(without_waiting(done.stderr))


def by_command(text):
    parts = (part.partition("\n") for part in text.split("$ ")[1:])
    return {command: printed for command, _, printed in parts}


def test_everything_that_needs_none_works(told):
    out, error = told
    assert [error[command] for command in WORKS] == ["exit 0\n", "", "exit 0\n", "exit 0\n"]
    assert "usage: inwit [-h]" in out["--help"]
    assert "2+3 = 5" in out["solve 2+3"]


@pytest.mark.parametrize("command", MISSING)
def test_what_is_missing_is_told_before_anything_is_done(told, command):
    out, error = told
    module, extra = MISSING[command]
    line = f"inwit: {module} is not installed: pip install 'inwit[{extra}]'\nexit 2\n"
    assert (out[command], error[command]) == ("", line)


@pytest.mark.parametrize("command", IMPORTS)
def test_the_finder_refuses_and_nothing_else(told, command):
    assert told[1][command] == IMPORTS[command] + "\n"
