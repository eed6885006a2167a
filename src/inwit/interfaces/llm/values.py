"""Values as a language model writes and reads them: numbers, text, and names for other objects."""

from typing import Any

from pydantic import ValidationError

from inwit.tools import text_of
from inwit.tools.texts import adapter_of

Plain = int | float | bool | str
LONGEST = 60
"""Characters of a value that are quoted in a message."""


class Fault(ValueError):
    """A call that failed, and why: data for whoever made it."""


class Values:
    """The values of one attempt.

    Numbers and text stand for themselves, and so does anything whose text can be read back (a date
    as `2026-11-22`). Any other object gets a name such as `Polygon#1`.
    """

    def __init__(self) -> None:
        """No object has a name yet."""
        self.objects: dict[str, object] = {}

    def write(self, value: object, kind: Any = float) -> Plain:
        """A value as JSON can hold it.

        Args:
            value: what is to be written.
            kind: the type that was promised: what is a bool is held as a number.
        """
        if isinstance(value, (int, float)):
            if kind is bool:
                return bool(value)
            whole = float(value).is_integer() and abs(value) < 2**53
            return int(value) if whole else float(value)
        if isinstance(value, str):
            return value
        text = text_of(value)
        if text is not None:
            return text
        return self._name(value)

    def _name(self, value: object) -> str:
        for name, known in self.objects.items():
            if type(known) is type(value) and known == value:
                return name
        name = f"{type(value).__name__}#{len(self.objects) + 1}"
        self.objects[name] = value
        return name

    def read(self, given: object, kind: Any) -> object:
        """What was meant by a value in JSON.

        Raises:
            Fault: it is not of this type.
        """
        if isinstance(given, str) and given in self.objects:
            return self.objects[given]
        adapter = adapter_of(kind)
        try:
            return adapter.validate_python(given)
        except ValidationError as error:
            try:
                if isinstance(given, str):
                    return adapter.validate_json(given)
            except ValidationError:
                pass
            reason = error.errors()[0]["msg"]
            raise Fault(f"{given!r:.{LONGEST}} does not fit: {reason}") from error
