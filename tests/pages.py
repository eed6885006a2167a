"""What the tests of the pages share: blocks, code in running text, parts registered for a while."""

import ast
import re
from contextlib import contextmanager
from pathlib import Path

from inwit.curriculum import Curriculum
from inwit.learners import Learner
from inwit.policies import Architecture
from inwit.tasks import Task

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
FENCED = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.M)


def text_of(page):
    return page.read_text(encoding="utf8")


def blocks(page):
    """Language and content of each block of code."""
    return FENCED.findall(text_of(page))


def spans(page):
    """The code in the running text, each in one line."""
    running = FENCED.sub("", text_of(page))
    return [" ".join(each.split()) for each in re.findall(r"`([^`]+)`", running)]


def own_task():
    """The file that the pages call `lengths.py`."""
    (text,) = (text for language, text in blocks(DOCS / "own_tasks.md") if language == "python")
    return text


@contextmanager
def registered_for_a_while():
    """What is registered meanwhile is forgotten afterwards."""
    tables = [each.registered for each in (Task, Architecture, Learner, Curriculum)]
    before = [dict(table) for table in tables]
    try:
        yield
    finally:
        for table, known in zip(tables, before, strict=True):
            table.clear()
            table.update(known)


def defined_by(page):
    """Run the imports and definitions of a page's Python alone: what it registers is then known."""
    names = {"__name__": "page"}
    for language, text in blocks(page):
        if language == "python":
            kept = (ast.Import, ast.ImportFrom, ast.ClassDef)
            body = [each for each in ast.parse(text).body if isinstance(each, kept)]
            exec(compile(ast.Module(body, []), str(page), "exec"), names)
