"""Help answers at once and names what there is; threads are the command line's business."""

import re
import signal
import subprocess
import sys

import pytest
import torch

import inwit
from inwit.cli.commands import COMMANDS
from inwit.cli.main import main
from inwit.recipes import RECIPES, recipe_for
from tests.recipes import HELPED

SHORT = (
    *("--seed", "--updates", "--batch", "--out", "--search", "--task", "--masks", "--learner"),
    *("--policy", "--curriculum", "--replay", "--device", "--compile", "--watch", "--track"),
    *("--seeds", "--jobs"),
)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def refused(capsys, *arguments):
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    return capsys.readouterr().err


def help_of(capsys, *arguments):
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert not stop.value.code
    return capsys.readouterr().out


def test_help_names_every_command(capsys):
    for arguments in ((), ("--help",), ("-h",)):
        text = help_of(capsys, *arguments)
        assert all(command in text for command in ("train", *COMMANDS))


@pytest.mark.parametrize("command", ["train", *COMMANDS])
def test_every_command_has_help(capsys, command):
    text = help_of(capsys, command, "--help")
    assert f"inwit {command}" in text
    assert "seed" in text or command not in ("train", "evaluate", "trace", "certify")


@pytest.mark.parametrize("command", ["train", *COMMANDS])
def test_help_shows_no_default_that_says_nothing(capsys, command, monkeypatch):
    """Each option takes one line where there is room: the source's line breaks are not shown."""
    monkeypatch.setenv("COLUMNS", "2000")
    lines = help_of(capsys, command, "--help").splitlines()
    for line in lines:
        assert not re.search(r"\(default: (None|'')? ?\)|\{None[},]", line), line
    if command != "train":  # whose parts have paragraphs of their own
        inside = [line.strip("│ ") for line in lines if line.startswith("│")]
        assert all(re.match(r"(-|•|\[|[A-Z]+\b|FILE|\(required)", line) for line in inside)


@pytest.mark.parametrize("task", [*RECIPES, "own"])
def test_the_help_of_a_training_begins_with_at_most_twenty_options(
    capsys, task, monkeypatch, tmp_path
):
    monkeypatch.setenv("COLUMNS", "100")
    own = tmp_path / "own_task.py"
    main(["new", str(own)])
    task = str(own) if task == "own" else task
    text = help_of(capsys, "train", task, "--help")
    _, *parts = re.split(r"^\W*((?:\w+ )?options)\b.*$", text, flags=re.M)
    titles, (first, *_) = parts[::2], parts[1::2]
    assert titles[0] == "options"
    assert titles[1:3] == ["cluster options", "task options"]
    assert {"policy options", "optimiser options"} <= set(titles)
    flags = re.findall(r"^\W*(--\w[\w-]*)", first, re.M)  # not -h
    assert 10 < len(flags) <= 20
    assert set(SHORT) <= set(flags)
    assert f"(default: {recipe_for(task).updates})" in first
    assert "--race" not in flags


def test_help_and_version_are_printed_without_torch():
    """All in one process, since its start takes longest."""
    program = (
        "import sys\n"
        "from contextlib import redirect_stdout, suppress\n"
        "from io import StringIO\n"
        "import inwit\n"
        "from inwit.cli.main import main\n"
        "from inwit.cli.commands import COMMANDS\n"
        "for given in (['--help'], ['--version'], *([each, '--help'] for each in COMMANDS)):\n"
        "    with redirect_stdout(StringIO()) as text, suppress(SystemExit):\n"
        "        main(given)\n"
        "    assert text.getvalue(), given\n"
        "assert len(dir(inwit)) <= 20\n"
        "assert 'torch' not in sys.modules and 'numpy' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("given", "threads"),
    [
        ("4,2", 4),
        ("3", 3),
        (None, 1),
        ("many", 0),
        ("0", 0),
        ("-1", 0),
        ("1" * 11, 0),
        ("", 0),
        ("x,2", 0),
    ],
)
def test_threads_are_those_of_openmp(given, threads, monkeypatch, capsys):
    before = torch.get_num_threads()
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    if given is not None:
        monkeypatch.setenv("OMP_NUM_THREADS", given)
    try:
        if not threads:
            assert f"OMP_NUM_THREADS={given}" in refused(capsys, "tools")
            return
        main(["tools"])
        assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)


@pytest.mark.slow
def test_python_leaves_the_threads_of_its_caller(tmp_path):
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        small = {"updates": 1, "batch": 16, "policy.width": 8}
        inwit.train(HELPED, out=tmp_path / "run", **small)
        inwit.load(tmp_path / "run")
        inwit.resume(tmp_path / "run")
        inwit.audit("stages", problems=64, budget=500)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


@pytest.mark.slow
def test_solving_loads_no_computer_algebra():
    """Some functions of torch import sympy, which takes longer than an answer."""
    code = "import sys; from inwit.cli.main import main; main(); print('sympy' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code, "solve", "3*7+2"], check=True, capture_output=True, text=True
    )
    assert done.stdout.splitlines()[-1] == "False"


@pytest.mark.slow
def test_help_that_nobody_reads_to_its_end_says_nothing():
    command = [sys.executable, "-m", "inwit", "train", "--help"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as asked:
        asked.stdout.close()
        said = asked.stderr.read().decode()
    assert "Traceback" not in said
    assert "Exception" not in said
    assert asked.returncode == 128 + signal.SIGPIPE
