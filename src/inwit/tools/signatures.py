"""The signature of a function, read when a tool is made from it.

Signatures that would make every call fail are refused: parameters that cannot be passed, types
whose values cannot be held, results that are awaited or yielded.
"""

import inspect
import types
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Iterator,
    MutableSequence,
    Set,
)
from dataclasses import dataclass
from enum import Enum
from functools import partial
from numbers import Complex, Real
from typing import Annotated, Any, Union, get_args, get_origin

from torch import Tensor

from inwit.errors import InvalidOption
from inwit.tools.quoting import described, error_text


class Missing(Enum):
    """The default of a parameter that has none."""

    MISSING = "missing"


MISSING = Missing.MISSING
_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_SPREAD = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}


@dataclass(frozen=True, kw_only=True)
class Argument:
    """One parameter of a function."""

    name: str
    """Its name."""
    kind: Any
    """Its type."""
    default: object = MISSING
    """Its default value."""
    keyword: bool = False
    """Keyword-only: the machine never passes it, so it must have a default."""


@dataclass(frozen=True, kw_only=True)
class Signature:
    """Arguments and result of a function."""

    name: str
    """Name of the function."""
    arguments: tuple[Argument, ...]
    """Its parameters."""
    result: Any
    """Type of its result."""
    text: str
    """The signature as text."""
    doc: str
    """Its docstring."""

    @property
    def row(self) -> tuple[Argument, ...]:
        """The arguments that the machine passes: all positional ones, with or without defaults."""
        return tuple(each for each in self.arguments if not each.keyword)

    @property
    def booleans(self) -> bool:
        """Whether a parameter or the result is a bool."""
        kinds = [*(each.kind for each in self.arguments), self.result]
        return any(bool in members(kind) for kind in kinds)


def read_signature(function: object, *, typed: bool = True) -> Signature:
    """Read the signature of a callable.

    Args:
        function: a function, a method, `functools.partial`, a class or an object with `__call__`.
        typed: every parameter and the result need a type whose values can be held; otherwise all
            are numbers.

    Raises:
        InvalidOption: it cannot be a tool.
    """
    if not callable(function):
        raise InvalidOption(f"{described(function)} is not a tool: write a function with types")
    made: Any = function
    while isinstance(made, partial):
        made = made.func
    name = str(getattr(made, "__name__", type(made).__name__))
    _check_kind(made, name)
    hint = _hint(made, name)
    try:
        read = inspect.signature(function, eval_str=True)
    except Exception as error:  # a type written as text may be anything
        raise InvalidOption(
            f"tool '{name}': its signature cannot be read ({error_text(error)}); {hint}"
        ) from error
    if isinstance(made, type):
        read = read.replace(return_annotation=made)
    arguments = tuple(_argument(each, name, hint, typed) for each in read.parameters.values())
    if all(each.keyword for each in arguments):
        raise InvalidOption(f"tool '{name}' has no parameter: a tool takes at least one argument")
    if typed:
        _check_type(f"tool '{name}': its result", read.return_annotation, hint)
    result = read.return_annotation if typed else float
    doc = inspect.getdoc(made) or ""
    return Signature(name=name, arguments=arguments, result=result, text=str(read), doc=doc)


def _check_kind(function: Any, name: str) -> None:
    """Refuse callables that return no value: coroutines and generators."""
    for each in (function, type(function).__call__):
        if inspect.iscoroutinefunction(each) or inspect.isasyncgenfunction(each):
            raise InvalidOption(f"tool '{name}' is async: write a def that returns its result")
        if inspect.isgeneratorfunction(each):
            raise InvalidOption(f"tool '{name}' yields its results: return one instead")


def _hint(function: object, name: str) -> str:
    """A hint that says how to add a type."""
    if name == "<lambda>":
        return "a lambda cannot have types: write a def"
    if not isinstance(function, type) and not hasattr(function, "__annotations__"):
        return f"call it from a function of your own: def {name.lower()}(value: float) -> float"
    return "write float, str or another one"


def _argument(given: inspect.Parameter, name: str, hint: str, typed: bool) -> Argument:
    what = f"tool '{name}': parameter '{given.name}'"
    if given.kind in _SPREAD:
        raise InvalidOption(
            f"tool '{name}' takes {_SPREAD[given.kind]}{given.name}: a tool takes a fixed number "
            "of arguments; write each as a parameter"
        )
    keyword = given.kind not in _POSITIONAL
    default = MISSING if given.default is given.empty else given.default
    if keyword and default is MISSING:
        raise InvalidOption(f"{what} is keyword-only: give it a default, or remove the *")
    if typed:
        _check_type(what, given.annotation, hint)
    kind = given.annotation if typed else float
    return Argument(name=given.name, kind=kind, default=default, keyword=keyword)


def _check_type(what: str, kind: Any, hint: str) -> None:
    """Refuse a missing type, or one whose values cannot be held."""
    if kind is inspect.Parameter.empty:
        raise InvalidOption(f"{what} has no type; {hint}")
    reasons = [_unfit(each) for each in members(kind)]
    if all(reasons):
        shown = inspect.formatannotation(kind)
        raise InvalidOption(f"{what} is of type {shown}: {reasons[0]}")


def members(kind: Any) -> list[Any]:
    """The member types of a union; for any other type, itself."""
    origin = get_origin(kind)
    if origin is Annotated:
        return members(get_args(kind)[0])
    if origin in (Union, types.UnionType):
        return [each for part in get_args(kind) for each in members(part)]
    return [kind]


def _unfit(kind: Any) -> str:
    """Why values of a type cannot be held; empty if they can."""
    origin = get_origin(kind) or kind
    if origin in (None, type(None)):
        return "it must be a value"
    if not isinstance(origin, type):
        return ""
    if issubclass(origin, Complex) and not issubclass(origin, Real):
        return "a number must be real"
    if issubclass(origin, Tensor):
        return "write float, or make the tool with batched=True"
    if issubclass(origin, (Iterator, AsyncIterator, Awaitable)):
        return "it can be read only once; a tuple can be held"
    if issubclass(origin, MutableSequence) or not _hashed(origin):
        return "it cannot be hashed; a tuple, a string or a frozen dataclass can"
    if origin in (tuple, frozenset):
        parts = [members(each) for each in get_args(kind) if each not in (Ellipsis, None)]
        reasons = [[_unfit(each) for each in part if each is not type(None)] for part in parts]
        return next((part[0] for part in reasons if part and all(part)), "")
    return ""


def _hashed(kind: Any) -> bool:
    return kind.__hash__ is not None or kind is Set  # it may be a frozenset
