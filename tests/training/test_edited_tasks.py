"""A task's file is edited after a run has begun: what the run is still good for, and what not."""

import json
import os
import shutil
from itertools import count

import pytest

import inwit
from inwit.cli.main import main
from inwit.errors import DamagedRun, Interrupted, InvalidOption, MissingTask
from inwit.runs.seeds import train_seeds
from inwit.tasks.pool import POOL

FILE = """
import inwit

@inwit.tool
def add(a: float, b: float) -> float:
    return a + b

@inwit.tool
def mul(a: float, b: float) -> float:
    return a * b

@inwit.task(tools=[add, mul], presses=4, memory=0, once=True)
def sums(draw):
    one, other, adds = draw.randint(0, 99), draw.randint(0, 99), draw.random() < 0.5
    word, answer = ("add", one + other) if adds else ("multiply", one * other)
    return inwit.Problem(prompt=word + " {0} and {1}", operands=(one, other), answer=answer)
"""
SMALL = {"updates": 2, "batch": 16, "policy.width": 8, "search": 0, "replay": 0}
SECONDS = count(1_000_000_000)
SWAPPED = ("tools=[add, mul]", "tools=[mul, add]")
RENAMED = ('("add", one + other)', '("plus", one + other)')
OTHER_TOOL = ("return a + b", "return a - b")
OTHER_PROBLEMS = ("randint(0, 99), draw", "randint(0, 9), draw")


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A run that was stopped after its first update, in the working folder."""
    monkeypatch.chdir(tmp_path)
    write()

    def stop(report):
        raise Interrupted(2)

    with pytest.raises(Interrupted, match=r"inwit resume run --task task\.py"):
        inwit.train("task.py", learner="a2c", out="run", report=stop, **SMALL)
    return tmp_path / "run"


def write(*edits):
    text = FILE
    for before, after in edits:
        assert before in text
        text = text.replace(before, after)
    with open("task.py", "w") as file:
        file.write(text)
    second = next(SECONDS)  # Python's cache of a file goes by its second and its size
    os.utime("task.py", (second, second))


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (SWAPPED, "trained with other keys .*: .*MUL ADD.*, and then .*ADD MUL"),
        (RENAMED, "trained with other words than 'sums' has, or in another order"),
    ],
)
def test_keys_and_words_keep_their_numbers(run, edit, told):
    write(edit)
    for call in (inwit.load, inwit.resume):
        with pytest.raises(InvalidOption, match=told):
            call(run, task="task.py")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (OTHER_TOOL, "'sums' has other tools than when the run began"),
        (OTHER_PROBLEMS, "'sums' has other problems than when the run began"),
    ],
)
def test_an_agent_is_tried_on_what_it_is_not_resumed_on(run, edit, told):
    write(edit)
    assert len(inwit.load(run, task="task.py").evaluate(5)) == 1
    with pytest.raises(InvalidOption, match=told):
        inwit.resume(run, task="task.py")
    write()
    assert inwit.resume(run, task="task.py").history.lines[-1]["update"] == 2


@pytest.fixture
def whole(monkeypatch):
    """As many problems as in the processes that train."""
    monkeypatch.setattr("inwit.tasks.function_task.POOL", POOL)


@pytest.mark.slow
@pytest.mark.usefixtures("run", "whole")
def test_seeds_of_one_table_have_the_same_problems():
    train_seeds("task.py", [0], jobs=1, learner="a2c", out="all", **SMALL)
    assert len(train_seeds("task.py", [0, 1], jobs=1, learner="a2c", out="all", **SMALL)) == 2
    write(OTHER_PROBLEMS)
    with pytest.raises(InvalidOption, match="'sums' has other problems than when the run began"):
        train_seeds("task.py", [0, 1, 2], jobs=1, learner="a2c", out="all", **SMALL)


@pytest.mark.slow
@pytest.mark.usefixtures("run", "whole")
def test_seeds_whose_limits_are_inferred_go_on(capsys):
    write((", presses=4, memory=0, once=True", ""))
    train_seeds("task.py", [0], jobs=1, learner="a2c", out="all", **SMALL)
    assert len(train_seeds("task.py", [0, 1], jobs=1, learner="a2c", out="all", **SMALL)) == 2
    given = [word for name, value in SMALL.items() for word in (f"--{name}", str(value))]
    main(["train", "task.py", "--learner", "a2c", "--out", "all", "--seeds", "0,1", *given])
    assert "2 seeds" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.usefixtures("whole")
def test_a_run_without_weights_is_no_whole_one(run):
    train_seeds("task.py", [0], jobs=1, learner="a2c", out="all", **SMALL)
    weights = run.parent / "all" / "seed-0" / "weights.safetensors"
    before = weights.read_bytes()
    weights.unlink()
    train_seeds("task.py", [0], jobs=1, learner="a2c", out="all", **SMALL)
    assert weights.read_bytes() == before


@pytest.mark.slow
def test_an_edited_configuration_is_not_taken_for_foreign_checkpoints(run, capsys):
    config = run / "config.json"
    text = config.read_text()
    config.write_text(text.replace('"updates": 2', '"updates": 5'))
    with pytest.raises(SystemExit, match="2"):
        main(["resume", str(run), "--task", "task.py"])
    assert (
        "is of another run: if config.json was edited since, restore that"
        in capsys.readouterr().err
    )
    config.write_text(text)
    inwit.resume(run, task="task.py")


@pytest.mark.slow
def test_a_task_from_python_is_resumed_with_a_file(run):
    def stop(report):
        raise Interrupted(2)

    task = inwit.load(run, task="task.py").environment.task
    with pytest.raises(Interrupted, match=r"inwit resume own --task FILE\.py"):
        inwit.train(task, learner="a2c", out="own", report=stop, **SMALL)


@pytest.mark.slow
def test_a_task_with_the_name_of_one_of_ours_is_that_of_its_file(run):
    write(("def sums", "def stages"))
    inwit.train("task.py", learner="a2c", out="named", **SMALL)
    with pytest.raises(MissingTask, match=r"--task task\.py"):
        inwit.load("named")
    assert inwit.load("named", task="task.py").environment.task.name == "stages"


@pytest.mark.slow
def test_an_agent_keeps_its_folder_and_tells_when_it_is_gone(run, tmp_path_factory):
    agent = inwit.resume("run", task="task.py")
    os.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert len(agent.history.lines) == 2
    assert len(agent.evaluate(5)) == 1
    shutil.rmtree(run)
    with pytest.raises(DamagedRun, match="there is no such folder"):
        _ = agent.history


@pytest.mark.slow
def test_metrics_that_were_lost_are_told(run, caplog):
    whole = inwit.resume(run, task="task.py")
    assert not caplog.messages
    lines = (run / "metrics.jsonl").read_text().splitlines(keepends=True)
    (run / "metrics.jsonl").write_text(lines[0])
    inwit.resume(run, task="task.py")
    assert any("the metrics of updates 2 to 2 are lost" in each for each in caplog.messages)
    assert json.loads(lines[1])["update"] == whole.recipe.updates
