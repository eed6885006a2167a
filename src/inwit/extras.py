"""Optional packages, modules that a user names, and names that are imported at first use.

A user's code may also change the working folder, where its own files are: `back_in` undoes that.
"""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType
from typing import Any

from inwit.errors import InvalidOption

NEAR = 5


def require(module: str, extra: str) -> ModuleType:
    """Import an optional package.

    Args:
        module: its module name.
        extra: the extra of inwit that installs it.

    Raises:
        InvalidOption: it is not installed.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise InvalidOption(f"{module} is not installed: pip install 'inwit[{extra}]'") from error


def at_first_use(package: str, modules: Mapping[str, str]) -> Callable[[str], Any]:
    """A package's `__getattr__`: its public names are imported when they are first used.

    Args:
        package: its `__name__`.
        modules: the module of each name, within the package.
    """

    def look_up(name: str) -> Any:
        if name not in modules:
            raise AttributeError(f"module '{package}' has no attribute '{name}'")
        value = getattr(import_module(f"{package}.{modules[name]}"), name)
        setattr(sys.modules[package], name, value)  # looked up once
        return value

    return look_up


def is_module(name: str) -> bool:
    """Whether a module of this name can be found, also in this folder; it is not imported."""
    first = name.partition(".")[0]
    if not all(part.isidentifier() for part in name.split(".")):
        return False
    _look_here()
    try:
        return find_spec(first) is not None
    except ValueError:  # for example `__main__`
        return False


def import_named(name: str) -> ModuleType:
    """Import a module that a user named.

    Args:
        name: as in an import statement, such as "package.module".

    Raises:
        InvalidOption: there is no such module; names like it that exist are listed. Whatever the
            module raises while it is imported is its author's, and passes through.

    The working folder is looked at last, which the command line otherwise does not do.
    """
    _look_here()
    if not all(part.isidentifier() for part in name.split(".")):
        raise InvalidOption(f"'{name}' is not a module: name one as in an import, package.module")
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        missing = error.name or ""
        if not f"{name}.".startswith(f"{missing}."):  # a module that this one needs
            raise
    package, _, last = missing.rpartition(".")
    inside = f" in {package}" if package else ""
    places = getattr(sys.modules.get(package), "__path__", ()) if package else None
    beside = {each.name for each in iter_modules(places)} if places != () else set()
    near = get_close_matches(last, beside, NEAR, 0.6)
    hint = f"did you mean {' or '.join(near)}?" if near else "is it installed, and on PYTHONPATH?"
    raise InvalidOption(f"there is no module '{last}'{inside} to import; {hint}")


def _look_here() -> None:
    """Have the working folder among those in which modules are looked for, as the last one."""
    if (here := os.getcwd()) not in sys.path:
        sys.path.append(here)


def working_folder() -> Path | None:
    """Where this process is, and relative paths begin; None if that was removed."""
    try:
        return Path.cwd()
    except OSError:
        return None


@contextmanager
def back_in(folder: Path | None) -> Iterator[None]:
    """Be for a while where one was: a user's code may have gone elsewhere, and stays there."""
    theirs = working_folder()
    try:
        if folder is not None:
            os.chdir(folder)
        yield
    finally:
        if theirs is not None:
            os.chdir(theirs)
