"""The terminal as all commands print on it."""

from rich.console import Console


def terminal(*, stderr: bool = False) -> Console:
    """A console that shows text as it is: a `:name:` in a problem is no picture."""
    return Console(stderr=stderr, emoji=False)
