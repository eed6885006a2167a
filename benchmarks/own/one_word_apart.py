"""Forms that share all their words but one."""

import random

import inwit
from inwit.tools import ADD, DIV, MUL, SUB

ONE = {
    "sum": lambda a, b, c: a + b,
    "difference": lambda a, b, c: a - b,
    "product": lambda a, b, c: a * b,
    "quotient": lambda a, b, c: a / b,
}
TWO = {
    "total": lambda a, b, c: a + b + c,
    "rest": lambda a, b, c: a - b - c,
    "volume": lambda a, b, c: a * b * c,
    "mean": lambda a, b, c: (a + b) / c,
    "gain": lambda a, b, c: (a - b) * c,
}


@inwit.task(tools=[ADD, SUB, MUL, DIV])
def one_word_apart(draw: random.Random) -> inwit.Problem:
    level = draw.randrange(2)
    word, function = draw.choice(list([ONE, TWO][level].items()))
    operands = tuple(draw.randint(2, 99) for _ in range(3))
    answer = function(*operands)
    prompt = f"take the {word} of the numbers {{0}} and {{1}} with {{2}} at hand"
    return inwit.Problem(prompt=prompt, operands=operands, answer=answer, level=level)
