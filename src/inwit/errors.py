"""The exceptions that users see.

InwitError                 anything below; the command line prints it in one line and exits with 2
+-- InvalidOption          a value that is out of range or of the wrong type
|   +-- UnknownName        a name that is not in a list: the nearest one is suggested
|   +-- InvalidFile        a file of options: all its mistakes, one per line
|   +-- FailedCode         your own task, policy, learner or the like has raised: where, and what
+-- MissingTask            a run whose task is in a file that was not named
+-- MissingPart            a run whose policy, learner or the like is not registered
+-- InvalidProblem         a problem's text that cannot be read: points at the character
+-- DamagedRun             a run folder that is missing, foreign or damaged, or cannot be written
+-- Diverged               a loss or gradient that is not finite; earlier checkpoints are kept
+-- Interrupted            the user stopped a run; it is saved (exit code 128 + the signal)

An agent's mistake is data (a fault, a wrong answer), never an exception.
"""

import sysconfig
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from inspect import CO_GENERATOR
from pathlib import Path
from shlex import quote
from types import CodeType

OURS = str(Path(__file__).parent)
"""The folder of this package."""
LIBRARIES = (
    "<",
    *(sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")),
)
"""How the files of Python and of installed packages begin, and code that has no file."""


class InwitError(ValueError):
    """The root: a mistake that a user can correct, described in one line."""


class InvalidOption(InwitError):
    """A value that is out of range or of the wrong type."""


class UnknownName(InvalidOption):
    """A name that is not in a list."""

    def __init__(
        self,
        noun: str,
        given: str,
        allowed: Iterable[str],
        *,
        complete: bool = True,
        hint: str = "",
    ) -> None:
        """Describe what was given, what is allowed and the nearest valid choice.

        Args:
            noun: the kind of thing ("task", "tool", ...).
            given: the unknown name.
            allowed: the valid names.
            complete: these are all; otherwise those nearest to it.
            hint: where else it may be.
        """
        self.allowed = names = sorted(allowed)
        close = get_close_matches(given, names, n=1, cutoff=0.5)
        near = f"; did you mean '{close[0]}'?" if close else ""
        verb = "it is one of" if complete else "the nearest are"
        also = f" ({hint})" if hint else ""
        super().__init__(f"unknown {noun} '{given}': {verb} {', '.join(names)}{near}{also}")


class MissingTask(InwitError):
    """A run's task is not built in, and its file was not named."""

    def __init__(self, task: str) -> None:
        """Describe how to name it.

        Args:
            task: the file of the task, or its name.
        """
        file = quote(task) if ".py" in task else "FILE.py"
        super().__init__(
            f"the run was trained on '{task}', which is not built in: name its file with "
            f"--task {file} (from Python, task=...), since that runs the code in it"
        )


class MissingPart(InwitError):
    """A part of a run is neither built in nor registered."""

    def __init__(self, noun: str, name: str, remedy: str = "") -> None:
        """Describe how to register it.

        Args:
            noun: the kind of part ("policy", "learner", ...).
            name: its name.
            remedy: what to do; by default to name a file of the task, which registers it.
        """
        python = "(from Python, register it first)"
        usual = f"name the file that registers it with --task FILE.py {python}"
        super().__init__(
            f"the run was made with the {noun} '{name:.60}', which is not built in: "
            f"{remedy or usual}"
        )


class InvalidFile(InvalidOption):
    """A file of options with mistakes in it."""

    def __init__(self, path: object, mistakes: Iterable[str]) -> None:
        """List all mistakes, one per line.

        Args:
            path: the file.
            mistakes: each with its place, the error and the remedy.
        """
        self.mistakes = [" ".join(each.split()) for each in mistakes]
        super().__init__("\n".join(f"{path}: {each}" for each in self.mistakes))


class InvalidProblem(InwitError):
    """A problem's text that cannot be read or that does not suit the agent."""

    def __init__(self, message: str, text: str = "", position: int | None = None) -> None:
        """Describe the mistake and, if it has a position, point at the character.

        Args:
            message: the mistake and the remedy.
            text: the whole text of the problem.
            position: the character (from 0) of the mistake.
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
    """The user asked a run to stop."""

    def __init__(self, signal: int, message: str = "stopped") -> None:
        """Describe the state of the run.

        Args:
            signal: the number of the signal: 2 for SIGINT, 15 for SIGTERM.
            message: what is saved, and how to resume.
        """
        super().__init__(message)
        self.signal = signal


class FailedCode(InvalidOption):
    """Code of the user's has raised: a task, policy, learner or environment of their own."""


STOPS = (KeyboardInterrupt, GeneratorExit)
"""What ends a program from outside; whatever else a user's code raises is its own, even what is no
`Exception`, such as `SystemExit` or a panic of Rust."""


@contextmanager
def own_code() -> Iterator[None]:
    """While it lasts, what a user's code raises becomes `FailedCode`; a mistake of ours does not.

    Raises:
        FailedCode: from what was raised; it names the function, the file and the line.
    """
    try:
        yield
    except (InwitError, *STOPS):
        raise
    except BaseException as error:
        called = _called(error)
        if called is None:
            raise
        name = called.co_qualname.rpartition("<locals>.")[2]
        raise FailedCode(f"{name} failed: {explained(error)}") from error


def flag_of(option: str, given: object = None) -> str:
    """The flag of an option, as it is typed: `--learner.group-size`; `--no-...` if it is off."""
    before, dot, name = option.rpartition(".")
    return f"--{before}{dot}{'no-' if given is False else ''}{name}".replace("_", "-")


def explained(error: BaseException) -> str:
    """An exception of somebody else's code in one line, with the author's last call."""
    try:
        words = f"{type(error).__name__}: {error!s:.160}"
    except Exception:  # its own method fails
        words = type(error).__name__
    words = " ".join(words.split()).removesuffix(":")
    theirs = [call for call in _calls(error) if not call[0].co_filename.startswith(OURS)]
    own = [call for call in theirs if _is_own(call[0])]
    if not theirs:
        return words
    code, line = (own or theirs)[-1]
    return f"{words} ({Path(code.co_filename).name}:{line} in {code.co_name})"


def _called(error: BaseException) -> CodeType | None:
    """The user's function that this package called last, of those that an exception passed.

    A `with` of ours around a user's code has not called it: its generator comes first.
    """
    found, ours, calls = None, False, [code for code, _ in _calls(error)]
    while calls and calls[0].co_flags & CO_GENERATOR and calls[0].co_filename.startswith(OURS):
        del calls[0]
    for code in calls:
        if _is_own(code):
            found = code if ours else found
            ours = False
        else:
            ours = ours or code.co_filename.startswith(OURS)
    return found


def _calls(error: BaseException) -> list[tuple[CodeType, int]]:
    """The calls that an exception passed, and their lines, the last one last."""
    return [(frame.f_code, line) for frame, line in traceback.walk_tb(error.__traceback__)]


def _is_own(code: CodeType) -> bool:
    """Whether a user has written it."""
    return not code.co_filename.startswith((OURS, *LIBRARIES))
