"""The graphs press the same keys as PyTorch, with the same scores, on a thousand problems."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from inwit.agent import Agent, load
from inwit.cli.agents import SHIPPED
from inwit.errors import DamagedRun, InvalidOption
from inwit.training.rollout import rollout
from inwit.training.run_folder import RunFolder
from inwit.trajectory import Prompt
from tests.recipes import ARCHITECTURES, recipe_of
from tests.tiers import few_fast

pytest.importorskip("onnx")
pytest.importorskip("onnxscript")
pytest.importorskip("onnxruntime")

from inwit.exports.onnx import Exported, _free, export_onnx

pytestmark = pytest.mark.filterwarnings("ignore")
COUNT, NEAR = 1000, 1e-5
QUICK = [("stages", "transformer")]
ALL = [
    ("stages", "gru"),
    ("stages", "memoryless"),
    ("stages", "aggregated"),
    ("stages", "feedforward"),
    ("expressions", "transformer"),
    ("expressions-prompt", "gru-recurrent"),
    ("expressions-prompt", "gru-attentive"),
    ("expressions-prompt", "pointer"),
    ("expressions-prompt", "pointer-attentive"),
    ("expressions-prompt", "transformer"),
    ("word-problems", "pointer-text"),
]


def fresh(task, policy, seed=1):
    """An agent that knows nothing, and is as sure of it as can be: its scores are far apart."""
    recipe = recipe_of(task, policy, width=16, seed=seed)
    environment = recipe.environment()
    return Agent(recipe, recipe.network(environment), environment)


EXPORT = """
import sys
from pathlib import Path
from inwit.agent import load
from inwit.exports.onnx import export_onnx
for run, task in zip(sys.argv[1::2], sys.argv[2::2]):
    agent = load(run, **{"task": task} if task.endswith(".py") else {})
    export_onnx(agent, Path(run) / "onnx")
"""


def exported(folder, *pairs):
    """Fresh agents and the folders of their graphs.

    Another process writes them: here shapes are checked, and while a network is followed some of
    its sizes are not numbers.
    """
    agents = {}
    for task, policy in pairs:
        agent, path = fresh(task, policy), folder / f"{Path(task).stem}-{policy}"
        RunFolder.create(agent.recipe.but(out=path)).save(agent.policy)
        agents[path / "onnx"] = agent
    runs = [str(path.parent) for path in agents]
    given = [each for run, (task, _) in zip(runs, pairs, strict=True) for each in (run, task)]
    subprocess.run([sys.executable, "-c", EXPORT, *given], check=True)
    return agents


def same(agent, folder, count=COUNT):
    """The keys of greedy episodes are the same, and so are scores and values all along."""
    exported, environment = Exported(folder), agent.environment
    task, generator = environment.task, torch.Generator().manual_seed(5)
    levels = torch.tensor(list(task.levels))[torch.arange(count) % len(task.levels)]
    problems = task.sample(levels, generator, held_out=True)
    with torch.no_grad():
        ours, _ = rollout(agent.policy, environment, problems)
        theirs, _ = rollout(exported, environment, problems)
        assert torch.equal(ours.key, theirs.key)
        scores, values = agent.policy.unroll(ours.prompt, ours.observation, ours.starts)
        again, judged = exported.unroll(ours.prompt, ours.observation, ours.starts)
    assert torch.equal(ours.right, theirs.right)
    assert float((scores - again).abs().max()) < NEAR
    assert float((values - judged).abs().max()) < NEAR
    assert float(scores.std()) > 0.01
    return ours


def test_the_shipped_agent_is_the_same(tmp_path):
    folder = tmp_path / "onnx"
    command = "from inwit.cli.main import main; main()"
    told = [sys.executable, "-c", command, "export", "--onnx", str(folder)]
    subprocess.run(told, check=True)
    agent = load(SHIPPED)
    assert bool(same(agent, folder).right.all())
    told = json.loads((folder / "agent.json").read_text())
    assert told["keys"] == list(agent.environment.task.rules.vocabulary.names)
    assert told["stream"]
    for count in (1, 2, 5):
        same(agent, folder, count)
    with pytest.raises(InvalidOption, match="not empty"):
        export_onnx(agent, folder)
    with pytest.raises(AssertionError):  # the comparison can fail
        same(fresh("expressions", "gru"), folder)
    (folder / "step.onnx").write_bytes(b"nothing")
    with pytest.raises(DamagedRun, match=r"step\.onnx is damaged"):
        Exported(folder)
    (folder / "step.onnx").unlink()
    with pytest.raises(DamagedRun, match=r"step\.onnx"):
        Exported(folder)


@pytest.mark.slow
def test_other_kinds_of_networks_are_the_same(tmp_path):
    for folder, agent in exported(tmp_path, *QUICK).items():
        same(agent, folder)
        same(agent, folder, 1)


@pytest.mark.learning
@pytest.mark.parametrize(("task", "policy"), ALL)
def test_every_network_is_the_same(task, policy, tmp_path):
    for folder, agent in exported(tmp_path, (task, policy)).items():
        same(agent, folder)
        same(agent, folder, 1)


SEES = """
import inwit
from inwit.tools import ADD, SUB

@inwit.task(tools=[ADD, SUB], sees=["operands", "display", "aside"], presses=8, memory=1, once=True)
def distance(draw):
    one, other = draw.randrange(20), draw.randrange(20)
    return inwit.Problem(prompt="from {0} to {1}", operands=(one, other), answer=abs(one - other))
"""


@pytest.mark.parametrize("policy", few_fast(["gru-recurrent", "transformer"], 0))
def test_numbers_that_are_seen_are_inputs(policy, tmp_path):
    path = tmp_path / "distance.py"
    path.write_text(SEES)
    for folder, agent in exported(tmp_path, (str(path), policy)).items():
        same(agent, folder, 200)
        described = json.loads((folder / "agent.json").read_text())
        assert (described["prompt_values"], described["press_values"]) == (24, 48)
        assert "values" in {each.name for each in Exported(folder).sessions[1].get_inputs()}


def test_only_what_has_a_place_for_each_symbol_grows_with_the_prompt():
    symbols, seen = torch.zeros(7, 5, dtype=torch.long), torch.zeros(7, 5)
    prompt = Prompt(symbols=symbols, level=symbols[:, 0], values=torch.zeros(7, 5, 3))
    given = (prompt.symbols, prompt.level, prompt.values, seen)  # as many keys as symbols
    assert [sorted(axes) for axes in _free(given, prompt)] == [[0, 1], [0], [0, 1], [0]]


@pytest.mark.slow
def test_countdown_is_the_same(tmp_path):
    for folder, agent in exported(tmp_path, ("countdown", "feedforward")).items():
        same(agent, folder, 200)


def test_every_policy_is_tried():
    assert set(ARCHITECTURES) - {"ensemble"} == {policy for _, policy in [*QUICK, *ALL]}


def test_an_ensemble_is_refused(tmp_path):
    with pytest.raises(InvalidOption, match="every other policy can"):
        export_onnx(fresh("word-problems", "ensemble"), tmp_path / "onnx")
    assert list(tmp_path.iterdir()) == []
