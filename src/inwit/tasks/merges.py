"""All ways to make one number from several by `+ - * /`, each number used exactly once.

A *plan* merges two numbers at a time until one is left. With m numbers there are 6 m (m - 1) / 2
merges: for every pair a, b the six results a+b, a*b, a-b, b-a, a/b, b/a. The result then stands
first, and the others keep their order. Three numbers have 108 plans, four 3,888, five 233,280, six
20,995,200. Intermediate results may be negative and fractions; division by zero has no result.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import combinations
from math import prod

import torch
from jaxtyping import Float, Int
from torch import Tensor

from inwit.tasks import programs
from inwit.tools import ADD, DIV, MUL, SUB

RESULTS = ("+", "*", "-", "-~", "/", "/~")
"""The six results of a pair; with `~` its numbers change places."""
TOOLS = {tool.symbol: tool.name for tool in (ADD, SUB, MUL, DIV)}
NEAR = 1e-6
"""How near a float64 comes to a target that it may stand for; the rest is checked exactly."""
CHUNK = 300_000
"""Plans evaluated at once."""
Postfix = tuple[int | str, ...]
"""An expression: indices of numbers, and operators behind their two arguments."""


def choices(count: int) -> tuple[int, ...]:
    """How many merges there are at each step of a plan for `count` numbers."""
    return tuple(3 * left * (left - 1) for left in range(count, 1, -1))


def merge(values: Float[Tensor, "P N"]) -> Float[Tensor, "P M N-1"]:
    """The numbers after each possible merge; NaN for a division by zero and all made from it."""
    pairs = list(combinations(range(values.shape[1]), 2))
    first, second = values[:, [i for i, _ in pairs]], values[:, [j for _, j in pairs]]
    made = torch.stack(
        [
            first + second,
            first * second,
            first - second,
            second - first,
            first / second,
            second / first,
        ],
        2,
    )
    made = made.masked_fill(made.isinf(), torch.nan).flatten(1)
    others = [[k for k in range(values.shape[1]) if k not in pair] for pair in pairs]
    kept = values[:, torch.tensor(others, dtype=torch.long)]  # (P, pairs, N - 2)
    return torch.cat([made[..., None], kept.repeat_interleave(len(RESULTS), 1)], 2)


def merged(values: Float[Tensor, "P N"], chosen: Int[Tensor, " P"]) -> Float[Tensor, "P N-1"]:
    """The numbers of each row after one merge, by its place in `merge`."""
    pairs = list(combinations(range(values.shape[1]), 2))
    others = [[k for k in range(values.shape[1]) if k not in pair] for pair in pairs]
    pair, result = chosen // len(RESULTS), chosen % len(RESULTS)
    one, other = values.gather(1, torch.tensor(pairs)[pair]).unbind(1)
    turned = torch.tensor([name.endswith("~") for name in RESULTS])[result]
    first, second = torch.where(turned, other, one), torch.where(turned, one, other)
    sides = torch.stack([first + second, first * second, first - second, first / second])
    made = sides.gather(0, torch.tensor([0, 1, 2, 2, 3, 3])[result][None])[0]
    made = made.masked_fill(made.isinf(), torch.nan)
    kept = values.gather(1, torch.tensor(others, dtype=torch.long)[pair])
    return torch.cat([made[:, None], kept], 1)


def random_plans(
    values: Float[Tensor, "P N"], generator: torch.Generator
) -> tuple[Float[Tensor, " P"], Int[Tensor, " P"]]:
    """What a random plan makes of the numbers of each row, and its place in `results`."""
    plan = torch.zeros(len(values), dtype=torch.long)
    for size in choices(values.shape[1]):
        chosen = torch.randint(size, (len(values),), generator=generator)
        values, plan = merged(values, chosen), plan * size + chosen
    return values[:, 0], plan


def results(values: Float[Tensor, "P N"]) -> Float[Tensor, "P plans"]:
    """What every plan makes of the numbers of each row."""
    rows = len(values)
    while values.shape[1] > 1:
        values = merge(values).flatten(0, 1)
    return values.view(rows, -1)


def steps(plan: int, count: int) -> list[int]:
    """The merges of a plan from its place in `results`."""
    found = []
    for base in reversed(choices(count)):
        plan, merged = divmod(plan, base)
        found.append(merged)
    return found[::-1]


def postfix(merges: Sequence[int], count: int) -> Postfix:
    """The expression that a plan writes.

    Of the two sides of a sum or a product a compound one comes first: that saves `STO` and `RCL`.
    """
    parts: list[Postfix] = [(index,) for index in range(count)]
    for merged in merges:
        pair, result = divmod(merged, len(RESULTS))
        i, j = list(combinations(range(len(parts)), 2))[pair]
        one, other, operator = parts[i], parts[j], RESULTS[result]
        if operator.endswith("~") or (operator in "+*" and len(other) > len(one) == 1):
            one, other = other, one
        rest = [part for place, part in enumerate(parts) if place not in (i, j)]
        parts = [(*one, *other, operator[0]), *rest]
    return parts[0]


def ordered(expression: Postfix) -> Postfix:
    """The same expression with its sums and products in one order.

    `c+(b-(d-a))` is `a+b+c-d`: what is added comes before what is subtracted, what is multiplied
    before what divides, compound parts before numbers, these in ascending order. Parts that are
    sums within a sum, or products within a product, are taken apart.
    """
    stack: list[_Part] = []
    for item in expression:
        if isinstance(item, int):
            stack.append(_Part(item))
            continue
        right, left = stack.pop(), stack.pop()
        stack.append(_Part.of(item, left, right))
    return stack[0].postfix()


class _Part:
    """A number, or a sum or a product of parts."""

    def __init__(self, *numbers: int) -> None:
        self.numbers, self.operators = numbers, ""
        self.sides: tuple[list[_Part], list[_Part]] = ([self], [])

    @classmethod
    def of(cls, operator: str, left: "_Part", right: "_Part") -> "_Part":
        """What an operator makes of two parts."""
        made = cls(*left.numbers, *right.numbers)
        made.operators = "+-" if operator in "+-" else "*/"
        plain, inverse = made._taken(left)
        more, less = made._taken(right)
        if operator in "-/":
            more, less = less, more
        made.sides = (sorted(plain + more, key=cls._rank), sorted(inverse + less, key=cls._rank))
        return made

    def _taken(self, part: "_Part") -> "tuple[list[_Part], list[_Part]]":
        return part.sides if part.operators == self.operators else ([part], [])

    def _rank(self) -> tuple[int, Postfix]:
        return -len(self.numbers), self.postfix()

    def postfix(self) -> Postfix:
        """It as an expression."""
        if not self.operators:
            return self.numbers
        (first, *rest), inverse = self.sides
        written = first.postfix()
        for operator, parts in zip(self.operators, (rest, inverse), strict=True):
            for part in parts:
                written = (*written, *part.postfix(), operator)
        return written


@lru_cache(maxsize=8192)
def program(plan: int, count: int) -> str:
    """The keys of a plan, by its place in `results`."""
    return keys(postfix(steps(plan, count), count))


def keys(expression: Postfix) -> str:
    """The keys of an expression, ending in `ANS`."""
    return " ".join(programs.addressed(expression, TOOLS))


@lru_cache(maxsize=4)
def ordered_programs(count: int) -> tuple[str, ...]:
    """The keys of each plan, sums and products in one order (see `ordered`)."""
    plans = range(prod(choices(count)))
    return tuple(keys(ordered(postfix(steps(plan, count), count))) for plan in plans)


@lru_cache(maxsize=4)
def different(count: int) -> Int[Tensor, " programs"]:
    """The first plan of each program of `ordered_programs`: 68 of three numbers, 1,260 of four."""
    first = dict[str, int]()
    for plan, keys in enumerate(ordered_programs(count)):
        first.setdefault(keys, plan)
    return torch.tensor(list(first.values()))


@lru_cache(maxsize=4)
def lengths(count: int) -> Int[Tensor, " plans"]:
    """How many keys each plan takes."""
    plans = range(prod(choices(count)))
    return torch.tensor([program(plan, count).count(" ") + 1 for plan in plans])


def exact(expression: Postfix, numbers: Sequence[int | Fraction]) -> Fraction | None:
    """The value of an expression as a fraction; None where it divides by zero."""
    stack: list[Fraction] = []
    for item in expression:
        if isinstance(item, int):
            stack.append(Fraction(numbers[item]))
            continue
        right, left = stack.pop(), stack.pop()
        if item == "/" and not right:
            return None
        made = {"+": left + right, "-": left - right, "*": left * right}
        stack.append(made[item] if item in made else left / right)
    return stack[0]


def solutions(numbers: Sequence[int], target: int) -> tuple[Postfix, ...]:
    """Every expression of the numbers that is exactly the target, those with few keys first.

    Expressions that differ only in the order of the sides of a sum or a product count once, except
    where both sides are numbers of the problem that are equal or both sides are compound.
    """
    found = dict.fromkeys(_hits(numbers, float(target)))
    right = [each for each in found if exact(each, numbers) == target]
    return tuple(sorted(right, key=lambda each: keys(each).count(" ")))


def _hits(numbers: Sequence[int], target: float) -> Iterator[Postfix]:
    """Expressions that come near the target; the first merges are made one by one."""
    count = len(numbers)
    values, sizes = torch.tensor([list(numbers)], dtype=torch.double), choices(count)
    ahead, plans = 0, prod(sizes)
    while plans > CHUNK:
        values = merge(values).flatten(0, 1)
        plans, ahead = plans // sizes[ahead], ahead + 1
    for begun, row in enumerate(values):
        near = (results(row[None])[0] - target).abs() < NEAR
        for rest in near.nonzero()[:, 0].tolist():
            yield postfix(steps(begun * plans + rest, count), count)
