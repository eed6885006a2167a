"""The problems of a task in other forms are the same problems, and their answers are right."""

import asyncio
import importlib
import json
import re
import sys
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import pytest

from inwit import answers
from inwit.agent import load
from inwit.answers import grade
from inwit.cli.agents import SHIPPED
from inwit.cli.main import main
from inwit.tasks import read_problems

OWN = """
import numpy as np
import inwit

@inwit.tool
def half(text: str) -> str:
    "The first half."
    return text[: len(text) // 2]

@inwit.task(tools=[half])
def halves(draw):
    word = "".join(draw.choices("abc", k=6))
    return inwit.Problem(prompt="half of {0}", operands=(word,), answer=word[:3])

@inwit.tool
def third(value: float) -> float:
    "A third."
    return value / 3

@inwit.task(tools=[third], tolerance=0.01)
def thirds(draw):
    value = draw.randrange(10, 10_000)
    return inwit.Problem(prompt="a third of {0}", operands=(value,), answer=value / 3)

@inwit.task(tools=[third])
def coarse(draw):
    value = np.float32(draw.randrange(10, 10_000) + 0.1)
    return inwit.Problem(prompt="just {0}", operands=(value,), answer=value)

@inwit.task(tools=[third], verify=lambda answer, problem: answer % 2 == 0)
def evens(draw):
    return inwit.Problem(prompt="even, not {0}", operands=(draw.randrange(10**6),), answer=2)
"""


def refused(capsys, *arguments):
    with pytest.raises(SystemExit) as stop:
        main(list(map(str, arguments)))
    assert stop.value.code == 2
    return capsys.readouterr().err


def rows(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.mark.parametrize("task", ["stages", "expressions", "expressions-prompt"])
def test_the_answers_are_what_python_finds(task, tmp_path, capsys):
    path = tmp_path / "problems.jsonl"
    main(["export", task, "--jsonl", str(path), "--count", "60"])
    for number, row in enumerate(rows(path)):
        exact = eval(re.sub(r"\d+", r"Fraction(\g<0>)", row["question"]), {"Fraction": Fraction})
        assert float(row["answer"]) == float(exact)
        assert row["metadata"]["source_index"] == number
        assert row["metadata"]["program"].endswith("ANS")
        assert len(row["metadata"]["operands"]) == len(re.findall(r"\d+", row["question"]))
    assert len({row["metadata"]["level"] for row in rows(path)}) > 2


def test_the_lines_are_read_back_and_solved(tmp_path, capsys):
    path = tmp_path / "problems.jsonl"
    main(["export", "expressions", "--jsonl", str(path), "--count", "40"])
    answers = load(SHIPPED).answer(read_problems(path))
    assert len(answers) == 40
    assert all(answer.right for answer in answers)


def test_the_parts_differ_and_repeat(tmp_path, capsys):
    paths = [tmp_path / name for name in ("held", "again", "trained", "other")]
    for path, options in zip(paths, ([], [], ["--no-held-out"], ["--seed", "3"]), strict=True):
        main(["export", "word-problems", "--jsonl", str(path), "--count", "20", *options])
    held, again, trained, other = map(rows, paths)
    assert held == again
    questions = {row["question"] for row in held}
    assert questions.isdisjoint(row["question"] for row in trained)
    assert held != other


def test_answers_that_are_no_numbers_are_written(tmp_path, capsys):
    (tmp_path / "own.py").write_text(OWN)
    path = tmp_path / "problems.jsonl"
    main(["export", f"{tmp_path / 'own.py'}:halves", "--jsonl", str(path), "--count", "9"])
    for row in rows(path):
        (word,) = row["metadata"]["operands"]
        assert row["question"] == f"half of {word}"
        assert row["answer"] == word[:3]


@pytest.mark.filterwarnings("ignore")
def test_datasets_reads_its_folder_back(tmp_path, capsys):
    datasets = pytest.importorskip("datasets")
    path = tmp_path / "lines.jsonl"
    main(["export", "stages", "--datasets", str(tmp_path / "folder"), "--count", "30"])
    main(["export", "stages", "--jsonl", str(path), "--count", "30"])
    read = datasets.load_from_disk(str(tmp_path / "folder"))
    assert set(read) == {"train", "test"}
    assert [dict(row) for row in read["test"]] == rows(path)
    assert read["train"].num_rows == 30
    assert not any(row["held_out"] for row in read["train"]["metadata"])
    told = refused(capsys, "export", "stages", "--datasets", tmp_path / "folder")
    assert "not empty" in told


FAKE = """
from types import SimpleNamespace as TaskData

class Task:
    def __class_getitem__(cls, kind): return cls
    def __init__(self, data, config): self.data = data

class Taskset(Task):
    def __init__(self): self.config = TaskData(task=None)

Trace, reward, metric = TaskData, lambda function: function, lambda function: function
"""


@pytest.fixture
def packed(tmp_path, capsys, monkeypatch):
    """Export a task; the package, with a stand-in for the few names of verifiers that it uses."""
    fake = tmp_path / "fake/verifiers"
    fake.mkdir(parents=True)
    (fake / "__init__.py").write_text("")
    (fake / "v1.py").write_text(FAKE)
    monkeypatch.syspath_prepend(tmp_path / "fake")
    for module in [each for each in sys.modules if each.partition(".")[0] == "verifiers"]:
        monkeypatch.delitem(sys.modules, module)  # the real one, where it is installed

    def pack(task, name):
        folder = tmp_path / name
        main(["export", str(task), "--verifiers", str(folder), "--count", "12"])
        assert (folder / "pyproject.toml").exists()
        monkeypatch.syspath_prepend(folder)
        for module in [each for each in sys.modules if each.partition(".")[0] == name]:
            monkeypatch.delitem(sys.modules, module)
        return importlib.import_module(name)

    return pack


def judged(task, reply):
    """What the reward and the metric of the package say of a reply."""
    trace = SimpleNamespace(last_reply=reply)
    return tuple(asyncio.run(hook(trace)) for hook in (task.is_right, task.is_unread))


def test_an_environment_of_verifiers_judges(packed):
    tasks = list(packed("stages", "inwit_stages").Problems().load())
    assert len(tasks) == 12
    for task in tasks:
        exact = eval(task.data.prompt.splitlines()[-1])
        for right in (f"Let me see.\n{exact}.0\n", f"**{exact}**", f"Answer: {exact}", f"${exact}"):
            assert judged(task, right) == (1.0, 0.0)
        assert judged(task, f"{exact}1") == (0.0, 0.0)
        for unread in ("", "no", f"{exact}\nor so", f"{exact} or {exact + 1}", f"{exact}^2"):
            assert judged(task, unread) == (0.0, 1.0)


def test_the_package_judges_every_pair_as_inwit_does(packed):
    package = packed("stages", "inwit_stages")
    pairs = Path(__file__).parent.parent / "answers/pairs.jsonl"
    for reply, stated, outcome in map(json.loads, pairs.read_text().splitlines()):
        assert package.outcome(reply, stated) == grade(reply, stated) == outcome
    source = {path.name: path.read_text() for path in Path(answers.__file__).parent.glob("*.py")}
    copied = {
        path.name: path.read_text() for path in Path(package.answers.__file__).parent.glob("*.py")
    }
    assert copied == source


def test_the_package_keeps_tolerance_texts_and_all_digits(packed, tmp_path):
    (tmp_path / "own.py").write_text(OWN)
    for task in packed(tmp_path / "own.py:halves", "inwit_halves").Problems().load():
        assert judged(task, f"The answer is {task.data.answer.upper()}.") == (1.0, 0.0)
        assert judged(task, task.data.answer[::-1] + "x") == (0.0, 0.0)
    for task in packed(tmp_path / "own.py:thirds", "inwit_thirds").Problems().load():
        top = int(re.search(r"\d+", task.data.prompt)[0])
        assert float(task.data.answer) == top / 3
        assert judged(task, f"{top / 3 + 0.04}") == (1.0, 0.0)
        assert judged(task, rf"\frac{{{top}}}{{3}}") == (1.0, 0.0)
        assert judged(task, f"{top}") == (0.0, 0.0)


def test_the_package_judges_numbers_of_a_coarse_type_as_their_task_does(packed, tmp_path):
    (tmp_path / "own.py").write_text(OWN)
    for task in packed(tmp_path / "own.py:coarse", "inwit_coarse").Problems().load():
        meant = f"{round(float(task.data.answer), 1)}"
        assert meant != task.data.answer
        assert judged(task, meant) == (1.0, 0.0)
        assert judged(task, f"{float(meant) * 1.00001}") == (0.0, 0.0)


def test_a_task_that_judges_by_itself_is_no_package(tmp_path, capsys):
    (tmp_path / "own.py").write_text(OWN)
    told = refused(capsys, "export", tmp_path / "own.py:evens", "--verifiers", tmp_path / "folder")
    assert "'evens' decides by its own verify" in told
    assert not (tmp_path / "folder").exists()


@pytest.mark.parametrize(
    ("arguments", "hints"),
    [
        ([], ["name one target", "none was given", "--web", "--verifiers"]),
        (["stages", "--jsonl", "a", "--datasets", "b"], ["--jsonl and --datasets was given"]),
        (["--jsonl", "a"], ["for a task", "inwit export stages"]),
        (["stage", "--jsonl", "a"], ["unknown task", "'stages'"]),
        (["stages", "--jsonl", "no/such/folder"], ["--jsonl no/such/folder", "No such file"]),
        (["stages", "--jsonl", "a", "--count", "0"], ["--count 0"]),
        (["stages", "--jsonl", "a", "--push", "me/it"], ["--push me/it goes with --hub"]),
        (["nowhere", "--onnx", "a"], ["nowhere", "not a run folder"]),
        (["--hub", "a", "--push", "me"], ["give USER/NAME"]),
    ],
)
def test_what_is_wrong_is_told(arguments, hints, capsys, tmp_path, monkeypatch):
    pytest.importorskip("huggingface_hub")
    monkeypatch.chdir(tmp_path)
    told = refused(capsys, "export", *arguments)
    assert all(hint in told for hint in hints), told
    assert list(tmp_path.iterdir()) == []
