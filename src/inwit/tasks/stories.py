"""Small stories with numbers, made from templates: word problems that need no file.

A fifth of them, by a hash of their words, is held out.
"""

import random
from collections.abc import Callable
from functools import cache

from inwit.tasks.pool import split
from inwit.tasks.questions import NUMBER, Question

COUNT = 2500
"""Number of stories drawn, including held-out ones."""
PEOPLE = ["mary", "john", "anna", "peter", "lucy", "tom", "nina", "oscar"]
THINGS = ["apples", "pens", "stamps", "cards", "marbles", "books", "shells", "coins"]
PLACE = "#"
"""Represents a number in a template."""
Template = tuple[str, str, Callable[..., float]]
"""Text, a right program with the numbers as a, b, c, and the answer."""
TEMPLATES: tuple[Template, ...] = (
    (
        "{who} has # {what} and buys # more . how many {what} has {who} now ?",
        "a ADD b",
        lambda a, b: a + b,
    ),
    (
        "{who} is # years old . {who} has # {what} and # pencils . how many things are there ?",
        "b ADD c",
        lambda a, b, c: b + c,
    ),
    (
        "{who} had # {what} and gave # of them to {other} . how many {what} are left ?",
        "a SUB b",
        lambda a, b: a - b,
    ),
    (
        "{other} took # of the # {what} that {who} had . how many {what} are left ?",
        "b SUB a",
        lambda a, b: b - a,
    ),
    (
        "{who} fills # boxes with # {what} each . how many {what} are in the boxes ?",
        "a MUL b",
        lambda a, b: a * b,
    ),
    (
        "{who} buys # dozen {what} . how many {what} does {who} buy ?",
        "a MUL twelve",
        lambda a: a * 12,
    ),
    (
        "{who} shares # {what} evenly among # friends . how many {what} does each friend get ?",
        "a DIV b",
        lambda a, b: a / b,
    ),
    (
        "# friends share the # {what} of {who} . how many {what} does each friend get ?",
        "b DIV a",
        lambda a, b: b / a,
    ),
    (
        "{who} had # {what} , found # and then lost # . how many {what} has {who} now ?",
        "a ADD b SUB c",
        lambda a, b, c: a + b - c,
    ),
    (
        "# boys and # girls got # {what} each from {who} . how many {what} did {who} give ?",
        "a ADD b MUL c",
        lambda a, b, c: (a + b) * c,
    ),
    (
        "{who} had # {what} and filled # bags with # {what} each . how many {what} are left ?",
        "a SUB STO b MUL c RCL",
        lambda a, b, c: a - b * c,
    ),
)
KEYS = {"twelve": "2", "a": "5", "b": "6", "c": "7"}
"""Operand keys: the constants precede the numbers of the story."""


@cache
def stories() -> tuple[tuple[Question, ...], tuple[Question, ...]]:
    """Training and held-out stories, the same in every run."""
    source = random.Random(0)
    known, apart = split((_story(source) for _ in range(COUNT)), _written)
    return tuple(known), tuple(apart)


def _written(story: Question) -> str:
    """The text of a story without its numbers."""
    return " ".join(PLACE if word is NUMBER else word for word in story.words)


def _story(source: random.Random) -> Question:
    """One story whose answer is a whole number of at least one."""
    text, program, function = source.choice(TEMPLATES)
    who, other = source.sample(PEOPLE, 2)
    words = text.format(who=who, other=other, what=source.choice(THINGS)).split()
    answer, numbers = 0.0, list[float]()
    while answer < 1 or not answer.is_integer():
        numbers = [float(source.randint(2, 60)) for _ in range(words.count(PLACE))]
        answer = float(function(*numbers))
    keys = [KEYS.get(name, name) for name in program.split()]
    return Question(
        words=tuple(NUMBER if word == PLACE else word for word in words),
        numbers=tuple(numbers),
        answer=answer,
        oracle=" ".join([*keys, "ANS"]),
    )
