"""Values as the types of a function's parameters and result have them."""

import numbers
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

from pydantic import ConfigDict, PydanticUserError, TypeAdapter, ValidationError

from inwit.errors import InvalidOption
from inwit.tools.numbers import LARGEST, converter, plain, scalar, to_float
from inwit.tools.quoting import quoted, told
from inwit.tools.signatures import members


class Reader:
    """Reads values of one type; a number may come in any other type of numbers."""

    def __init__(self, kind: Any, what: str, where: str) -> None:
        """Prepare for a type.

        Args:
            kind: the type.
            what: what is read, for messages: `it returned`.
            where: the same where the type itself is meant: `tool 'add': its result`.

        Raises:
            InvalidOption: there is no telling whether a value is of this type.
        """
        self.check, kinds = _check(kind, where), members(kind)
        self.what, self.booleans = what, bool in kinds
        self.converters = [*filter(None, map(converter, kinds)), plain]

    def read(self, given: object) -> object:
        """A value as this type has it.

        Raises:
            Exception: it is not of this type.
        """
        if type(given) is float and abs(given) < LARGEST:
            return self._number(given)
        value = scalar(given)
        if isinstance(value, bool) and not self.booleans:
            raise TypeError(f"{self.what} {value}: a bool is a number only where the type is bool")
        if isinstance(value, numbers.Number):
            return self._number(to_float(given))
        try:
            return self.check(value)
        except ValidationError as error:
            raise self._misfit(value, error) from error

    def _number(self, value: float) -> object:
        """The number as the first type of the union has it that can."""
        problem: Exception | None = None
        for convert in self.converters:
            try:
                return self.check(convert(value))
            except (ValueError, ArithmeticError) as error:
                problem = problem or error
        assert problem is not None
        raise self._misfit(plain(value), problem) from problem

    def _misfit(self, value: object, problem: Exception) -> TypeError:
        reason = told(problem)
        if isinstance(problem, ValidationError):
            reason = problem.errors()[0]["msg"]
        return TypeError(f"{self.what} {quoted(value)}: {reason}")


def _check(kind: Any, where: str) -> Callable[[object], object]:
    """What gives a value back if it is of this type, and raises otherwise."""
    strict = ConfigDict(strict=True, arbitrary_types_allowed=True)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("error", message=".* is not a Python type")
            try:
                return TypeAdapter(kind, config=strict).validate_python
            except PydanticUserError:  # a dataclass brings a configuration of its own
                return partial(TypeAdapter(kind).validate_python, strict=True)
    except Exception as error:
        raise InvalidOption(
            f"{where} is of a type that cannot be checked: {told(error)}"
        ) from error
