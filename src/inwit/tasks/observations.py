"""What an agent sees of numbers: `see_number` encodes one, `Sights` says which are seen and when.

A task that shows no number has no such vector at all; categories (`shown`, `display`) are apart.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from inwit.errors import FailedCode, InvalidOption, UnknownName, explained
from inwit.machine.machine import State
from inwit.tools import FAULT, HANDLES, ObjectTable, described

EMPTY, FAILED = "empty", "fault"
"""Names of what is shown where there is no value, and after a fault."""
SMALL = range(-2, 13)
"""Whole numbers that have a place of their own."""
MODULI = (2, 3, 5, 10)
"""By what a number is divided for its remainders."""
LARGEST = torch.finfo(torch.float32).max
"""The largest number that a network can be given."""
SCALE = 4.0
"""What magnitudes are divided by, so that they do not drown the rest."""
FLAGS = 3
"""Empty, a fault, an object that is not a number."""
WIDTH = 2 + len(SMALL) + len(MODULI) + FLAGS
"""M of one number: sign, magnitude, small whole numbers, remainders, flags."""
PERIODS, RATES = (2, 3, 4, 5, 7, 10, 20, 50, 100, 200), (1, 2, 4, 8)
"""Periods of the waves of a number; how often those of its logarithm turn, in radians per e."""
TINY = 1e-3
"""Added to a magnitude before its logarithm is taken."""
SPREAD, MOST_LOGARITHM = 20.0, 9.0
"""What a value is divided by and how large the quotient may get; the largest logarithm."""
WAVES = 2 + 2 * (len(PERIODS) + len(RATES))
"""How many numbers the waves of one number are."""
DISPLAY, ASIDE, OPERANDS, ALL_OPERANDS = "display", "aside", "operands", "all-operands"
NUMBERS = "numbers"
WORDS = (DISPLAY, ASIDE, OPERANDS, ALL_OPERANDS, NUMBERS)
"""What `sees` may name."""
IN_PROMPT = (OPERANDS, NUMBERS)
"""What is seen while a prompt is read, and not at a press."""
NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)", re.ASCII)
"""A word that is a number."""
Sight = str | Callable[[object], Iterable[float]]
"""One of `WORDS`, or a function from the value on the display to numbers."""


def see_number(value: Float[Tensor, "*shape"] | float) -> Float[Tensor, "*shape M"]:
    """The standard encoding of values as float32 vectors; M is 24.

    The sign (-1, 0, 1); ln(1 + |x|) / 4; which of -2, ..., 12 it is, one-hot; x mod 2, 3, 5
    and 10, each divided by its modulus; 1 if empty; 1 if a fault; 1 if not a number at all.
    Where one of these three flags is set, all else is 0.

    Args:
        value: float64, as a machine holds values: NaN is empty, infinity a fault.
    """
    given = torch.as_tensor(value, dtype=torch.double)[..., None]
    empty, fault = given.isnan(), given.isinf()
    other = (given.abs() >= HANDLES) & ~fault
    known = ~(empty | fault | other)
    number = torch.where(known, given, 0.0)
    small = torch.arange(SMALL.start, SMALL.stop, dtype=torch.double, device=given.device)
    moduli = torch.tensor(MODULI, dtype=torch.double, device=given.device)
    parts = (
        number.sign(),
        number.abs().log1p() / SCALE,
        (number == small) & known,
        torch.remainder(number, moduli) / moduli,
        empty,
        fault,
        other,
    )
    return torch.cat([part.float() for part in parts], -1)


def see_waves(value: Float[Tensor, "*shape"] | float) -> Float[Tensor, "*shape W"]:
    """Values, logarithms, and sines and cosines of both, as float32 vectors; W is 30.

    x / 20, at most 20 in magnitude, and ln |x|; then waves of x at ten periods from 2 to 200 and of
    ln |x| at four: an addition turns the first by an angle, a multiplication the others. Zeros for
    what is not a number.

    Args:
        value: as for `see_number`.
    """
    given = torch.as_tensor(value, dtype=torch.double)[..., None]
    known = given.abs() < HANDLES  # false for NaN
    number = torch.where(known, given, 0.0)
    periods = torch.tensor(PERIODS, dtype=torch.double, device=given.device)
    logarithm = (number.abs() + TINY).log().float()
    turns = torch.cat(
        [
            (2 * torch.pi * torch.remainder(number / periods, 1)).float(),  # small angles: float32
            logarithm * torch.tensor(RATES, device=given.device),
        ],
        -1,
    )
    plain = (number / SPREAD).clamp(-SPREAD, SPREAD).float()
    parts = [plain, logarithm.clamp(max=MOST_LOGARITHM), turns.sin(), turns.cos()]
    return torch.cat(parts, -1) * known


@dataclass(frozen=True, kw_only=True, eq=False)
class Sights:
    """Which numbers of a task are seen, and when."""

    task: str
    """The name of the task, for messages."""
    sees: tuple[Sight, ...]
    """What is seen, in the order in which it stands in the vectors."""
    objects: ObjectTable
    """What values of the task stand for."""
    operands: int
    """N: operand keys. The first N symbols of prompts are the operands' places."""
    symbols: tuple[str, ...]
    """The task's symbols."""
    example: float
    """A value of the task; how many numbers a function gives for it is how many it always gives."""

    @property
    def in_prompt(self) -> int:
        """M at each place of a prompt."""
        return WIDTH if set(IN_PROMPT) & set(self.sees) else 0

    @cached_property
    def at_press(self) -> int:
        """M at each press."""
        return sum(self._width(sight) for sight in self.sees)

    def _width(self, sight: Sight) -> int:
        if isinstance(sight, str):
            return WIDTH * {OPERANDS: 0, NUMBERS: 0, ALL_OPERANDS: self.operands}.get(sight, 1)
        return len(self._called(sight, self.example)) + 2

    def prompt(
        self, symbols: Int[Tensor, "P L"], operands: Float[Tensor, "P N"]
    ) -> Float[Tensor, "P L M"]:
        """The values of operands and of numbers that are written, in place; zeros elsewhere."""
        values = torch.full(symbols.shape, torch.nan, dtype=torch.double, device=symbols.device)
        if OPERANDS in self.sees:
            held = (symbols >= 0) & (symbols < self.operands)
            given = operands.gather(1, symbols.clamp(0, self.operands - 1))
            values = given.where(held, values)
        if NUMBERS in self.sees:
            written = self._written.to(symbols.device)
            values = values.where(symbols < self.operands, written[symbols.clamp(min=0)])
        return see_number(values) * ~values.isnan()[..., None]

    @cached_property
    def _written(self) -> Float[Tensor, " S"]:
        """What each symbol says as a number, NaN where it is none; the last is an unknown word."""
        numbers = [float(each) if NUMBER.fullmatch(each) else torch.nan for each in self.symbols]
        return torch.tensor([*numbers, torch.nan], dtype=torch.double)

    def press(self, state: State) -> Float[Tensor, "B M"]:
        """What is seen before a press."""
        return torch.cat(
            [self._seen(sight, state) for sight in self.sees if sight not in IN_PROMPT], 1
        )

    def _seen(self, sight: Sight, state: State) -> Float[Tensor, "B part"]:
        display = state.frame.accumulator
        if sight == DISPLAY:
            return see_number(display)
        if sight == ASIDE:
            return see_number(state.top.accumulator.masked_fill(state.depth == 0, torch.nan))
        if sight == ALL_OPERANDS:
            return see_number(state.operands).flatten(1)
        assert not isinstance(sight, str)
        return self._by_function(sight, display)

    def _by_function(
        self, function: Callable[[object], Iterable[float]], display: Float[Tensor, " B"]
    ) -> Float[Tensor, "B part"]:
        """What a user's function gives; a display without a value is zeros and one of two flags."""
        blank, width = _blank(display), self._width(function)
        rows = torch.zeros(len(display), width, dtype=torch.double)
        known = dict[float, list[float]]()
        for row, value in enumerate(display.tolist()):
            if not blank[row]:
                if value not in known:
                    known[value] = self._called(function, value)
                    self._check(known[value], width - 2, value)
                rows[row, :-2] = torch.tensor(known[value], dtype=torch.double)
        seen = rows.float().to(display.device)
        seen[:, -2], seen[:, -1] = display.isnan().float(), (display == FAULT).float()
        return seen

    def _called(self, function: Callable[[object], Iterable[float]], value: float) -> list[float]:
        meant = self.objects.decode(value)
        try:
            numbers = [float(each) for each in function(meant)]
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            what = f"sees of task '{self.task}' failed on {described(meant)}"
            raise FailedCode(
                f"{what}: {explained(error)}; it must give a list of numbers"
            ) from error
        if not all(abs(each) <= LARGEST for each in numbers):  # false for nan, too
            raise InvalidOption(
                f"sees of task '{self.task}' gave {numbers!r:.60} for {described(meant)}: "
                "every number must be finite, also in float32"
            )
        return numbers

    def _check(self, numbers: list[float], width: int, value: float) -> None:
        if len(numbers) != width:
            raise InvalidOption(
                f"sees of task '{self.task}' gave {len(numbers)} numbers for "
                f"{described(self.objects.decode(value))}, and {width} for "
                f"{described(self.objects.decode(self.example))}: it must always give as many"
            )


def _blank(display: Float[Tensor, " B"]) -> list[bool]:
    blank: Bool[Tensor, " B"] = display.isnan() | (display == FAULT)
    found: list[bool] = blank.tolist()
    return found


def check_names(task: str, shown: Sequence[object]) -> None:
    """Check the names of values that an agent sees.

    Raises:
        InvalidOption: one is no text, taken, or there twice.
    """
    names = (EMPTY, FAILED, *shown)
    for name in shown:
        if not isinstance(name, str) or names.count(name) > 1:
            wanted = f"names are texts, each once, and not {EMPTY} or {FAILED}"
            raise InvalidOption(f"task '{task}': shown has {name!r:.60}: {wanted}")


def read_sights(given: object) -> tuple[Sight, ...]:
    """What a user writes as `sees`: a word, a function, or some of both.

    Raises:
        UnknownName: a word is none of `WORDS`.
        InvalidOption: something is neither a word nor a function, or occurs twice.
    """
    alone = isinstance(given, str) or callable(given)
    if not alone and not isinstance(given, Sequence):
        raise InvalidOption(f"sees is {described(given)}: it must be a list, such as ['display']")
    sights: tuple[Sight, ...] = (given,) if alone else tuple(given)  # type: ignore[assignment,arg-type]
    for sight in sights:
        if isinstance(sight, str) and sight not in WORDS:
            raise UnknownName("sees", sight, WORDS)
        if not isinstance(sight, str) and not callable(sight):
            raise InvalidOption(f"sees: {described(sight)} is neither a word nor a function")
        if sights.count(sight) > 1:
            raise InvalidOption(f"sees: {described(sight)} occurs twice")
    return sights
