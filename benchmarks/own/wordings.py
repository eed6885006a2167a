"""Three questions, each in ten wordings."""

import random

import inwit
from inwit.tools import DIV, MUL, SUB

OPENINGS = ["", "please say ", "tell me ", "we want to know ", "quick : "]
ITEMS = ["{0} {1} for {2} coins each", "{2} coins a piece for {0} {1}"]
QUESTIONS = [
    ("what is the price of ", lambda count, price, cash: count * price),
    ("what is left of {3} coins after ", lambda count, price, cash: cash - count * price),
    ("what part of {3} coins goes on ", lambda count, price, cash: count * price / cash),
]


@inwit.task(tools=[MUL, SUB, DIV])
def wordings(draw: random.Random) -> inwit.Problem:
    count, price, cash = draw.randint(2, 20), draw.randint(2, 30), draw.randint(600, 900)
    level = draw.randrange(len(QUESTIONS))
    question, answer = QUESTIONS[level]
    return inwit.Problem(
        prompt=draw.choice(OPENINGS) + question + draw.choice(ITEMS),
        operands=(count, draw.choice(["pens", "cups", "hats"]), price, cash),
        answer=answer(count, price, cash),
        level=level,
    )
