"""`@inwit.tool`: any typed Python function as a tool.

What a function does wrong is data: where it raises, takes too long, dies or gives what it did not
promise, that call is a fault and its reason is kept; the others go on.
"""

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any, get_type_hints, overload

import torch
from jaxtyping import Float
from pydantic import ConfigDict, PydanticUserError, TypeAdapter, ValidationError
from torch import Tensor

from inwit.errors import InvalidOption
from inwit.tools.base import FAULT, Tool
from inwit.tools.objects import HANDLES, decode, encode

REMEMBERED = 2**16
"""Results, and reasons of faults, that a function keeps before it forgets all of them."""


@overload
def tool(function: Callable[..., Any], /) -> Tool: ...


@overload
def tool(
    *,
    name: str = "",
    batched: bool = False,
    isolated: bool = False,
    seconds: float = 1.0,
    megabytes: int = 256,
    cached: bool = True,
) -> Callable[[Callable[..., Any]], Tool]: ...


def tool(
    function: Callable[..., Any] | None = None,
    /,
    *,
    name: str = "",
    batched: bool = False,
    isolated: bool = False,
    seconds: float = 1.0,
    megabytes: int = 256,
    cached: bool = True,
) -> Tool | Callable[[Callable[..., Any]], Tool]:
    """Make a tool of a function with typed parameters and a typed result.

    Parameters of type float, int or bool take numbers; one of any other type takes objects of that
    type, which must be hashable. The tool can still be called as the function was.

    Args:
        function: what is called for every episode; its name in capitals names the key.
        name: another name for the key.
        batched: it takes float64 tensors (B,) and returns one.
        isolated: it runs in a process of its own, with limits. This is no sandbox.
        seconds: how long one call may take there.
        megabytes: how much memory it may take there.
        cached: the same arguments give the same result, so that it need not be called again.

    Raises:
        InvalidOption: a parameter or the result has no type, or there is no parameter.
    """
    if batched and isolated:
        raise InvalidOption("a batched function cannot be isolated")
    if isolated and (seconds <= 0 or megabytes <= 0):
        raise InvalidOption(f"seconds {seconds}, megabytes {megabytes}: they must be above 0")

    def make(function: Callable[..., Any]) -> Tool:
        called, types = function, _types(function, batched)
        if isolated:
            from inwit.tools.isolation import Isolated  # POSIX systems only

            called = Isolated(function, seconds, megabytes)
        rows = Batched(called) if batched else EachRow(called, types, cached)
        return Tool(
            name=(name or function.__name__).upper(),
            arity=len(types) - 1,
            function=rows,
            everywhere=False,
            signature=str(inspect.signature(function)),
            summary=(inspect.getdoc(function) or "").partition("\n")[0],
            objects=not batched,
            reasons=rows.reasons,
            plain=function,
        )

    return make if function is None else make(function)


def _types(function: Callable[..., Any], batched: bool) -> dict[str, Any]:
    """The type of each parameter, and last of the result."""
    name = function.__name__
    try:
        hints, parameters = get_type_hints(function), inspect.signature(function).parameters
    except (NameError, TypeError, ValueError) as error:
        raise InvalidOption(f"tool '{name}': its signature cannot be read: {error}") from error
    names = [
        parameter.name
        for parameter in parameters.values()
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
    ]
    if not names:
        raise InvalidOption(f"tool '{name}' has no parameter: a tool takes at least one argument")
    untyped = [each for each in (*names, "return") if each not in hints and not batched]
    if untyped:
        what = "its result" if untyped == ["return"] else f"parameter '{untyped[0]}'"
        raise InvalidOption(f"tool '{name}': {what} has no type; write float, str or another one")
    return {each: hints.get(each, float) for each in (*names, "return")}


class Batched:
    """A function over tensors; where it raises, the rows are tried in halves."""

    def __init__(self, function: Callable[..., Any]) -> None:
        """Guard a function."""
        self.function = function
        self.reasons: dict[tuple[float, ...], str] = {}

    def __call__(self, *columns: Float[Tensor, " B"]) -> Float[Tensor, " B"]:
        """The results; faults where it fails."""
        size = len(columns[0])
        try:
            result = self.function(*columns)
            if not isinstance(result, Tensor) or result.shape != (size,):
                raise TypeError(f"a tensor of shape ({size},) is due")
            return result.to(columns[0])
        except Exception as error:
            if size == 1:
                arguments = tuple(float(column) for column in columns)
                _keep(self.reasons, arguments, _told(error))
                return torch.full_like(columns[0], FAULT)
            halves = zip(*(column.split((size + 1) // 2) for column in columns), strict=True)
            return torch.cat([self(*half) for half in halves])


class EachRow:
    """A function over values, called once for every different row."""

    def __init__(self, function: Callable[..., Any], types: dict[str, Any], cached: bool) -> None:
        """Guard a function whose parameters and result have these types."""
        self.function, self.cached = function, cached
        self.checks = {name: _check(kind) for name, kind in types.items()}
        self.results: dict[tuple[float, ...], float] = {}
        self.reasons: dict[tuple[float, ...], str] = {}

    def __call__(self, *columns: Float[Tensor, " B"]) -> Float[Tensor, " B"]:
        """The results; faults where it fails."""
        rows = torch.stack(columns, 1).tolist()
        results = [self._row(tuple(row)) for row in rows]
        return torch.tensor(results, dtype=torch.double, device=columns[0].device)

    def _row(self, arguments: tuple[float, ...]) -> float:
        if FAULT in arguments:
            return FAULT
        if arguments in self.results:
            return self.results[arguments]
        try:
            given = [
                self._read(name, value) for name, value in zip(self.checks, arguments, strict=False)
            ]
            result = encode(self._check("return", self.function(*given)))
        except Exception as error:
            _keep(self.reasons, arguments, _told(error))
            result = FAULT
        if self.cached:
            _keep(self.results, arguments, result)
        return result

    def _read(self, name: str, value: float) -> object:
        """An argument as the function's parameter wants it."""
        whole = abs(value) < HANDLES and value.is_integer()
        return self._check(name, int(value) if whole else decode(value))

    def _check(self, name: str, value: object) -> object:
        try:
            return self.checks[name](value)
        except ValidationError as error:
            what = "it returned" if name == "return" else f"{name} is"
            raise TypeError(f"{what} {value!r:.60}: {error.errors()[0]['msg']}") from error


def _check(kind: Any) -> Callable[[object], object]:
    """What gives a value back if it is of this type, and raises otherwise."""
    if kind is bool:
        return TypeAdapter(bool).validate_python  # from 0 or 1, as the machine holds it
    strict = ConfigDict(strict=True, arbitrary_types_allowed=True)
    try:
        return TypeAdapter(kind, config=strict).validate_python
    except PydanticUserError:  # a dataclass brings a configuration of its own
        return partial(TypeAdapter(kind).validate_python, strict=True)


def _keep(table: dict[tuple[float, ...], Any], arguments: tuple[float, ...], value: Any) -> None:
    if len(table) >= REMEMBERED:
        table.clear()
    table[arguments] = value


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".partition("\n")[0][:200]
