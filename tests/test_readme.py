"""What the README and the pages show is so: its Python runs, its trace is what the keys do."""

import ast
import inspect
import io
import itertools
import re
import tomllib
from pathlib import Path

import pytest
import torch
from rich.console import Console

import inwit
from inwit.cli.console import print_presses
from inwit.environment import Environment
from inwit.evaluation.traces import trace
from inwit.policies import Scripted
from inwit.tasks import Stages

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf8")
BLOCKS = re.findall(r"```(\w*)\n(.*?)```", README, re.DOTALL)
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]


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
    shown = block("press  key")
    keys = re.findall(r"^ +\d+ +(\w+)", shown, re.MULTILINE)
    task = Stages()
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


@pytest.mark.learning
def test_the_python_of_the_readme_shows_what_it_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (code,) = (text for language, text in BLOCKS if language == "python")
    lines, names, checked = [line for line in code.splitlines() if line], {}, 0
    for line in lines:
        expected = line.partition("#")[2].strip()
        if expected:
            assert eval(line, names) == ast.literal_eval(expected), line
            checked += 1
        else:
            exec(line, names)
    assert len(lines) == 5
    assert checked == 3
