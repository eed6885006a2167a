"""Optional packages."""

from importlib import import_module
from types import ModuleType

from inwit.errors import InvalidOption


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
