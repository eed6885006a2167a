"""Loads a task from a Python file: `my_task.py`, or `my_task.py:name` if it has several.

Loading runs the file's code. It happens only when the user names the file, never because a run
folder does.
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
    hint = "write one with @inwit.task"
    for key, value in vars(module).items():
        own = isinstance(value, type) and value.__module__ == module.__name__
        if not (own and issubclass(value, Task)):
            continue
        if missing := missing_members(value):
            hint = f"{key} has no {', no '.join(missing)}"
        else:
            tasks[key] = value()
    if wanted:
        if wanted not in tasks:
            raise UnknownName(f"task of {place}", wanted, tasks)
        return tasks[wanted]
    if len(tasks) != 1:
        hint = f"name one: {', '.join(f'{place}:{key}' for key in tasks)}" if tasks else hint
        raise InvalidOption(f"{place} has {len(tasks)} tasks: {hint}")
    return next(iter(tasks.values()))


def _run(path: Path) -> ModuleType:
    """Import the file as a module; it can import its neighbours."""
    spec = importlib.util.spec_from_file_location(f"inwit_task_{path.stem}", path)
    if spec is None or spec.loader is None or not isfile(path):
        reason = "it is a folder, not a file" if isdir(path) else "there is no such file"
        raise InvalidOption(f"{path} cannot be read: {reason}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # annotations are resolved there
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
    """The line of the file that failed: `:12`."""
    if isinstance(error, SyntaxError):
        return f":{error.lineno}"
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            line = trace.tb_lineno
        trace = trace.tb_next
    return f":{line}" if line else ""
