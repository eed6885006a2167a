"""Records of tensors: change all fields at once, take a record apart and put it together again.

A record is a frozen dataclass whose fields are tensors and further records.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import TypeVar

import torch
from jaxtyping import Int
from torch import Tensor
from torch.nn.functional import pad

_Record = TypeVar("_Record")


def map_tensors(change: Callable[..., Tensor], *records: _Record) -> _Record:
    """A record whose fields are `change(*tensors)` of the same fields of these records.

    Args:
        change: from the tensors of one field, one of each record, to the new one.
        records: dataclasses of one type, whose fields are tensors and such records.
    """
    return map_named(lambda _, *tensors: change(*tensors), *records)


def map_named(change: Callable[..., Tensor], *records: _Record) -> _Record:
    """As `map_tensors`, but `change` gets the name of the field first: `observation.legal`."""
    return _map("", change, *records)


def _map(prefix: str, change: Callable[..., Tensor], *records: _Record) -> _Record:
    changed = {}
    for field in fields(records[0]):  # type: ignore[arg-type]
        values = [getattr(record, field.name) for record in records]
        name = prefix + field.name
        inner = is_dataclass(values[0])
        changed[field.name] = _map(f"{name}.", change, *values) if inner else change(name, *values)
    return type(records[0])(**changed)


def take(record: _Record, rows: Tensor) -> _Record:
    """Some of the rows of every field, copied."""
    return map_tensors(lambda tensor: tensor[rows], record)


def joined(
    records: Sequence[_Record],
    *,
    axis: Callable[[str], int] = lambda _: 0,
    fillers: Mapping[str, float] = MappingProxyType({}),
) -> _Record:
    """Records one after another; along other axes the shorter fields are padded at their end.

    Args:
        records: dataclasses of one type.
        axis: along which axis a field continues, by its name (see `map_named`).
        fillers: what pads a field, by its name; by default zeros.
    """

    def change(name: str, *parts: Tensor) -> Tensor:
        along, filler = axis(name), fillers.get(name, 0)
        shape = [max(sizes) for sizes in zip(*(part.shape for part in parts), strict=True)]
        return torch.cat([_padded(part, shape, along, filler) for part in parts], along)

    return map_named(change, *records)


def _padded(tensor: Tensor, shape: Sequence[int], along: int, filler: float) -> Tensor:
    """Filled up to a shape, but along one axis."""
    missing = [size - held for size, held in zip(shape, tensor.shape, strict=True)]
    missing[along] = 0
    return pad(tensor, [each for size in missing[::-1] for each in (0, size)], value=filler)


def distinct(marks: Int[Tensor, " n"]) -> tuple[Int[Tensor, " d"], Int[Tensor, " n"]]:
    """The first row with each mark, in order, and which of these each row is like."""
    kinds, place = torch.unique(marks, return_inverse=True)
    rows = torch.arange(len(marks), device=marks.device)
    first = torch.full_like(kinds, len(marks)).scatter_reduce(0, place, rows, "amin")
    first, order = first.sort()
    return first, order.argsort()[place]


def fingerprint(content: Int[Tensor, "B K"]) -> Int[Tensor, " B"]:
    """A 64-bit hash of every row: equal rows share it, different ones do not."""
    mixed = (content + 1) * _factors(content.shape[1]).to(content.device)
    return (mixed ^ (mixed >> 32)).sum(1)


@lru_cache(maxsize=64)
def _factors(count: int) -> Int[Tensor, " K"]:
    """Odd numbers, always the same."""
    generator = torch.Generator().manual_seed(0)
    return 2 * torch.randint(-(2**62), 2**62, (count,), generator=generator) + 1


def flatten(record: object, prefix: str) -> dict[str, Tensor]:
    """The tensors of a record by name: `prefix.observation.legal`."""
    flat: dict[str, Tensor] = {}
    for field in fields(record):  # type: ignore[arg-type]
        value, name = getattr(record, field.name), f"{prefix}.{field.name}"
        flat |= flatten(value, name) if is_dataclass(value) else {name: value}
    return flat


def unflatten(kind: type[_Record], tensors: Mapping[str, Tensor], prefix: str) -> _Record:
    """The record that was flattened.

    Args:
        kind: the class of the record.
        tensors: what `flatten` gave, and perhaps others.
        prefix: the prefix it was given.

    Raises:
        KeyError: a tensor is missing.
    """
    parts: dict[str, object] = {}
    for field in fields(kind):  # type: ignore[arg-type]
        name, inner = f"{prefix}.{field.name}", field.type
        if isinstance(inner, type) and is_dataclass(inner):
            parts[field.name] = unflatten(inner, tensors, name)
        else:
            parts[field.name] = tensors[name]
    return kind(**parts)
