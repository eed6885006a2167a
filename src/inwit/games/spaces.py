"""Spaces of Gymnasium as categorical fields, numbers and a list of actions.

    Discrete, MultiDiscrete, MultiBinary    one field per number
    Box                                     one number per entry
    Tuple, Dict of these                    all of them, in the order of the space

Actions are those of a Discrete space, or the combinations of a small MultiDiscrete one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inwit.errors import InvalidOption
from inwit.extras import require
from inwit.games.base import Seen, WorldSpec

SUPPORTED = "observations: Discrete, MultiDiscrete, MultiBinary, Box, and Tuple or Dict of these"
MOST_VALUES, MOST_ROWS, MOST_ACTIONS = 4096, 2**20, 1024
"""Largest number of entries of boxes, of values of all fields together, and of actions."""


@dataclass(frozen=True, kw_only=True)
class Leaf:
    """One simple space within an observation space."""

    path: tuple[Any, ...]
    """The keys and places that lead to it."""
    first: NDArray[Any]
    """The smallest value of each field; zeros for numbers."""
    sizes: tuple[int, ...]
    """How many values each field has; empty for numbers."""
    shape: tuple[int, ...]
    """The axes of one observation."""

    def take(self, raw: Any, count: int, rows: Sequence[int] | None = None) -> NDArray[Any]:
        """Its part of the observations of several copies, batched; of some of them alone.

        Raises:
            InvalidOption: they are not of this space.
        """

        def chosen() -> NDArray[Any]:
            read = np.asarray(self._part(raw))
            if len(read) != count:
                raise ValueError(f"{len(read)} rows in place of {count}")
            return read if rows is None else read[rows,]

        return self._checked(chosen, count if rows is None else len(rows))

    def take_several(self, raws: Sequence[Any]) -> NDArray[Any]:
        """Its part of the observations of single environments.

        Raises:
            InvalidOption: they are not of this space.
        """
        return self._checked(lambda: [self._part(raw) for raw in raws], len(raws))

    def _part(self, raw: Any) -> Any:
        for key in self.path:
            raw = raw[key]
        return raw

    def _checked(self, gathered: Callable[[], Any], count: int) -> NDArray[Any]:
        """Some observations, or what is wrong with them."""
        try:
            return self._rows(np.asarray(gathered()), count)
        except Exception as error:  # whatever the environment's own classes raise
            raise self._strange(error) from error

    def _rows(self, read: NDArray[Any], count: int) -> NDArray[Any]:
        """As many rows of as many numbers as the space has, whole ones where it has categories."""
        entries = len(self.first)
        if read.dtype.kind not in "biuf":
            raise TypeError(f"{read.ravel()[:1]!r} where numbers are expected")
        if len(read) != count or read.size != count * entries:
            raise ValueError(f"{read.size // max(count, 1)} numbers in place of {entries}")
        if read.ndim > 2 and len(self.shape) == read.ndim - 1 and read.shape[1:] != self.shape:
            raise ValueError(f"an array of shape {read.shape[1:]} in place of {self.shape}")
        if self.sizes and read.dtype.kind == "f" and (read % 1 != 0).any():
            raise ValueError(f"{read[read % 1 != 0][0]} where whole numbers are expected")
        with np.errstate(over="ignore"):
            read = read.reshape(count, entries)
            narrow = read if self.sizes else read.astype(np.float32)
        if not np.isfinite(narrow).all():
            raise ValueError(f"{read[~np.isfinite(narrow)][0]}, and numbers must be finite")
        strange = (narrow < self.first) | (narrow >= self.first + self.sizes) if self.sizes else ()
        if np.any(strange):
            row, place = np.argwhere(strange)[0].tolist()
            first = self.first[place]
            wanted = f"{first} to {first + self.sizes[place] - 1} are expected"
            raise ValueError(f"{narrow[row, place]} where {wanted}")
        return narrow

    def _strange(self, error: Exception) -> InvalidOption:
        """An observation that is not of the space, by the place of this part."""
        place = "".join(f"[{key!r}]" for key in self.path)
        words = f"no {error}" if isinstance(error, KeyError) else f"{error!s:.160}"
        return InvalidOption(
            f"the environment shows an observation{place} unlike its space: {words}"
        )


class Observed:
    """Reads the observations of one space."""

    def __init__(self, space: Any) -> None:
        """Take the space apart.

        Raises:
            InvalidOption: a part of it is not supported.
        """
        require("gymnasium", "gymnasium")
        self.leaves = list(_leaves(space, ()))
        self.fields = tuple(size for leaf in self.leaves for size in leaf.sizes)
        self.values = sum(len(leaf.first) for leaf in self.leaves if not leaf.sizes)
        self._categorical = [leaf for leaf in self.leaves if leaf.sizes]
        self._numbers = [leaf for leaf in self.leaves if not leaf.sizes]
        if not self.fields and not self.values:
            raise InvalidOption(f"observation space {space!s:.80} is empty")
        if self.values > MOST_VALUES or sum(self.fields) > MOST_ROWS:
            size = f"{self.values} numbers, {sum(self.fields)} values of fields"
            most = f"at most {MOST_VALUES} and {MOST_ROWS}: make it smaller by a wrapper"
            raise InvalidOption(f"observation space {space!s:.80} has {size}; {most}")

    def read(self, raw: Any, count: int, rows: Sequence[int] | None = None) -> Seen:
        """The observations of several copies, batched as a vector environment batches them.

        Args:
            raw: what it gives.
            count: its copies.
            rows: those that are read; by default all.
        """
        fields, values = (
            [leaf.take(raw, count, rows) for leaf in leaves]
            for leaves in (self._categorical, self._numbers)
        )
        return self._joined(fields, values, count if rows is None else len(rows))

    def _joined(
        self, fields: Sequence[NDArray[Any]], values: Sequence[NDArray[Any]], count: int
    ) -> Seen:
        first = zip(fields, self._categorical, strict=True)
        fields = [part - leaf.first for part, leaf in first]
        return Seen(
            fields=np.concatenate([np.zeros((count, 0), np.int64), *fields], 1).astype(np.int64),
            values=np.concatenate([np.zeros((count, 0)), *values], 1).astype(np.float32),
        )

    def read_several(self, raws: Sequence[Any]) -> Seen:
        """The observations of several copies, each as a single environment gives it."""
        fields, values = (
            [leaf.take_several(raws) for leaf in leaves]
            for leaves in (self._categorical, self._numbers)
        )
        return self._joined(fields, values, len(raws))


def _leaves(space: Any, path: tuple[Any, ...]) -> "Sequence[Leaf]":
    spaces = require("gymnasium", "gymnasium").spaces
    if isinstance(space, spaces.Tuple):
        parts = list(enumerate(space.spaces))
        return [leaf for key, each in parts for leaf in _leaves(each, (*path, key))]
    if isinstance(space, spaces.Dict):
        parts = list(space.spaces.items())
        return [leaf for key, each in parts for leaf in _leaves(each, (*path, key))]
    if isinstance(space, spaces.Discrete):
        first = np.array([space.start])
        return [Leaf(path=path, first=first, sizes=(int(space.n),), shape=())]
    if isinstance(space, spaces.MultiDiscrete):
        first = np.broadcast_to(space.start, space.nvec.shape).reshape(-1)
        sizes = tuple(map(int, space.nvec.reshape(-1)))
        return [Leaf(path=path, first=first, sizes=sizes, shape=space.nvec.shape)]
    if isinstance(space, spaces.MultiBinary):
        entries = int(np.prod(space.shape))
        first = np.zeros(entries, np.int64)
        return [Leaf(path=path, first=first, sizes=(2,) * entries, shape=space.shape)]
    if isinstance(space, spaces.Box):
        first = np.zeros(int(np.prod(space.shape)))
        return [Leaf(path=path, first=first, sizes=(), shape=space.shape)]
    raise InvalidOption(f"observation space {space!s:.80} is not supported; {SUPPORTED}")


class Actions:
    """The actions of one space, numbered from 0."""

    def __init__(self, space: Any) -> None:
        """Number them.

        Raises:
            InvalidOption: the space is not supported, or has too many combinations.
        """
        spaces = require("gymnasium", "gymnasium").spaces
        self.shape: tuple[int, ...] = ()
        if isinstance(space, spaces.Discrete):
            self.first: Any = space.start
            numbers = range(int(space.start), int(space.start) + int(space.n))
            self.names = tuple(map(str, numbers)) if int(space.n) <= MOST_ACTIONS else ()
            self._each = [np.int64(each) for each in numbers] if self.names else []
        elif isinstance(space, spaces.MultiDiscrete):
            self.shape = tuple(map(int, space.nvec.reshape(-1)))
            self.first = np.broadcast_to(space.start, space.nvec.shape).reshape(-1)
            self.form, self.dtype = space.nvec.shape, space.dtype
            small = np.prod([float(size) for size in self.shape]) <= MOST_ACTIONS
            combinations = np.ndindex(self.shape) if small else ()
            self.names = tuple(
                "(" + ", ".join(map(str, np.add(each, self.first))) + ")" for each in combinations
            )
        else:
            wanted = "actions: Discrete, or a small MultiDiscrete"
            raise InvalidOption(f"action space {space!s:.80} is not supported; {wanted}")
        if not self.names:
            most = f"at most {MOST_ACTIONS} actions or combinations of them are supported"
            raise InvalidOption(f"action space {space!s:.80} is too large: {most}")

    def one(self, number: int) -> Any:
        """The action of a number, of the type that the space itself gives."""
        if not self.shape:
            return self._each[number]
        parts = np.array(np.unravel_index(number, self.shape)) + self.first
        return parts.reshape(self.form).astype(self.dtype)

    def several(self, numbers: NDArray[np.int64]) -> NDArray[Any]:
        """The actions of several copies, batched."""
        if not self.shape:
            return np.asarray(numbers + self.first)
        parts = np.stack(np.unravel_index(numbers, self.shape), 1) + self.first
        return np.asarray(parts.reshape(len(numbers), *self.form).astype(self.dtype))


def spec_of(observed: Observed, actions: Actions) -> WorldSpec:
    """The sizes of an environment with these spaces."""
    firsts = [int(first) for leaf in observed.leaves if leaf.sizes for first in leaf.first]
    return WorldSpec(
        fields=observed.fields,
        values=observed.values,
        actions=actions.names,
        firsts=tuple(firsts) if any(firsts) else (),
    )
