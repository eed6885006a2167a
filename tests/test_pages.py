"""Every block of code in the pages runs, or is at least read as its reader would have it read.

Python: the blocks of a page run one after another in an empty folder. Where a line ends in a
comment that is a literal, the line has that value. bash: commands of inwit are parsed with their
options; those that need no run are run. toml: read as a sweep.
"""

import ast
import re
import shlex
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest

from inwit.errors import InvalidOption
from inwit.interfaces.cli import main
from inwit.interfaces.commands import COMMANDS, training
from inwit.interfaces.commands.arguments import parse
from inwit.interfaces.commands.seeding import SeveralSeeds
from inwit.interfaces.sweeps import read_plan
from inwit.learners import POLICY_GRADIENTS
from inwit.policies import POLICIES
from inwit.recipe import NAMES

DOCS = Path(__file__).parent.parent / "docs"
LEARNING: set[str] = set()
"""Pages whose Python trains for more than a few seconds."""
QUICK = ("tools", "solve")


def blocks(page):
    return re.findall(r"^```(\w+)\n(.*?)^```", page.read_text(encoding="utf8"), re.DOTALL | re.M)


def pages(*languages):
    found = [page for page in sorted(DOCS.rglob("*.md")) if {*languages} & {*dict(blocks(page))}]
    names = [str(page.relative_to(DOCS)) for page in found]
    return [
        pytest.param(page, id=name, marks=[pytest.mark.learning] * (name in LEARNING))
        for page, name in zip(found, names, strict=True)
    ]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """An empty folder but for the file that the pages speak of; what is registered is forgotten."""
    monkeypatch.chdir(tmp_path)
    (own,) = (text for language, text in blocks(DOCS / "own_tasks.md") if language == "python")
    (tmp_path / "lengths.py").write_text(own)
    tables = [(table, dict(table)) for table in (POLICIES, POLICY_GRADIENTS, NAMES)]
    yield
    for table, before in tables:
        table.clear()
        table.update(before)


def run(code, names):
    """Run a block, and compare what it says about the values of its lines."""
    lines, checked = code.splitlines(), 0
    for statement in flattened(ast.parse(code).body, names):
        source = compile(ast.Module([statement], []), "page", "exec")
        said = re.search(r"  # (.+)$", lines[statement.end_lineno - 1])
        value = literal(said[1]) if said and isinstance(statement, ast.Expr) else None
        if value is None:
            exec(source, names)
        else:
            result = eval(compile(ast.Expression(statement.value), "page", "eval"), names)
            assert result == value, lines[statement.end_lineno - 1]
            checked += 1
    return checked


def flattened(statements, names):
    """The statements, those behind a guard of the main program with them."""
    for statement in statements:
        if isinstance(statement, ast.If) and "__main__" in ast.unparse(statement.test):
            yield from statement.body
        else:
            yield statement


def literal(text):
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return None


@pytest.mark.filterwarnings("default")  # one of a third party's does not break a page
@pytest.mark.parametrize("page", pages("python"))
def test_the_python_of_a_page_runs(page):
    names = {"__name__": "page"}
    try:
        for language, text in blocks(page):
            if language == "python":
                run(text, names)
    except ModuleNotFoundError as error:
        pytest.skip(f"{error.name} is not installed")
    except InvalidOption as error:
        if "pip install" not in str(error):
            raise
        pytest.skip(str(error))


def test_a_wrong_value_would_be_found():
    assert run("1 + 1  # 2\nx = 3  # not compared\nx  # 3\n", {}) == 2
    with pytest.raises(AssertionError, match="# 3"):
        run("1 + 1  # 3\n", {})


@pytest.mark.parametrize("page", pages("bash"))
def test_the_commands_of_a_page_are_understood(page, monkeypatch, capsys):
    register_names_of(page)
    monkeypatch.setattr(training, "_follow", lambda *_: None)
    monkeypatch.setattr(training, "watch", lambda *_: nullcontext())
    monkeypatch.setattr(SeveralSeeds, "train", lambda *_: None)
    commands = [
        shlex.split(line, comments=True)[1:]
        for language, text in blocks(page)
        if language == "bash"
        for line in text.splitlines()
        if line.startswith("inwit ")
    ]
    for command, *arguments in commands:
        if command in QUICK and not {"RUN", "--problems"} & {*arguments}:
            main([command, *arguments])
            assert capsys.readouterr().out
        elif command == "train":
            with skipped_without_extra():
                training.train(arguments)
        else:
            assert callable(parse(COMMANDS[command], arguments, f"inwit {command}"))


@contextmanager
def skipped_without_extra():
    try:
        yield
    except InvalidOption as error:
        if "pip install" not in str(error):
            raise
        pytest.skip(str(error))


def register_names_of(page):
    """What a page's Python registers, its commands may name."""
    from inwit.learners import A2C
    from inwit.learners import register as register_learner
    from inwit.policies import GRU
    from inwit.policies import register as register_policy

    text = page.read_text(encoding="utf8")
    for name, kind in re.findall(r'^register\("(\w+)", (\w+)\)', text, re.M):
        if f"class {kind}(Policy)" in text:
            register_policy(name, GRU)
        else:
            register_learner(name, A2C)


@pytest.mark.parametrize("page", pages("toml"))
def test_the_toml_of_a_page_is_a_sweep(page, tmp_path):
    for language, text in blocks(page):
        if language == "toml":
            (tmp_path / "sweep.toml").write_text(text)
            assert read_plan(tmp_path / "sweep.toml").search
