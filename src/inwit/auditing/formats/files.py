"""Python files and rows of data that a target names."""

import importlib.util
import json
import random
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from inwit.auditing.base import Item
from inwit.errors import InvalidOption, UnknownName
from inwit.texts import read_lines, to_json

QUESTIONS = ("question", "prompt", "problem", "input", "query", "instruction", "text")
GOLDS = ("answer", "gold", "target", "solution", "ground_truth", "label", "expected", "output")
"""Columns to look for if none is named; the first that exists is taken."""


def import_file(path: Path) -> ModuleType:
    """The module of a Python file; its errors are the author's."""
    spec = importlib.util.spec_from_file_location(f"audited_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def member(module: ModuleType, name: str, noun: str = "function") -> Any:
    """The member of a module with a name.

    Raises:
        UnknownName: there is none.
    """
    if hasattr(module, name):
        return getattr(module, name)
    theirs = [
        each
        for each, value in vars(module).items()
        if callable(value) and getattr(value, "__module__", None) == module.__name__
    ]
    raise UnknownName(noun, name, theirs or ["(the file has none)"])


def read_rows(path: str) -> list[dict[str, Any]]:
    """The rows of a file of JSON lines, or of a folder that `datasets` saved.

    Raises:
        InvalidOption: there are none, or a line is not an object.
    """
    if Path(path).is_dir():
        return _saved(path)
    rows = []
    for number, line in read_lines(Path(path), InvalidOption):
        if line.strip():
            try:
                row = json.loads(line)
            except ValueError as error:
                raise InvalidOption(f"{path}:{number}: not JSON: {error}") from None
            if not isinstance(row, dict):
                raise InvalidOption(f'{path}:{number}: an object such as {{"question": ...}}')
            rows.append(row)
    if not rows:
        raise InvalidOption(f"{path} has no rows")
    return rows


def _saved(path: str) -> list[dict[str, Any]]:
    try:
        datasets = importlib.import_module("datasets")
    except ImportError:
        needed = "pip install 'inwit[datasets]'"
        raise InvalidOption(f"{path} is a folder; datasets is not installed: {needed}") from None
    loaded = datasets.load_from_disk(path)
    loaded = loaded[next(iter(loaded))] if hasattr(loaded, "keys") else loaded
    return [dict(row) for row in loaded]


class Rows:
    """Rows as items."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        """Read them, and find the columns of question and gold.

        Raises:
            InvalidOption: no rows are given, or a column does not exist.
        """
        if not options.get("data"):
            raise InvalidOption("--data FILE.jsonl is missing: the rows that the function grades")
        self.rows = read_rows(options["data"])
        self.apart = read_rows(options["held_out"]) if options.get("held_out") else []
        self.columns = list(self.rows[0])
        self.question = self._column(options.get("question"), QUESTIONS)
        self.gold = self._column(options.get("gold"), GOLDS)
        if self.question is None:
            raise InvalidOption(
                f"no column of {', '.join(self.columns)} is known as a question "
                f"({', '.join(QUESTIONS)}): name one with --question COLUMN"
            )

    def _column(self, given: str | None, usual: Sequence[str]) -> str | None:
        if given and given not in self.columns:
            raise UnknownName("column", given, self.columns)
        return given or next((name for name in usual if name in self.columns), None)

    def items(self, count: int, seed: int) -> list[Item]:
        """Some rows, in the order of the file."""
        places = range(len(self.rows))
        if count < len(self.rows):
            places = sorted(random.Random(seed).sample(places, count))  # type: ignore[assignment]
        return [self.item(self.rows[place]) for place in places]

    def held_out(self) -> list[Item]:
        """The rows of the file of held-out problems."""
        return [self.item(row) for row in self.apart]

    def item(self, row: Mapping[str, Any]) -> Item:
        """A row as an item."""
        gold = row.get(self.gold) if self.gold else None
        return Item(question=as_question(row.get(self.question or "")), gold=text(gold), fields=row)


def as_question(value: object) -> str:
    """A question: a text, or the messages of a conversation without the system's."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        said = [str(each.get("content")) for each in value if each.get("role") != "system"]
        return "\n".join(said)
    return text(value) or ""


def text(value: object) -> str | None:
    """A value as a text: JSON, if it is not a text already."""
    if value is None or isinstance(value, str):
        return value
    return to_json(value, ensure_ascii=False, default=str)


def mentions(function: Callable[..., Any], name: str) -> bool:
    """Whether the code of a function names a column; true if there is no code to read."""
    called = getattr(type(function), "__call__", None)  # noqa: B004
    code = getattr(function, "__code__", getattr(called, "__code__", None))
    return code is None or _named(code, name)


def _named(code: CodeType, name: str) -> bool:
    inner = [each for each in code.co_consts if isinstance(each, CodeType)]
    said = name in (*code.co_varnames, *code.co_freevars) or name in code.co_consts
    return said or any(_named(each, name) for each in inner)


def versions(*packages: str) -> dict[str, str]:
    """The versions of the packages that are installed."""
    found = {}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
