"""Values in the form of a language model: numbers, texts, and names for other objects."""

from enum import Enum
from math import isfinite
from typing import Any

from pydantic import ValidationError

from inwit.answers import number
from inwit.tools import error_text, is_number, quoted, text_of, to_float
from inwit.tools.numbers import converter, plain
from inwit.tools.signatures import members
from inwit.tools.texts import adapter_of

Plain = int | float | bool | str


class Fault(ValueError):
    """A failed call; its message is given to the model."""


class Values:
    """The values of one episode.

    Numbers and texts are written as they are, and so is anything whose text can be parsed (a date
    as `2026-11-22`). Any other object gets a name such as `Polygon#1`.
    """

    def __init__(self) -> None:
        """Start without names."""
        self.objects: dict[str, object] = {}

    def write(self, value: object, kind: Any = float) -> Plain:
        """A value in JSON.

        Args:
            value: the value.
            kind: its declared type, since bools are held as numbers.
        """
        if is_number(value):
            held = to_float(value)
            if kind is bool:
                return bool(held)
            return plain(held) if abs(held) < 2**53 else held
        if isinstance(value, Enum):
            value = value.value
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
        """Read a value from JSON.

        Raises:
            Fault: it is not of this type.
        """
        if isinstance(given, str) and given in self.objects:
            return self.objects[given]
        if isinstance(given, bool) and bool not in members(kind):
            raise Fault(f"{given} does not fit: true and false are not numbers here")
        known = kind in (bool, int, float) or (isinstance(kind, type) and issubclass(kind, Enum))
        convert = None if known else converter(kind)
        adapter = adapter_of(float if convert else kind)
        if isinstance(given, str) and (convert or kind in (int, float)):
            given = self._number(given)
        try:
            value = adapter.validate_python(given)
            if not _same_bools(given, adapter, value):
                raise Fault(f"{quoted(given)} does not fit: true and false are not numbers here")
            return convert(value) if convert and isfinite(value) else value
        except (KeyboardInterrupt, Fault):
            raise
        except BaseException as error:  # a user's type may raise anything
            try:
                if isinstance(given, str):
                    return adapter.validate_json(given)
            except Exception:  # what the type says of the value itself is told
                pass
            reason = error_text(error)
            if isinstance(error, ValidationError):
                reason = error.errors()[0]["msg"]
            raise Fault(f"{quoted(given)} does not fit: {reason}") from error

    def _number(self, text: str) -> int | float:
        """Read a number from a text.

        Raises:
            Fault: it is not unambiguously a number.
        """
        value = number(text.strip())
        if value is None:
            raise Fault(f"{quoted(text)} does not fit: it cannot be read as one number")
        return int(value) if value.denominator == 1 else float(value)


def _same_bools(given: object, adapter: Any, held: object) -> bool:
    """A bool was read as a bool, and not as 1 or 0."""
    if "True" not in (text := repr(given)) and "False" not in text:
        return True
    return _agree(given, adapter.dump_python(held, mode="json"))


def _agree(given: object, held: object) -> bool:
    if isinstance(given, bool):
        return isinstance(held, bool)
    if isinstance(given, dict) and isinstance(held, dict):
        return all(_agree(value, held.get(name)) for name, value in given.items() if name in held)
    if isinstance(given, (list, tuple)) and isinstance(held, (list, tuple)):
        return all(_agree(*pair) for pair in zip(given, held, strict=False))
    return True
