"""Loads a task from a Python file: `my_task.py`, or `my_task.py:name` if it has several.

Loading runs the file's code. It happens only when the user names the file, never because a run
folder does.
"""

import hashlib
import importlib.util
import sys
from importlib.machinery import PathFinder
from os.path import dirname, isdir, isfile, split
from pathlib import Path
from types import ModuleType
from typing import cast

from inwit.errors import InvalidOption, UnknownName
from inwit.parts import missing_members, part_class
from inwit.tasks.base import Task
from inwit.tools import error_text

FOLDERS = set[Path]()
"""The folders whose files have been run here."""


def is_file(name: str) -> bool:
    """Whether the name of a task is a file."""
    return name.partition(":")[0].endswith(".py")


def read_task(name: str) -> Task:
    """Load the task of a file.

    Raises:
        InvalidOption: the file cannot be read or run, or it has no task or several.
        UnknownName: it has no task of this name.
    """
    place, _, wanted = name.partition(":")
    module = _run(Path(place))
    tasks = {key: value for key, value in vars(module).items() if isinstance(value, Task)}
    refused = dict[str, str]()
    for key, value in vars(module).items():
        own = isinstance(value, type) and value.__module__ == module.__name__
        if own and issubclass(value, Task):
            try:
                tasks[key] = _made(value)
            except InvalidOption as error:
                refused[key] = str(error)
    if wanted in refused:
        raise InvalidOption(f"{place}: {refused[wanted]}")
    if wanted:
        if wanted not in tasks:
            raise UnknownName(f"task of {place}", wanted, tasks)
        return tasks[wanted]
    if len(tasks) != 1:
        hint = next(iter(refused.values()), "write one with @inwit.task")
        hint = f"name one: {', '.join(f'{place}:{key}' for key in tasks)}" if tasks else hint
        raise InvalidOption(f"{place} has {len(tasks)} tasks: {hint}")
    return next(iter(tasks.values()))


def _made(kind: type[Task]) -> Task:
    """A task of a file's class, which need not be registered.

    Raises:
        InvalidOption: it cannot be a part of a run.
    """
    if missing := missing_members(kind):
        raise InvalidOption(f"{kind.__name__} has no {', no '.join(missing)}")
    fields = "__dataclass_fields__"
    inherits = hasattr(kind, fields) and fields not in vars(kind)
    return kind() if inherits else cast(type[Task], part_class(kind))()


def _run(path: Path) -> ModuleType:
    """Import the file as a module of its own; it can import its neighbours."""
    if not isfile(path):
        reason = "it is a folder, not a file" if isdir(path) else "there is no such file"
        raise InvalidOption(f"{path} cannot be read: {reason}")
    place = path.resolve()
    digest = hashlib.sha256(str(place).encode()).hexdigest()[:12]
    spec = importlib.util.spec_from_file_location(f"inwit_task_{path.stem}_{digest}", path)
    assert spec is not None  # its name ends in .py
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # annotations are resolved there
    _forget_neighbours_of_others(place.parent)
    sys.path.insert(0, str(place.parent))
    try:
        spec.loader.exec_module(module)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise InvalidOption(f"{path}{_line(error, path)}: {error_text(error)}") from error
    finally:
        sys.path.pop(0)
    return module


def _forget_neighbours_of_others(folder: Path) -> None:
    """Let a file import its own neighbours where those of another file have the same names."""
    others = {str(each) for each in FOLDERS - {folder}}
    for name, module in list(sys.modules.items()):
        place, file = split(getattr(module, "__file__", None) or "")
        place = dirname(place) if file == "__init__.py" else place
        if place in others and PathFinder.find_spec(name, [str(folder)]):
            for each in [each for each in sys.modules if f"{each}.".startswith(f"{name}.")]:
                del sys.modules[each]
    FOLDERS.add(folder)


def _line(error: BaseException, path: Path) -> str:
    """The line of the file that failed: `:12`."""
    if isinstance(error, SyntaxError):
        return f":{error.lineno}"
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            line = trace.tb_lineno
        trace = trace.tb_next
    return f":{line}" if line else ""
