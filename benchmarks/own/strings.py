"""Texts are cut, searched with regular expressions and formatted."""

import random
import re

import inwit

WORDS = ["amber", "birch", "cobalt", "dune", "elder", "fjord", "garnet", "heron", "iris", "jade"]
PATTERNS = ["[0-9]+", "[a-z]+$"]


def start(text: str, count: int) -> str:
    return text[:count]


def find(text: str, pattern: str) -> str:
    return re.search(pattern, text)[0]


def fill(text: str, width: int) -> str:
    return f"{text:*>{width}}"


def capitals(text: str) -> str:
    return text.upper()


@inwit.task(tools=[start, find, fill, capitals])
def strings(draw: random.Random) -> inwit.Problem:
    text = f"{draw.choice(WORDS)}-{draw.randrange(1000, 9999)} {draw.choice(WORDS)}"
    count, width, pattern = draw.randint(2, 4), draw.randint(6, 9), draw.choice(PATTERNS)
    prompt, answer, level = draw.choice(
        [
            ("the first {1} of {0}", text[:count], 0),
            ("{3} in {0}", (found := find(text, pattern)), 0),
            ("{3} in {0} in capitals", found.upper(), 1),
            ("the first {1} of {3} in {0}", found[:count], 1),
            ("the first {1} of {3} in {0} on {2} places", fill(found[:count], width), 2),
        ]
    )
    operands = (text, count, width, pattern)
    return inwit.Problem(prompt=prompt, operands=operands, answer=answer, level=level)
