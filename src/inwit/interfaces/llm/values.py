"""Values as a language model writes and reads them: numbers, text, and names for other objects."""

import json
from enum import Enum
from math import isfinite
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError

from inwit.tools import is_number, quoted, to_float, told
from inwit.tools.numbers import converter, plain
from inwit.tools.signatures import members

Plain = int | float | bool | str


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
        if is_number(value):
            number = to_float(value)
            if kind is bool:
                return bool(number)
            return plain(number) if abs(number) < 2**53 else number
        if isinstance(value, Enum):
            value = value.value
        if isinstance(value, str):
            return value
        text = _text(value)
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
        if isinstance(given, bool) and bool not in members(kind):
            raise Fault(f"{given} does not fit: true and false are no numbers here")
        known = kind in (bool, int, float) or (isinstance(kind, type) and issubclass(kind, Enum))
        convert = None if known else converter(kind)
        adapter = _adapter(float if convert else kind)
        try:
            value = adapter.validate_python(given)
            return convert(value) if convert and isfinite(value) else value
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # a type of anybody's may raise whatever it likes
            try:
                if isinstance(given, str):
                    return adapter.validate_json(given)
            except ValidationError:
                pass
            reason = told(error)
            if isinstance(error, ValidationError):
                reason = error.errors()[0]["msg"]
            raise Fault(f"{quoted(given)} does not fit: {reason}") from error


def _adapter(kind: Any) -> Any:
    try:
        return TypeAdapter(kind, config=ConfigDict(arbitrary_types_allowed=True))
    except Exception:  # a model or a dataclass brings a configuration of its own
        return TypeAdapter(kind)


def _text(value: object) -> str | None:
    """The text of an object, if it can be read back."""
    try:
        adapter = _adapter(type(value))
        held = adapter.dump_python(value, mode="json")
        text = held if isinstance(held, str) else json.dumps(held)
        again = adapter.validate_python(text) if text is held else adapter.validate_json(text)
        return text if again == value else None
    except Exception:  # there is no end to what a stranger's type may raise
        return None
