"""The terminal as all commands print on it."""

from rich.console import Console


def terminal(*, stderr: bool = False) -> Console:
    """A console that shows text as it is: `:name:` is no picture, and `[name]` no style."""
    return Console(stderr=stderr, emoji=False, markup=False)
