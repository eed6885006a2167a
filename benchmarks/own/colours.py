"""Colours as text and as tuples: parts of a colour, darker ones, mixtures."""

import random

import inwit


@inwit.tool
def from_text(text: str) -> tuple:
    return tuple(bytes.fromhex(text[1:]))


@inwit.tool
def to_text(colour: tuple) -> str:
    return "#" + bytes(colour).hex()


@inwit.tool
def part(colour: tuple, name: str) -> int:
    return colour[["red", "green", "blue"].index(name)]


@inwit.tool
def darker(colour: tuple) -> tuple:
    return tuple(each // 2 for each in colour)


@inwit.tool
def mixture(one: tuple, other: tuple) -> tuple:
    return tuple((a + b) // 2 for a, b in zip(one, other, strict=True))


@inwit.task(tools=[from_text, to_text, part, darker, mixture])
def colours(draw: random.Random) -> inwit.Problem:
    one, other = (tuple(draw.randrange(256) for _ in range(3)) for _ in range(2))
    name, level = draw.choice(["red", "green", "blue"]), draw.randrange(3)
    prompt, answer = [
        ("how much {2} is in {0}", part(one, name)),
        ("a darker {0}", to_text(darker(one))),
        ("{0} mixed with {1}", to_text(mixture(one, other))),
    ][level]
    operands = (to_text(one), to_text(other), name)
    return inwit.Problem(prompt=prompt, operands=operands, answer=answer, level=level)
