"""The problems of a task in other forms are the same problems, and their answers are right."""

import json
import re
from fractions import Fraction

import pytest

from inwit.agent import load
from inwit.interfaces.agents import SHIPPED
from inwit.interfaces.cli import main
from inwit.tasks import read_problems

OWN = """
import inwit

@inwit.tool
def half(text: str) -> str:
    "The first half."
    return text[: len(text) // 2]

@inwit.task(tools=[half])
def halves(draw):
    word = "".join(draw.choices("abc", k=6))
    return inwit.Problem(prompt="half of {0}", operands=(word,), answer=word[:3])
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
    main(["export", str(tmp_path / "own.py"), "--jsonl", str(path), "--count", "9"])
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


def test_an_environment_of_verifiers_judges(tmp_path, capsys, monkeypatch):
    """The package itself, with a stand-in for the few names of verifiers that it uses."""
    main(["export", "stages", "--verifiers", str(tmp_path / "folder"), "--count", "12"])
    assert (tmp_path / "folder/pyproject.toml").exists()
    fake = tmp_path / "fake/verifiers"
    fake.mkdir(parents=True)
    (fake / "__init__.py").write_text("")
    (fake / "v1.py").write_text(
        "from types import SimpleNamespace as TaskData\n"
        "class Task:\n"
        "    def __class_getitem__(cls, kind): return cls\n"
        "    def __init__(self, data, config): self.data = data\n"
        "class Taskset(Task):\n"
        "    def __init__(self): self.config = TaskData(task=None)\n"
        "Trace, reward = TaskData, lambda function: function\n"
    )
    monkeypatch.syspath_prepend(tmp_path / "fake")
    monkeypatch.syspath_prepend(tmp_path / "folder")
    import inwit_stages

    tasks = list(inwit_stages.Problems().load())
    assert len(tasks) == 12
    for task in tasks:
        expression = task.data.prompt.splitlines()[-1]
        answer = str(eval(expression))
        assert inwit_stages.right(f"Let me see.\n{answer}.0\n", task.data.answer)
        assert inwit_stages.right(answer, task.data.answer)
        for wrong in ("", "no", f"{answer}1", f"{answer}\nor so"):
            assert not inwit_stages.right(wrong, task.data.answer)


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
        (["--hub", "a", "--push", "me"], ["USER/NAME is due"]),
    ],
)
def test_what_is_wrong_is_told(arguments, hints, capsys, tmp_path, monkeypatch):
    pytest.importorskip("huggingface_hub")
    monkeypatch.chdir(tmp_path)
    told = refused(capsys, "export", *arguments)
    assert all(hint in told for hint in hints), told
    assert list(tmp_path.iterdir()) == []
