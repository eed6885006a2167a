"""`@inwit.tool`: any typed Python function as a tool.

A function's mistake is data. If it raises, takes too long, dies, ends the process or returns a
wrong type, that call is a fault and its reason is kept. The other calls continue.
"""

from collections.abc import Callable, Mapping
from typing import Any, overload

import torch
from jaxtyping import Float
from torch import Tensor

from inwit.errors import InvalidOption
from inwit.progress import OutOfTime
from inwit.tools.base import FAULT, Rows, Tool
from inwit.tools.numbers import is_number, to_float
from inwit.tools.objects import ObjectTable
from inwit.tools.quoting import error_text
from inwit.tools.reading import Reader
from inwit.tools.signatures import Signature, read_signature

CACHE_SIZE = 2**16
"""Size of the caches of results and of reasons; a full cache is cleared."""


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
    function: Any = None,
    /,
    *,
    name: str = "",
    batched: bool = False,
    isolated: bool = False,
    seconds: float = 1.0,
    megabytes: int = 256,
    cached: bool = True,
) -> Tool | Callable[[Callable[..., Any]], Tool]:
    """Make a tool from a function with typed parameters and a typed result.

    Parameters of a numeric type (float, int, bool, Decimal, ...) take numbers. Any other parameter
    takes hashable objects of its type. All positional parameters are arguments of the tool, with or
    without defaults; a keyword-only parameter keeps its default. The tool can still be called like
    the function.

    Args:
        function: a function, a method, `functools.partial`, a class or an object with `__call__`.
            Its name in capitals names the key.
        name: another name for the key.
        batched: the function takes float64 tensors (B,) and returns one.
        isolated: run the function in its own process, with limits. This is not a sandbox.
        seconds: time limit of one call, if isolated.
        megabytes: memory limit, if isolated.
        cached: reuse the result of a call with the same arguments.

    Raises:
        InvalidOption: the signature would make every call fail, or an option is invalid.
    """
    if batched and isolated:
        raise InvalidOption("a batched function cannot be isolated")
    for option, value in (("seconds", seconds), ("megabytes", megabytes)):
        if not isinstance(value, int | float) or isinstance(value, bool) or not value > 0:
            raise InvalidOption(f"{option} {value!r:.60}: it must be above 0")

    def make(function: Any) -> Tool:
        if isinstance(function, Tool):
            return function
        if isinstance(function, staticmethod):
            function = function.__func__
        signature = read_signature(function, typed=not batched)
        called = function
        if isolated:
            from inwit.tools.isolation import Isolated  # POSIX only

            called = Isolated(function, seconds, megabytes)
        rows = Batched(called, signature) if batched else EachRow(called, signature, cached)
        return Tool(
            name=str(name or signature.name).upper(),
            arity=len(signature.row),
            function=rows,
            everywhere=False,
            signature=signature.text,
            summary=signature.doc.partition("\n")[0],
            plain=function,
        )

    return make if function is None else make(function)


class Batched(Rows):
    """A function over tensors. If it raises, the rows are split in halves and tried again."""

    handles = False

    def __call__(self, *columns: Float[Tensor, " B"]) -> Float[Tensor, " B"]:
        """Results (B,); `FAULT` where the function fails."""
        size = len(columns[0])
        try:
            own = [column.clone() for column in columns]  # it may work in place, and then fail
            return self._numbers(self.called(*own), size).to(columns[0])
        except (KeyboardInterrupt, OutOfTime):
            raise
        except BaseException as error:
            if size == 1:
                arguments = tuple(float(column) for column in columns)
                _keep(self.reasons, arguments, error_text(error))
                return torch.full_like(columns[0], FAULT)
            halves = zip(*(column.split((size + 1) // 2) for column in columns), strict=True)
            return torch.cat([self(*half) for half in halves])

    def _numbers(self, result: object, size: int) -> Tensor:
        if not isinstance(result, Tensor) or result.shape != (size,):
            raise TypeError(f"it must return a tensor of shape ({size},)")
        if result.dtype == torch.bool or result.is_complex():
            raise TypeError(f"it returned {result.dtype}: it must return a tensor of real numbers")
        self.objects.note(result)
        return result


class EachRow(Rows):
    """A function over single values, called once per distinct row."""

    handles = True

    def __init__(self, function: Callable[..., Any], signature: Signature, cached: bool) -> None:
        """Wrap a function.

        Raises:
            InvalidOption: values of one of its types cannot be checked.
        """
        super().__init__(function, signature)
        self.cached = cached
        self.results: dict[tuple[float, ...], float] = {}
        where = f"tool '{signature.name}'"
        self._takes = {
            each.name: Reader(each.kind, f"{each.name} is", f"{where}: parameter '{each.name}'")
            for each in signature.arguments
        }
        self._row_takes = [self._takes[each.name].read for each in signature.row]
        self._gives = Reader(signature.result, "it returned", f"{where}: its result").read

    def bound(self, objects: ObjectTable) -> "EachRow":
        """A copy with another table of objects and empty caches."""
        other = super().bound(objects)
        assert isinstance(other, EachRow)
        other.results = {}
        return other

    def __call__(self, *columns: Float[Tensor, " B"]) -> Float[Tensor, " B"]:
        """Results (B,); `FAULT` where the function fails."""
        rows = zip(*(column.tolist() for column in columns), strict=True)
        known, row_of = self.results, self._row
        results = [known[row] if row in known else row_of(row) for row in rows]
        return torch.tensor(results, dtype=torch.double, device=columns[0].device)

    def _row(self, arguments: tuple[float, ...]) -> float:
        if FAULT in arguments:
            return FAULT
        try:
            given = map(self.objects.decode, arguments)
            takes = zip(self._row_takes, given, strict=True)
            value = self._result(self.called(*(read(each) for read, each in takes)))
            result = value if isinstance(value, float) else self.objects.handle(value)
        except (KeyboardInterrupt, OutOfTime):
            raise
        except BaseException as error:
            _keep(self.reasons, arguments, error_text(error))
            result = FAULT
        if self.cached:
            _keep(self.results, arguments, result)
        return result

    def apply(self, given: Mapping[str, object]) -> object:
        """The result of one call: a float for a number, or an object.

        Args:
            given: arguments by name; missing ones keep their defaults.

        Raises:
            BaseException: whatever the function raises, `SystemExit` included; or a value is not of
                the declared type.
        """
        values = {name: self._takes[name].read(value) for name, value in given.items()}
        row = list[object]()
        for each in self.signature.row:
            if each.name not in values:
                break
            row.append(values.pop(each.name))
        return self._result(self.function(*row, **values))

    def _result(self, given: object) -> object:
        value = self._gives(given)
        kind = type(given)
        if kind is str or (kind is float and type(value) is float) or not is_number(value):
            return value
        if kind is int and type(value) is int:
            return to_float(value)
        self.objects.note(given)
        return to_float(value)


def _keep(table: dict[tuple[float, ...], Any], arguments: tuple[float, ...], value: Any) -> None:
    if len(table) >= CACHE_SIZE:
        table.clear()
    table[arguments] = value
