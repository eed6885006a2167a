"""Every block of code in the pages runs, or is at least read as its reader would have it read.

Python: the blocks of a page run one after another in an empty folder, each with its own imports
and names. Where a line ends in a comment that is a literal, the line has that value. toml: read as
a sweep. Commands: see `test_commands_of_pages`.
"""

import ast
import re

import pytest

from inwit.errors import InvalidOption
from inwit.runs.sweeps import read_plan
from tests.pages import DOCS, blocks, own_task, registered_for_a_while, text_of

LEARNING = {"sweeps.md"}
"""Pages whose Python trains for more than a few seconds."""


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
    (tmp_path / "lengths.py").write_text(own_task())
    with registered_for_a_while():
        yield


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


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # one of a third party's does not break a page
@pytest.mark.parametrize("page", pages("python"))
def test_the_python_of_a_page_runs(page):
    try:
        for language, text in blocks(page):
            if language == "python":
                run(text, {"__name__": "page"})
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


@pytest.mark.parametrize("page", pages("toml"))
def test_the_toml_of_a_page_is_a_sweep(page, tmp_path):
    for language, text in blocks(page):
        if language == "toml":
            (tmp_path / "sweep.toml").write_text(text)
            assert read_plan(tmp_path / "sweep.toml").search


def test_the_glossary_works_both_ways():
    """Every other name of a word stands in the index below the table, with that word."""
    text = text_of(DOCS / "conventions.md").split("## Axes")[0]
    table, index = text.split("### From other words to ours")
    entries = dict(each.split(" → ") for each in " ".join(index.split()).split(" · "))
    rows = re.findall(r"^\| ([^|]+) \| [^|]+ \| ([^|]*) \|$", table, re.MULTILINE)[2:]
    expected = {}
    for word, names in rows:
        for name in re.split(r"[,;] ", names.strip()):
            name = re.sub(r" \(.*\)", "", name)
            if name and "`" not in name:
                expected.setdefault(name, []).append(f"**{word}**")
    assert {name: ", ".join(words) for name, words in expected.items()} == entries
    for searched in ("rollout", "mask", "action", "reward", "environment", "dataset"):
        assert searched in entries or f"| {searched}" in table
