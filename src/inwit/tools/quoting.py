"""Values and errors of a user's own in messages, whatever their methods do."""

from collections.abc import Callable

SHOWN, LONGEST = 60, 200
"""Characters of a value, and of an error, that a message quotes."""


def described(value: object) -> str:
    """A value with its type."""
    return f"the {type(value).__name__} {quoted(value)}"


def quoted(value: object) -> str:
    """The beginning of a value's `repr`."""
    text = _tried(repr, value)
    if text is None:
        return "whose repr fails"
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."


def written(value: object) -> str:
    """A value as people read it."""
    text = _tried(str, value)
    return f"the {type(value).__name__} whose str fails" if text is None else text


def told(error: BaseException) -> str:
    """An error in one line."""
    text = f"{type(error).__name__}: {_tried(str, error) or ''}"
    return text.partition("\n")[0][:LONGEST].removesuffix(": ")


def _tried(function: Callable[[object], str], value: object) -> str | None:
    """What `repr` or `str` gives; None where it fails."""
    try:
        return function(value)
    except KeyboardInterrupt:
        raise
    except BaseException:  # a user's method, or an int of more digits than Python writes
        return None
