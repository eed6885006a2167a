"""Conversion of values to the types of a function's parameters and result."""

import numbers
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any, cast

from pydantic import ConfigDict, PydanticUserError, TypeAdapter, ValidationError

from inwit.errors import InvalidOption
from inwit.tools.numbers import EXACT, NUMBER_LIMIT, converter, plain, scalar, to_float
from inwit.tools.quoting import error_text, quoted
from inwit.tools.signatures import members


class Reader:
    """Reads values of one type; a number may come in any numeric type."""

    def __init__(self, kind: Any, what: str, where: str) -> None:
        """Prepare to read one type.

        Args:
            kind: the type.
            what: how messages name the value: `it returned`.
            where: how messages name the type: `tool 'add': its result`.

        Raises:
            InvalidOption: values of this type cannot be checked.
        """
        self.check, kinds = _check(kind, where), members(kind)
        self.what, self.booleans = what, bool in kinds
        self.converters = [*filter(None, map(converter, kinds)), plain]
        self.simple = kind if kind is int or kind is float else None

    def read(self, given: object) -> object:
        """Convert a value to this type.

        Raises:
            Exception: the value is not of this type.
        """
        kind: Any = type(given)
        if kind is float and abs(number := cast("float", given)) < NUMBER_LIMIT:
            return self._simple(number)
        if kind is int and self.simple is int and abs(cast("int", given)) < EXACT:
            return given
        value = given if kind is str else scalar(given)
        if isinstance(value, bool) and not self.booleans:
            raise TypeError(f"{self.what} {value}: a bool is a number only where the type is bool")
        if kind is not str and isinstance(value, numbers.Number):
            return self._number(to_float(given))
        try:
            return self.check(value)
        except ValidationError as error:
            raise self._misfit(value, error) from error

    def _simple(self, value: float) -> object:
        """Convert a number at once where the type is int or float, and nothing else."""
        if self.simple is float:
            return value
        if self.simple is int and value.is_integer():
            return int(value)
        return self._number(value)

    def _number(self, value: float) -> object:
        """Convert a number to the first type of the union that accepts it."""
        problem: Exception | None = None
        for convert in self.converters:
            try:
                return self.check(convert(value))
            except (ValueError, ArithmeticError) as error:
                problem = problem or error
        assert problem is not None
        raise self._misfit(plain(value), problem) from problem

    def _misfit(self, value: object, problem: Exception) -> TypeError:
        reason = error_text(problem)
        if isinstance(problem, ValidationError):
            reason = problem.errors()[0]["msg"]
        return TypeError(f"{self.what} {quoted(value)}: {reason}")


def _check(kind: Any, where: str) -> Callable[[object], object]:
    """A function that returns a value of this type unchanged and raises on any other."""
    strict = ConfigDict(strict=True, arbitrary_types_allowed=True)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("error", message=".* is not a Python type")
            try:
                return TypeAdapter(kind, config=strict).validate_python
            except PydanticUserError:  # a dataclass has its own configuration
                return partial(TypeAdapter(kind).validate_python, strict=True)
    except Exception as error:
        raise InvalidOption(
            f"{where} is of a type that cannot be checked: {error_text(error)}"
        ) from error
