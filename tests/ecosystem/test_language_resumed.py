"""A language model's training that was cut off, moved or damaged goes on as if it had not been."""

import json
import shutil
from types import SimpleNamespace

import pytest

from inwit import files
from inwit.cli.main import main
from inwit.llm import Toolbox
from inwit.tasks import Stages

pytest.importorskip("trl")

from inwit.cli.commands.teaching import _keep, _placed
from inwit.llm.recipe import ModelRecipe
from inwit.llm.training import TRAINED, WARM_UP, train_part
from inwit.llm.watching import Watch
from tests.ecosystem.test_endpoint import refused
from tests.ecosystem.test_language_training import recipe, same, weights
from tests.tiers import few_fast

pytestmark = [
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
]


@pytest.mark.parametrize("part", few_fast([WARM_UP, TRAINED], 1))
def test_a_run_that_was_cut_off_ends_as_if_it_had_not_been(part, tmp_path):
    """Killed after a checkpoint; a later, torn one is passed over."""
    whole, cut = (recipe(tmp_path / name, minutes=1e-9, steps=4) for name in ("whole", "cut"))
    toolbox = Toolbox("stages")

    def stop(line):
        if line.startswith(f"{part} 3/"):
            raise KeyboardInterrupt

    for each in (whole, cut):
        each.out.mkdir()
        if part == TRAINED:
            train_part(each, toolbox, WARM_UP, lambda line: None)
    train_part(whole, toolbox, part, lambda line: None)
    with pytest.raises(KeyboardInterrupt):
        train_part(cut, toolbox, part, stop)
    assert not (cut.out / part).exists()
    torn = cut.out / f"{part}.part" / "checkpoint-3"
    torn.mkdir()
    lines = []
    train_part(cut, toolbox, part, lines.append)
    steps = [line for line in lines if line.startswith(f"{part} ")]
    assert steps[0].startswith(f"{part} 3/")  # the two before it were in the checkpoint
    kept = map(json.loads, (cut.out / "metrics.jsonl").read_text().splitlines())
    done = [line["step"] for line in kept if line["part"] == part]
    assert done == [*range(1, len(steps) + 3)]
    assert same(weights(whole.out / part), weights(cut.out / part))


def test_patience_counts_the_steps_before_an_interruption(tmp_path):
    nothing = recipe(tmp_path, right=0, random=16, steps=30, patience=3, minutes=1e-9)
    train_part(nothing, Toolbox("stages"), WARM_UP, lambda line: None)

    def stop(line):
        if line.startswith(f"{TRAINED} 2/"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_part(nothing, Toolbox("stages"), TRAINED, stop)
    said = []
    train_part(nothing, Toolbox("stages"), TRAINED, said.append)
    assert [line.split(":")[0] for line in said[1:]] == [
        f"{TRAINED} 2/30",
        f"{TRAINED} 3/30",
        f"{TRAINED} stopped",
    ]


def test_a_run_that_was_moved_goes_on_where_it_is_now(tmp_path, capsys):
    before, after = tmp_path / "before", tmp_path / "after"
    short = ["--right", "16", "--batch", "16", "--steps", "0", "--count", "1", "--no-audit"]
    main(["train", "stages", "--agent", "llm:tiny", "--lora", "0", *short, "--out", str(before)])
    before.rename(after)
    shutil.rmtree(after / WARM_UP)
    main(["resume", str(after)])
    assert (after / WARM_UP / "config.json").exists()
    assert not before.exists()
    assert f"--agent llm:{after / WARM_UP}" in capsys.readouterr().out
    (after / "scores.json").write_text("{")
    told = refused(capsys, "resume", after)
    assert "scores.json cannot be read" in told


SMALL = ["--batch", "16", "--at-once", "16", "--levels", "0", "--count", "1", "--no-audit"]
TINY = ["--agent", "llm:tiny", "--lora", "0"]


def test_without_demonstrations_there_is_no_warm_up(tmp_path, capsys):
    out = tmp_path / "run"
    none = ["--right", "0", "--random", "0", "--steps", "1"]
    main(["train", "stages", *TINY, *SMALL, *none, "--out", str(out)])
    assert not (out / WARM_UP).exists()
    assert [*json.loads((out / "scores.json").read_text())] == [TRAINED]
    assert f"--agent llm:{out / TRAINED}" in capsys.readouterr().out
    told = refused(capsys, "evaluate", "--agent", f"llm:{out}", "--task", "stages")
    assert f"did you mean llm:{out / TRAINED}?" in told
    for command in ("evaluate", "trace", "certify"):
        told = refused(capsys, command, out)
        assert f"is the training of a language model: inwit evaluate --agent llm:{out}" in told


def test_a_run_that_is_alive_is_left_alone(tmp_path, capsys, monkeypatch):
    out, again = tmp_path / "run", ["--right", "16", "--steps", "0"]
    out.mkdir()
    (out / "language_model.json").write_text(recipe(out).to_json())
    with files.held(out):
        told = refused(capsys, "resume", out)
        assert f"{out}: another process is writing into it" in told
        told = refused(capsys, "train", "stages", *TINY, *SMALL, *again, "--out", out)
        assert f"{out}: another process is writing into it" in told
        assert [each.name for each in out.iterdir()] == ["language_model.json"]
        monkeypatch.setenv("RANK", "1")
        with _placed(recipe(out), Stages()):  # beside the first of several processes
            pass


def test_a_run_that_did_not_begin_may_begin_with_other_options(tmp_path, capsys):
    """As after a mistake that shows only when the demonstrations are made."""
    task, out = tmp_path / "own.py", tmp_path / "run"
    task.write_text(OWN)
    few = [*TINY, *SMALL, "--steps", "0", "--out", str(out)]
    out.mkdir()
    (out / ".part").write_text("{")  # killed while it wrote its first file
    told = refused(capsys, "train", task, *few, "--right", "8")
    assert "too few to show how" in told
    main(["train", str(task), *few, "--right", "0", "--random", "8"])
    assert (out / WARM_UP / "config.json").exists()
    told = refused(capsys, "train", task, *few, "--right", "8")
    assert "is a run with another --right" in told


OWN = """
import random
import inwit

@inwit.tool(cached=False)
def after(value: float) -> float:
    "One more."
    return value + 1

@inwit.task(tools=[after], presses=6, memory=0)
def own(draw: random.Random) -> inwit.Problem:
    value = draw.randrange(1000)
    return inwit.Problem(prompt="after {0}", operands=(value,), answer=value + 1)
"""


def test_a_run_goes_on_from_any_folder_on_its_own_problems(tmp_path, capsys, monkeypatch):
    task, out, other = (tmp_path / name for name in ("sub/own.py", "sub/run", "else"))
    for folder in (task.parent, other):
        folder.mkdir()
    task.write_text(OWN)
    monkeypatch.chdir(task.parent)
    few = [*TINY, *SMALL, "--steps", "0", "--right", "0", "--random", "8", "--out"]
    main(["train", "own.py", *few, "run"])
    kept = json.loads((out / "language_model.json").read_text())
    assert (kept["task"], kept["agent"]) == (str(task), "llm:tiny")
    monkeypatch.chdir(other)
    main(["resume", "../sub/run"])
    assert f"--task {task}" in capsys.readouterr().out
    task.rename(other / "own.py")
    told = refused(capsys, "resume", "../sub/run")
    assert f"../sub/run: its task {task} is not there: name its file with --task FILE.py" in told
    main(["resume", "../sub/run", "--task", "own.py"])
    main(["resume", "../sub/run"])  # where it is now is kept
    told = refused(capsys, "resume", "../sub/run", "--task", "stages")
    assert "../sub/run was trained on 'own', not on 'stages'" in told
    (other / "own.py").write_text(OWN.replace("randrange(1000)", "randrange(999)"))
    told = refused(capsys, "resume", "../sub/run")
    assert "../sub/run: 'own' has other problems than when the run began" in told
    told = refused(capsys, "train", "own.py", *few, out)
    assert "'own' has other problems than when the run began" in told


def test_the_path_of_a_model_is_kept_absolute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    given = ModelRecipe(agent="llm:../model.gguf", task="sub/own.py:own")
    assert given.rooted.agent == f"llm:{tmp_path.parent / 'model.gguf'}"
    assert given.rooted.task == f"{tmp_path / 'sub/own.py'}:own"
    assert given.rooted.rooted == given.rooted
    assert ModelRecipe(agent="llm:tiny").rooted == ModelRecipe(agent="llm:tiny")


def test_files_of_a_run_are_written_in_one_step(tmp_path, monkeypatch):
    """Killed while it writes, a run keeps the earlier file."""
    for name in ("language_model.json", "scores.json"):
        (tmp_path / name).write_text("earlier")
    (tmp_path / "metrics.jsonl").write_text('{"part": "trained", "step": 1}\n')

    def kill(one, other):
        raise KeyboardInterrupt

    one = recipe(tmp_path)
    state = SimpleNamespace(is_world_process_zero=True, global_step=0)
    with monkeypatch.context() as patched:
        patched.setattr("os.replace", kill)
        for name in ("language_model.json", "scores.json"):
            with pytest.raises(KeyboardInterrupt):
                _keep(one, name, "later")
        with pytest.raises(KeyboardInterrupt):
            Watch(one, TRAINED, print).on_train_begin(None, state, None)
    assert (tmp_path / "scores.json").read_text() == "earlier"
    assert (tmp_path / "language_model.json").read_text() == "earlier"
    assert (tmp_path / "metrics.jsonl").read_text() == '{"part": "trained", "step": 1}\n'
    _keep(one, "scores.json", "later")
    assert (tmp_path / "scores.json").read_text() == "later\n"
