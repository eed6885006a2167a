"""Targets: a format, and the reference that its adapter opens."""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from inwit.errors import InvalidOption, UnknownName

PREFIXES = {
    "reasoning-gym": "reasoning_gym",
    "trl": "trl",
    "verifiers": "verifiers",
    "gymnasium": "gymnasium",
    "openenv": "openenv",
}
"""The prefixes of targets, and the module in `formats` of each."""
FORMS = (
    "FILE.py:FUNCTION",
    "reasoning-gym:NAME",
    "trl:FILE.py:NAME",
    "verifiers:MODULE",
    "gymnasium:ID",
    "openenv:MODULE:CLASS",
    "openenv:URL",
)
ROWS = ("data", "held_out", "question", "gold", "set")
OPTIONS = {
    "function": ROWS,
    "trl": ROWS,
    "verifiers": ("gold", "set"),
    "reasoning_gym": ("set",),
    "gymnasium": ("set",),
    "openenv": ("set",),
}
"""The options that each format reads; any other is refused."""
NEAR = 10
FILE = re.compile(r"(?P<file>.+\.py):(?P<name>\w+(?:,\w+)*)")


@dataclass(frozen=True, kw_only=True)
class Target:
    """Foreign code under audit."""

    name: str
    """Its name, as given."""
    format: str
    """A module of `inwit.auditing.formats`."""
    reference: str
    """The reference for its adapter."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """Options of the adapter as plain values; files by absolute paths."""
    paths: tuple[str, ...] = ()
    """Folders from which the child may import."""

    @property
    def remote(self) -> bool:
        """It is a running server, reached through the network."""
        return "://" in self.reference

    def message(self) -> dict[str, Any]:
        """The message for the child."""
        return {"format": self.format, "reference": self.reference, "options": dict(self.options)}


def read_target(name: str, options: Mapping[str, Any] | None = None) -> Target | None:
    """The target with this name; None if it is a task of inwit, as `FILE.py:NAME` may be.

    Args:
        name: as given.
        options: `data`, `held_out`: files of rows; others are the adapter's.

    Raises:
        InvalidOption: a file that it names does not exist, or options are missing.
        UnknownName: the format has no such option.
    """
    options = {key: value for key, value in dict(options or {}).items() if value}
    for each in ("data", "held_out"):
        if options.get(each):
            options[each] = str(_existing(Path(str(options[each]))))
    prefix, colon, rest = name.partition(":")
    if colon and prefix in PREFIXES:
        return _prefixed(name, PREFIXES[prefix], rest, options)
    found = FILE.fullmatch(name)
    if found and (options.get("data") or _is_plain(Path(found["file"]), found["name"])):
        path = _existing(Path(found["file"]))
        reference = f"{path}:{found['name']}"
        folder = (str(path.parent),)
        _check_options(name, "function", options)
        return Target(
            name=name, format="function", reference=reference, options=options, paths=folder
        )
    if options.get("data") and name.endswith(".py"):
        names = ", ".join(f"{name}:{each}" for each in _functions(_existing(Path(name))))
        raise InvalidOption(f"{name} is a file: name its function, {names or 'but it has none'}")
    if colon and prefix != "task" and ".py" not in name:
        raise UnknownName("kind of target", prefix, [*PREFIXES, "task"])
    return None


def file_of(name: str) -> str:
    """The file that a target names, such as that of `trl:FILE.py:NAME`; anything else as it is."""
    prefix, _, rest = name.partition(":")
    name = rest if prefix in (*PREFIXES, "task") else name
    found = FILE.fullmatch(name)
    return found["file"] if found else name


def _prefixed(name: str, kind: str, rest: str, options: Mapping[str, Any]) -> Target:
    if not rest:
        raise InvalidOption(f"'{name}' is not a target: give one of {', '.join(FORMS)}")
    folders = [str(Path.cwd())]
    found = FILE.fullmatch(rest)
    if found:
        path = _existing(Path(found["file"]))
        rest, folders = f"{path}:{found['name']}", [str(path.parent), *folders]
    elif rest.endswith(".py"):
        rest = str(_existing(Path(rest)))
    _check_options(name, kind, options)
    return Target(name=name, format=kind, reference=rest, options=options, paths=tuple(folders))


def _check_options(name: str, kind: str, options: Mapping[str, Any]) -> None:
    for each in options:
        if each not in OPTIONS[kind]:
            raise UnknownName(f"option of {name}", each, OPTIONS[kind])


def _is_plain(path: Path, name: str) -> bool:
    """A file defines a function with this name that is not decorated as a task."""
    return name in _functions(path)


def _functions(path: Path) -> list[str]:
    """The functions of a file that are not decorated as tasks; none if it cannot be read."""
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return []
    return [
        each.name
        for each in tree.body
        if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef)) and not each.decorator_list
    ]


def _existing(path: Path) -> Path:
    """The absolute path of a file or folder.

    Raises:
        InvalidOption: it does not exist; the nearest name is suggested.
    """
    if path.exists():
        return path.resolve()
    folder = path.parent
    beside = [str(folder / each.name) for each in folder.iterdir()] if folder.is_dir() else []
    alike = [each for each in beside if Path(each).suffix == path.suffix]
    near = get_close_matches(str(path), alike or beside, NEAR, 0.4) or sorted(alike)[:NEAR]
    if near:
        raise UnknownName("file or folder", str(path), near, complete=False)
    raise InvalidOption(f"there is no {path}, and nothing like it in {folder.resolve()}")
