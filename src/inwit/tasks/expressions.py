"""Infix expressions of any length, streamed symbol by symbol or read once as a prompt.

Level n has n operations. A problem is a *structure* (tree shape, operators, parentheses) with
numbers. Training structures of up to `POOLED` operations come from a precomputed pool; longer and
held-out ones are drawn one by one. Numbers are always fresh. From three operations on, a fifth of
the structures (by a hash of their text) is held out: training never sees them. Where there are too
few for that, as with one operator and one shape, training and evaluation share them.

Products of about 15 digits exceed float64's exact range. With a `modulus`, all arithmetic is modulo
that prime, so expressions of 1,000 operations are still checked to the digit.
"""

import random
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import Annotated, Literal

import torch
from jaxtyping import Float, Int
from pydantic import Field
from torch import Tensor

from inwit.errors import InvalidOption, InvalidProblem, UnknownName
from inwit.machine.rules import Rules, Symbol
from inwit.parts import Share, register
from inwit.records import map_tensors
from inwit.tasks import infix, programs
from inwit.tasks.base import Task
from inwit.tasks.pool import Pool
from inwit.tasks.problems import Problems, padded, whole_level
from inwit.tasks.structures import Grammar, Shape, drawn_ahead, is_divided, structure
from inwit.tokens import PADDING
from inwit.tools import ADD, DIV, FAULT, MUL, SUB, Tool, modulo, plain_digits

POOLED = 12
MAX_OPERATIONS = 100_000
REDRAWS = 8
"""How often numbers are drawn again after a division by zero."""
PRIME = 33_554_393
"""The largest prime below 2^25: products of residues are exact in float64."""
LARGEST_EXACT = 12
"""Up to this many operations, values of digits are exact in float64."""
TOOLS = {tool.symbol: tool for tool in (ADD, SUB, MUL, DIV)}
KINDS = {"n": Symbol.NUMBER, "(": Symbol.OPEN, ")": Symbol.CLOSE}
Numbers = Literal["digits", "zeros", "ones", "integers", "signed", "decimals"]


@register
@dataclass(frozen=True, kw_only=True)
class Expressions(Task):
    """Infix expressions, seen symbol by symbol."""

    largest: Annotated[int, Field(ge=1, le=MAX_OPERATIONS)] = 4
    """Number of operations at the hardest training level."""
    operators: str = "+-*"
    """Operators for which the agent has tools."""
    drawn: str = ""
    """Operators in the problems; by default all of these."""
    shape: Shape = "any"
    """Shape of the trees: any, or nested as deeply as possible to the left or to the right."""
    needless: Share = 0.0
    """Share of operands and operations that are put in redundant parentheses."""
    numbers: Numbers = "digits"
    """Operands: `digits`, `integers` to 999, `signed` from -99 to 99, `decimals` to 99.99, all
    `zeros` or all `ones`."""
    modulus: Annotated[int, Field(ge=0, le=PRIME)] = 0
    """Compute modulo this prime; 0 for ordinary arithmetic."""

    name = "expressions"

    def __post_init__(self) -> None:
        super().__post_init__()
        for operator in (*self.operators, *self.drawn):
            if operator not in TOOLS:
                raise UnknownName("operator", operator, TOOLS)
        if not set(self.drawn) <= set(self.operators):
            raise InvalidOption(f"'{self.drawn}' cannot be drawn: the tools are {self.operators}")
        if not self.operators or len(set(self.operators)) < len(self.operators):
            wanted = f"use some of {' '.join(TOOLS)}, each once"
            raise InvalidOption(f"--operators '{self.operators}': {wanted}")

    @property
    def symbols(self) -> tuple[str, ...]:
        """A number, the operators, the parentheses."""
        return ("n", *self.operators, "(", ")")

    @property
    def operand_symbols(self) -> tuple[str, ...]:
        """A number."""
        return ("n",)

    @property
    def kinds(self) -> tuple[Symbol, ...]:
        """The kind of each symbol."""
        return tuple(KINDS.get(symbol, Symbol.OPERATOR) for symbol in self.symbols)

    @property
    def tools(self) -> tuple[Tool, ...]:
        """One tool per operator."""
        tools = tuple(TOOLS[operator] for operator in self.operators)
        return tuple(modulo(tool, self.modulus) for tool in tools) if self.modulus else tools

    @property
    def rules(self) -> Rules:
        """A machine for streamed problems."""
        return Rules(tools=self.tools)

    @property
    def grammar(self) -> Grammar:
        """The distribution of its structures."""
        operators = self.drawn or self.operators
        return Grammar(operators=operators, shape=self.shape, needless=self.needless)

    @property
    def levels(self) -> range:
        """1 to `largest` operations."""
        return range(1, self.largest + 1)

    def is_shared(self, level: int) -> bool:
        """Whether a level has too few structures to hold any out; its numbers are fresh."""
        return not is_divided(self.grammar, level)

    def check_level(self, level: int) -> None:
        """Check a number of operations; any length within the limit is allowed.

        Raises:
            InvalidOption: it is out of range.
        """
        if not 1 <= whole_level(level) <= self.longest:
            allowed = f"expressions here have from 1 to {self.longest}"
            raise InvalidOption(f"{level} operations: {allowed}")

    @property
    def longest(self) -> int:
        """Maximum operations of an expression."""
        return MAX_OPERATIONS

    def at_length(self, operations: int) -> "Expressions":
        """The task for this many operations: modulo a prime if float64 is not exact."""
        outgrows = operations > LARGEST_EXACT and "/" not in self.operators
        return replace(self, modulus=PRIME if outgrows else self.modulus)

    def sample(
        self, level: Int[Tensor, " P"], generator: torch.Generator, *, held_out: bool = False
    ) -> Problems:
        """Structures from the pools, longer ones drawn one by one, with fresh numbers."""
        if int(level.max()) <= POOLED and not held_out:
            pool = _pool(replace(self, modulus=0, largest=1), int(level.max()))
            return self._problems(pool.draw(level, generator), level, generator)
        draw = random.Random(int(torch.randint(2**62, (), generator=generator)))
        texts = [
            structure(self.grammar, operations, draw, held_out) for operations in level.tolist()
        ]
        table = table_of(self, [infix.read(text, letters=True) for text in texts])
        return self._problems(table, level, generator)

    def _problems(
        self, table: "Table", level: Int[Tensor, " P"], generator: torch.Generator
    ) -> Problems:
        """Draw numbers for structures."""
        shape = (len(level), table.places.shape[1])
        values = _numbers(self.numbers, shape, generator)
        for _ in range(REDRAWS if "/" in self.operators else 0):
            sound = self._answers(table.postfix, values).isfinite()[:, None]
            values = values.where(sound, _numbers(self.numbers, shape, generator))
        return self._with_values(table, level, values)

    def _with_values(
        self, table: "Table", level: Int[Tensor, " P"], values: Float[Tensor, "P N"]
    ) -> Problems:
        """Put numbers (P, N) into structures."""
        places = table.places
        values = values.where(places >= 0, torch.nan)
        columns, width = self._columns(places, table.symbols.shape[1])
        operands = torch.full((len(level), width + 1), torch.nan, dtype=torch.double)
        operands.scatter_(1, columns.where(places >= 0, width), values)
        return Problems(
            symbols=table.symbols,
            operands=operands[:, :width],
            answer=self._answers(table.postfix, values),
            level=level,
            oracle=table.oracle,
        )

    def _columns(self, places: Int[Tensor, "P N"], symbols: int) -> tuple[Int[Tensor, "P N"], int]:
        """Operands (P, N) from numbers: each at the position of its symbol."""
        return places, symbols

    def _answers(
        self, postfix: Int[Tensor, "P C"], values: Float[Tensor, "P N"]
    ) -> Float[Tensor, " P"]:
        """Run postfix programs, one stack per problem, one code per step; faults are infinite."""
        stack = torch.zeros(len(postfix), values.shape[1] + 2, dtype=torch.double)
        height = torch.ones(len(postfix), 1, dtype=torch.long)
        functions = [tool.function for tool in self.rules.tools]
        for code in postfix.T[..., None]:  # (P, 1)
            entered = values.gather(1, code.clamp(min=0))
            right, left = stack.gather(1, height), stack.gather(1, (height - 1).clamp(min=0))
            result = entered
            for number, function in enumerate(functions):
                result = torch.where(code == -1 - number, function(left, right), result)
            moved = torch.where(code >= 0, height + 1, height - 1)
            height = torch.where(code == NOTHING, height, moved)
            result = torch.where(code == NOTHING, stack.gather(1, height), result)
            stack.scatter_(1, height, result.masked_fill(result.isinf(), torch.nan))
        answer = stack.gather(1, height)[:, 0]
        return answer.masked_fill(answer.isnan(), FAULT)

    def max_presses(self, problems: Problems) -> int:
        """One per symbol, an `STO` and an `RCL` per operation, and `ANS`."""
        return problems.symbols.shape[1] + 2 * int(problems.level.max()) + 1

    def max_depth(self, problems: Problems) -> int:
        """One frame per operation and per parenthesis."""
        opened = (problems.symbols == self.symbols.index("(")).sum(1).max()
        return int(problems.level.max()) + int(opened)

    def parse(self, text: str) -> Problems:
        """Read any expression over the operators that the agent has tools for."""
        expression = infix.read(self._without_modulus(text))
        unknown = [symbol for symbol in expression.symbols if symbol not in self.symbols]
        if unknown:
            raise InvalidProblem(
                f"this agent has no tool for '{unknown[0]}': it was trained with "
                f"{' '.join(self.operators)}",
                text,
                text.find(unknown[0]),
            )
        count = len(expression.numbers)
        if count > self.longest + 1:
            raise InvalidProblem(f"{count} numbers: this agent has keys for {self.longest + 1}")
        given = [[float(number) for number in expression.numbers]]
        values = torch.tensor(given, dtype=torch.double)
        table, level = table_of(self, [expression]), torch.tensor([count - 1])
        problems = self._with_values(table, level, values)
        if self.modulus:
            return problems
        return replace(problems, answer=torch.tensor([_float(expression)], dtype=torch.double))

    def _without_modulus(self, text: str) -> str:
        """The text without the note that names this task's modulus."""
        suffix = _MODULO.format(self.modulus)
        return text.strip().removesuffix(suffix) if self.modulus else text

    def exact(self, text: str) -> Fraction | None:
        """The exact value as a fraction; None modulo a prime, or if it is too large."""
        try:
            return None if self.modulus else infix.read(text).value()
        except OverflowError:
            return None

    def note(self, text: str) -> str:
        """A note on numbers that float64 rounds."""
        numbers = infix.read(self._without_modulus(text)).numbers
        held = {number: plain_digits(float(number)) for number in numbers}
        return "; ".join(
            f"the machine holds {number} as {near}"
            for number, near in held.items()
            if Fraction(number) != Fraction(near)
        )

    def form(self, level: int) -> str:
        """The number of operations."""
        return f"{level} operation{'s' if level > 1 else ''}"

    def describe(self, problems: Problems, row: int) -> str:
        """The expression with its numbers, and the modulus if there is one."""
        values = problems.operands[row]
        numbers = iter(values[~values.isnan()].tolist())
        names = [self.symbols[symbol] for symbol in problems.symbols[row].tolist() if symbol >= 0]
        written = (plain_digits(next(numbers)) if name == "n" else name for name in names)
        return "".join(written) + (_MODULO.format(self.modulus) if self.modulus else "")

    def program(self, expression: infix.Expression) -> list[str]:
        """The oracle's keys."""
        tools = {operator: TOOLS[operator].name for operator in self.operators}
        return programs.streamed(expression.symbols, tools)


def _float(expression: infix.Expression) -> float:
    """The value of an expression, rounded once to float64.

    Raises:
        InvalidProblem: it divides by zero, or float64 cannot hold its value.
    """
    try:
        return float(expression.value())
    except (ZeroDivisionError, OverflowError) as error:
        reason = "divides by zero" if isinstance(error, ZeroDivisionError) else "is too large"
        raise InvalidProblem(f"the value of this expression {reason}") from error


_MODULO = " modulo {}"
NOTHING = -100
"""The padding of postfix programs."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """S structures as tensors."""

    symbols: Int[Tensor, "S L"]
    """Indices of symbols, padded with -1."""
    places: Int[Tensor, "S N"]
    """Positions of the numbers in `symbols`, padded with -1."""
    postfix: Int[Tensor, "S C"]
    """Postfix codes: numbers by index, operators as -1, -2, ..., padded with `NOTHING`."""
    oracle: Int[Tensor, "S K"]
    """Oracle keys, padded with `EOS`."""


@lru_cache(maxsize=32)
def _pool(task: Expressions, largest: int) -> Pool[Table]:
    """Pools of structures for every number of operations up to `largest`."""
    ahead = [drawn_ahead(task.grammar, operations) for operations in range(largest + 1)]
    texts = [text for each in ahead for text in each]
    expressions = {text: infix.read(text, letters=True) for text in dict.fromkeys(texts)}
    order = {text: row for row, text in enumerate(expressions)}
    table = table_of(task, list(expressions.values()))
    rows = torch.tensor([order[text] for text in texts])
    level = torch.arange(len(ahead)).repeat_interleave(torch.tensor(list(map(len, ahead))))
    return Pool(rows=map_tensors(lambda each: each.index_select(0, rows), table), level=level)


def table_of(task: Expressions, expressions: list[infix.Expression]) -> Table:
    """Encode structures as tensors of the task's symbols and keys."""
    numbers = {symbol: number for number, symbol in enumerate(task.symbols)}
    codes = {operator: -1 - number for number, operator in enumerate(task.operators)}
    vocabulary = task.rules.vocabulary
    symbols, places, postfix, oracle = [], [], [], []
    for expression in expressions:
        written = [numbers[symbol] for symbol in expression.symbols]
        symbols.append(written)
        places.append([place for place, symbol in enumerate(written) if symbol == 0])
        postfix.append(
            [codes[item] if isinstance(item, str) else item for item in expression.postfix]
        )
        oracle.append([vocabulary[name] for name in task.program(expression)])
    return Table(
        symbols=padded(symbols, -1),
        places=padded(places, -1),
        postfix=padded(postfix, NOTHING),
        oracle=padded(oracle, vocabulary[PADDING]),
    )


def _numbers(
    kind: Numbers, shape: tuple[int, int], generator: torch.Generator
) -> Float[Tensor, "P N"]:
    """Random numbers of one kind, float64 (P, N)."""
    match kind:
        case "zeros" | "ones":
            return torch.full(shape, float(kind == "ones"), dtype=torch.double)
        case "digits":
            values = torch.randint(0, 10, shape, generator=generator)
        case "integers":
            values = torch.randint(0, 1000, shape, generator=generator)
        case "signed":
            values = torch.randint(-99, 100, shape, generator=generator)
        case _:
            return torch.randint(0, 10_000, shape, generator=generator).double() / 100
    return values.double()
