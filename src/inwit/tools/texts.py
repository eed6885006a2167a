"""Values as text that reads back as the same value: every digit of a number, and objects."""

from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError

from inwit.texts import to_json

PLAIN_FROM, PLAIN_BELOW = 1e-6, 1e21
"""Numbers between these are written without an exponent."""


def digits(number: float) -> str:
    """All digits of a number: the text reads back as the same float64."""
    number = float(number)
    if number.is_integer():
        return str(int(number)) if abs(number) < PLAIN_BELOW else repr(number)
    return plain_digits(number) if abs(number) >= PLAIN_FROM else repr(number)


def plain_digits(number: float) -> str:
    """All digits of a number, never with an exponent."""
    return str(int(number)) if number.is_integer() else format(Decimal(repr(number)), "f")


def fraction_digits(value: Fraction) -> str:
    """A fraction as an exact decimal, or as `1/3` if the decimal does not end."""
    under, places = value.denominator, 0
    for factor in (2, 5):
        count = 0
        while under % factor == 0:
            under, count = under // factor, count + 1
        places = max(places, count)
    if under > 1:
        return str(value)
    whole = abs(value.numerator) * 10**places // value.denominator
    shown, sign = str(whole).rjust(places + 1, "0"), "-" if value < 0 else ""
    return f"{sign}{shown[:-places]}.{shown[-places:]}" if places else sign + shown


def text_of(value: object) -> str | None:
    """The text of a value, which `value_of` reads back; None if there is none."""
    if isinstance(value, str):
        return value
    if isinstance(value, (int, float)):
        return str(value) if isinstance(value, int) else digits(value)
    if isinstance(value, Fraction):
        return fraction_digits(value)
    try:
        adapter = adapter_of(type(value))
        held = adapter.dump_python(value, mode="json")
        text = held if isinstance(held, str) else to_json(held, ensure_ascii=False)
        return text if value_of(text, type(value)) == value else None
    except KeyboardInterrupt:
        raise
    except BaseException:  # a user's type may raise anything
        return None


def value_of(given: object, kind: Any) -> object:
    """Convert a value, or its text, to a type.

    Raises:
        ValueError: it is not of this type.
    """
    adapter = adapter_of(kind)
    try:
        return adapter.validate_python(given)
    except ValidationError:
        if not isinstance(given, str):
            raise
    return adapter.validate_json(given)


def read_value(text: str, kind: type) -> object:
    """Read a text as a type; a number is not a date.

    Raises:
        ValueError: the text is not of this type.
    """
    if kind is str:
        return text
    value = value_of(text, kind)
    if _is_number(text) and not _is_number(text_of(value) or ""):
        raise ValueError(f"{text} is a number, not a {kind.__name__}")
    return value


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=256)
def _adapter(kind: Any) -> Any:
    try:
        return TypeAdapter(kind, config=ConfigDict(arbitrary_types_allowed=True))
    except Exception:  # a model or a dataclass has its own configuration
        return TypeAdapter(kind)


def adapter_of(kind: Any) -> Any:
    """The adapter that reads and writes values of a type."""
    try:
        return _adapter(kind)
    except TypeError:  # a type that cannot be hashed
        return _adapter.__wrapped__(kind)
