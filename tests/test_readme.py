"""What the README and the pages show is so: its Python runs, its trace is what the keys do."""

import inspect
import io
import itertools
import operator
import re
import shlex
import tomllib
from pathlib import Path

import pytest
import torch
from rich.console import Console

import inwit
from inwit.cli.console import print_presses
from inwit.cli.main import main
from inwit.environment import Environment
from inwit.evaluation.traces import trace
from inwit.policies import Scripted
from inwit.tasks import Stages

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf8")
BLOCKS = re.findall(r"```(\w*)\n(.*?)```", README, re.DOTALL)
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
OPERATORS = {
    "ADD": operator.add,
    "SUB": operator.sub,
    "MUL": operator.mul,
    "DIV": operator.truediv,
}


def block(mark):
    (text,) = (text for _, text in BLOCKS if mark in text)
    return text


def layers():
    """The rows of the import contract, the uppermost first."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    flow = next(each for each in settings["contracts"] if each["name"].startswith("The flow"))
    return flow["layers"]


def rows_of_the_docstring():
    """The modules that the package docstring names, row by row, in the order of the flow."""
    table = inspect.cleandoc(inwit.__doc__).split("The flow", 1)[1]
    rows = re.findall(r"^ {4}(.+?)(?: {2,}|$)", table, re.MULTILINE)
    return [re.findall(r"\w+", row) for row in rows]


def modules_of_the_tree():
    rows = re.findall(r"^ {4}((?:\w+(?:\.py|/) )+)", block("src/inwit/\n"), re.MULTILINE)
    names = [name for row in rows for name in re.findall(r"(\w+)(?:\.py|/)", row)]
    return [name for name in names if name != "__init__"]


def test_the_tree_follows_the_package_docstring():
    assert modules_of_the_tree() == [name for row in rows_of_the_docstring() for name in row]


def test_the_package_docstring_names_every_module_once():
    source = Path(inwit.__file__).parent
    found = (path for path in source.iterdir() if not path.name.startswith(("_", ".")))
    modules = [path.stem for path in found if path.suffix == ".py" or path.is_dir()]
    assert sorted(name for row in rows_of_the_docstring() for name in row) == sorted(modules)


def test_the_docstring_follows_the_import_contract():
    height = {
        name: row
        for row, layer in enumerate(reversed(layers()))
        for name in re.findall(r"\w+", layer)
    }
    rows = [[height[name] for name in row] for row in rows_of_the_docstring()]
    for lower, upper in itertools.pairwise(rows):
        assert max(lower) <= max(upper)
        assert min(lower) <= min(upper)


def test_the_architecture_page_tells_the_import_contract():
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf8")
    assert "```\n" + "\n".join(layers()) + "\n```" in page


def test_the_trace_is_what_its_keys_do():
    page = (ROOT / "docs" / "start.md").read_text(encoding="utf8")
    (shown,) = re.findall(r"```\n(press  key.*?)```", page, re.DOTALL)
    keys = re.findall(r"^ +\d+ +(\w+)", shown, re.MULTILINE)
    task = Stages(once=True)
    environment = Environment(task)
    policy = Scripted(torch.tensor([[task.rules.vocabulary[key]] for key in keys]))
    (episode,) = trace(policy, environment, task.parse("3*7+2-4*5"))
    assert episode.right
    console = Console(file=io.StringIO(), width=200)
    print_presses(console, episode)

    def without_probabilities(text):
        lines = [line.split() for line in text.strip().splitlines()]
        return [line[:2] + line[3:-1] for line in lines[:-1]] + [lines[-1]]

    assert without_probabilities(shown) == without_probabilities(console.file.getvalue())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    text = page.read_text(encoding="utf8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith("http"):
            continue
        path, _, anchor = target.partition("#")
        goal = page.parent / path if path else page
        assert goal.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", goal.read_text(encoding="utf8"), re.MULTILINE)
            names = {re.sub(r"[^\w -]", "", each).lower().replace(" ", "-") for each in headings}
            assert anchor in names, target


def test_every_page_is_short():
    for page in PAGES:
        limit = 60 if "decisions" in page.parts else 130
        assert len(page.read_text(encoding="utf8").splitlines()) <= limit, page


def readme_task(folder):
    """The README's days.py, with the lines that it says the commands print, command by command."""
    (code,) = (text for language, text in BLOCKS if language == "python")
    (folder / "days.py").write_text(code)
    shown = {}
    for language, text in BLOCKS:
        for part in text.split("$ ")[1:] if not language else ():
            command, *lines = part.splitlines()
            shown[command] = [line for line in lines if line != "..."]
    return shown


def printed(capsys, command, run):
    words = [str(run) if word == "RUN" else word for word in shlex.split(command, comments=True)]
    assert words.pop(0) == "inwit"
    main(words)
    return capsys.readouterr().out


def without_figures(line):
    return " ".join(re.sub(r"[\d.,]+", "0", line).split())


def test_the_task_of_the_readme_has_twenty_lines(tmp_path):
    readme_task(tmp_path)
    assert sum(map(bool, (tmp_path / "days.py").read_text().splitlines())) <= 20


@pytest.mark.learning
def test_the_commands_of_the_readme_print_what_it_shows(tmp_path, monkeypatch, capsys):
    """Figures of training may differ in their last digits on another machine; cells may not."""
    monkeypatch.chdir(tmp_path)
    shown, run = readme_task(tmp_path), tmp_path / "run"
    train, solve, certify = (command for command in shown if "days.py" in command)
    out = printed(capsys, f"{train} --out {run}", run)
    for line in shown[train]:
        assert line[:100].rstrip() in out  # chance depends on the size of the pool
    presses = list(map(without_figures, shown[solve]))
    said = map(without_figures, printed(capsys, solve, run).splitlines())
    assert list(said)[: len(presses)] == presses
    said = list(map(without_figures, printed(capsys, certify, run).splitlines()))
    for line in shown[certify]:
        assert any(each.startswith(without_figures(line)) for each in said), line


def calculated(keys):
    """What a calculator with a memory makes of numbers and tools."""
    value, tool, memory = None, None, []
    for key in keys:
        if key in OPERATORS:
            tool = OPERATORS[key]
        elif key == "STO":
            memory.append((value, tool))
            value = tool = None
        elif key != "ANS":
            second = value if key == "RCL" else int(key)
            value, tool = memory.pop() if key == "RCL" else (value, tool)
            value, tool = second if tool is None else tool(value, second), None
    return value


def test_the_picture_of_the_readme_solves_countdown_at_last():
    picture = (ROOT / "docs" / "countdown.svg").read_text(encoding="utf8")
    written = re.findall(r'<text class="(|wrong|right)" [^>]*>([^<]*)</text>', picture)
    tries, keys = [], []
    for kind, word in written:
        if not kind:
            keys.append(word)
            continue
        tries.append((kind, keys))
        assert calculated(keys) == pytest.approx(float(word.split()[1]))
        assert (kind == "right") == (calculated(keys) == 48)
        assert sorted(key for key in keys if key.isdecimal()) == ["27", "29", "52", "76"]
        keys = []
    assert [kind for kind, _ in tries] == ["wrong"] * 8 + ["right"]
    assert len(picture) < 2_000_000


def test_the_picture_of_own_tasks_was_drawn_from_the_readmes():
    picture = (ROOT / "docs" / "learning.svg").read_text(encoding="utf8")
    (code,) = (text for language, text in BLOCKS if language == "python")
    tools = re.findall(r"@inwit.tool\ndef (\w+)", code)
    assert all(f">{tool.upper()}<" in picture for tool in tools)
    assert picture.count("\u2713<") == 1  # one answer is right, the last
    assert picture.index("\u2717<") < picture.index("\u2713<")
    assert len(picture) < 2_000_000
