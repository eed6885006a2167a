"""What can go wrong for a user: the exception tree.

InwitError                 anything below; the command line prints it in one line and exits with 2
+-- InvalidOption          a value that is out of range or of the wrong type
|   +-- UnknownName        a name that is not in a list: the nearest one is suggested
|   +-- InvalidFile        a file of options: all its mistakes, a line each
+-- MissingTask            a run whose task is in a file that was not named
+-- InvalidProblem         a problem's text that cannot be read: points at the character
+-- DamagedRun             a run folder that is missing, foreign or damaged, or cannot be written
+-- Diverged               a loss or gradient that is not finite; what was learnt before is kept
+-- Interrupted            somebody stopped a run; it is saved (exit code 128 + the signal)

What an agent does wrong is data (a fault, a wrong answer), never an exception.
"""

from collections.abc import Iterable
from difflib import get_close_matches


class InwitError(ValueError):
    """The root: a mistake that a user can mend, told in one line."""


class InvalidOption(InwitError):
    """A value that is out of range or of the wrong type."""


class UnknownName(InvalidOption):
    """A name that is not in a list."""

    def __init__(self, noun: str, given: str, allowed: Iterable[str]) -> None:
        """Say what was given, what is allowed and the nearest valid choice.

        Args:
            noun: what was to be named ("task", "tool", ...).
            given: the name that was given.
            allowed: the names that exist.
        """
        names = sorted(allowed)
        close = get_close_matches(given, names, n=1, cutoff=0.5)
        hint = f"; did you mean '{close[0]}'?" if close else ""
        super().__init__(f"unknown {noun} '{given}': it is one of {', '.join(names)}{hint}")


class MissingTask(InwitError):
    """A run was trained on a task that is not built in, and its file was not named."""

    def __init__(self, task: str) -> None:
        """Say how to name it.

        Args:
            task: the file of the task, or its name.
        """
        file = task if ".py" in task else "FILE.py"
        super().__init__(
            f"the run was trained on '{task}', which is not built in: name its file with "
            f"--task {file} (from Python, task=...), since that runs the code in it"
        )


class InvalidFile(InvalidOption):
    """A file of options with mistakes in it."""

    def __init__(self, path: object, mistakes: Iterable[str]) -> None:
        """Tell all mistakes, a line each.

        Args:
            path: the file.
            mistakes: what is wrong, with its place, and what would be right.
        """
        self.mistakes = [" ".join(each.split()) for each in mistakes]
        super().__init__("\n".join(f"{path}: {each}" for each in self.mistakes))


class InvalidProblem(InwitError):
    """A problem's text that cannot be read or that an agent was not made for."""

    def __init__(self, message: str, text: str = "", position: int | None = None) -> None:
        """Say what is wrong and, where it is one place, point at the character.

        Args:
            message: what is wrong and what would be right.
            text: the whole text of the problem.
            position: the character (from 0) at which it goes wrong.
        """
        if position is not None:
            start = max(0, position - 30)
            shown = text[start : position + 30].replace("\n", " ").replace("\t", " ")
            message = f"{message}\n  {shown}\n  {' ' * (position - start)}^"
        super().__init__(message)
        self.position = position


class DamagedRun(InwitError):
    """A run folder that is missing, foreign or damaged, or cannot be written."""


class Diverged(InwitError):
    """A loss or gradient that is not finite."""


class Interrupted(InwitError):
    """Somebody asked a run to stop."""

    def __init__(self, signal: int, message: str = "stopped") -> None:
        """Say what became of the run.

        Args:
            signal: the number of the signal: 2 for SIGINT, 15 for SIGTERM.
            message: what is kept, and how to go on.
        """
        super().__init__(message)
        self.signal = signal
