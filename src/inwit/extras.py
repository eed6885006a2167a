"""Packages that only some ways to use the library need."""

from importlib import import_module
from types import ModuleType

from inwit.errors import InvalidOption


def require(module: str, extra: str) -> ModuleType:
    """An optional package.

    Args:
        module: its name for Python.
        extra: the extra of ours that installs it.

    Raises:
        InvalidOption: it is not installed.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise InvalidOption(f"{module} is not installed: pip install 'inwit[{extra}]'") from error
