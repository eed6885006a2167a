"""Quote users' values and errors in messages, even where their methods fail."""

from collections.abc import Callable

MAX_VALUE, MAX_ERROR = 60, 200
"""Maximum characters of a quoted value and of a quoted error."""


def described(value: object) -> str:
    """A value with its type."""
    return f"the {type(value).__name__} {quoted(value)}"


def quoted(value: object) -> str:
    """A value's `repr`, cut."""
    text = _tried(repr, value)
    if text is None:
        return "whose repr fails"
    return text if len(text) <= MAX_VALUE else f"{text[:MAX_VALUE]}..."


def written(value: object) -> str:
    """A value's `str`."""
    text = _tried(str, value)
    return f"the {type(value).__name__} whose str fails" if text is None else text


def error_text(error: BaseException) -> str:
    """An error in one line."""
    text = f"{type(error).__name__}: {_tried(str, error) or ''}"
    return text.partition("\n")[0][:MAX_ERROR].removesuffix(": ")


def _tried(function: Callable[[object], str], value: object) -> str | None:
    """The result of `repr` or `str`; None if it fails."""
    try:
        return function(value)
    except KeyboardInterrupt:
        raise
    except BaseException:  # a user's method, or an int of more digits than Python writes
        return None
