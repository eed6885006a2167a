"""The task of a Python file: `my_task.py`, or `my_task.py:name` where it has several.

Reading one runs its code. It is done where the user names the file, never for what a run folder
says.
"""

import importlib.util
import sys
from os.path import isdir, isfile
from pathlib import Path
from types import ModuleType

from inwit.errors import InvalidOption, UnknownName
from inwit.parts import missing_members
from inwit.tasks.base import Task
from inwit.tools import error_text


def is_file(name: str) -> bool:
    """Whether a task is named by its file."""
    return name.partition(":")[0].endswith(".py")


def read_task(name: str) -> Task:
    """The task of a file.

    Raises:
        InvalidOption: the file cannot be read or run, or has no task, or several.
        UnknownName: it has none of this name.
    """
    place, _, wanted = name.partition(":")
    module = _run(Path(place))
    tasks = {key: value for key, value in vars(module).items() if isinstance(value, Task)}
    due = "write one with @inwit.task"
    for key, value in vars(module).items():
        own = isinstance(value, type) and value.__module__ == module.__name__
        if not (own and issubclass(value, Task)):
            continue
        if missing := missing_members(value):
            due = f"{key} has no {', no '.join(missing)}"
        else:
            tasks[key] = value()
    if wanted:
        if wanted not in tasks:
            raise UnknownName(f"task of {place}", wanted, tasks)
        return tasks[wanted]
    if len(tasks) != 1:
        told = ", ".join(f"{place}:{key}" for key in tasks) or due
        raise InvalidOption(f"{place} has {len(tasks)} tasks, one is due: {told}")
    return next(iter(tasks.values()))


def _run(path: Path) -> ModuleType:
    """The file as a module; what stands beside it can be imported."""
    spec = importlib.util.spec_from_file_location(f"inwit_task_{path.stem}", path)
    if spec is None or spec.loader is None or not isfile(path):
        reason = "it is a folder: a file is due" if isdir(path) else "there is no such file"
        raise InvalidOption(f"{path} cannot be read: {reason}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # types are looked up there
    sys.path.insert(0, str(path.resolve().parent))
    try:
        spec.loader.exec_module(module)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise InvalidOption(f"{path}{_line(error, path)}: {error_text(error)}") from error
    finally:
        sys.path.pop(0)
    return module


def _line(error: BaseException, path: Path) -> str:
    """The line of the file at which it went wrong: `:12`."""
    if isinstance(error, SyntaxError):
        return f":{error.lineno}"
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            line = trace.tb_lineno
        trace = trace.tb_next
    return f":{line}" if line else ""
