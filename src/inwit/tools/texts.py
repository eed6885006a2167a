"""Values as text: every digit of a number, and objects so that they can be read back."""

from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError

from inwit.texts import to_json

SMALLEST, LARGEST = 1e-6, 1e21
"""Numbers between these are written without an exponent."""


def digits(number: float) -> str:
    """All digits of a number: the text reads back as the same float64."""
    number = float(number)
    if number.is_integer():
        return str(int(number)) if abs(number) < LARGEST else repr(number)
    return plain_digits(number) if abs(number) >= SMALLEST else repr(number)


def plain_digits(number: float) -> str:
    """All digits of a number, never with an exponent."""
    return str(int(number)) if number.is_integer() else format(Decimal(repr(number)), "f")


def fraction_digits(value: Fraction) -> str:
    """All digits of a fraction as a decimal, or `1/3` where they have no end."""
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
    """The text of a value, from which `value_of` makes it again; None where there is none."""
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
    except BaseException:  # there is no end to what a stranger's type may raise
        return None


def value_of(given: object, kind: Any) -> object:
    """The value of a type that was meant, by a value or by its text.

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
    """The value of a type that a text means; a number is no date.

    Raises:
        ValueError: it means none.
    """
    if kind is str:
        return text
    value = value_of(text, kind)
    if _is_number(text) and not _is_number(text_of(value) or ""):
        raise ValueError(f"{text} is a number and no {kind.__name__}")
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
    except Exception:  # a model or a dataclass brings a configuration of its own
        return TypeAdapter(kind)


def adapter_of(kind: Any) -> Any:
    """What reads and writes values of a type."""
    try:
        return _adapter(kind)
    except TypeError:  # a type that cannot be hashed
        return _adapter.__wrapped__(kind)
