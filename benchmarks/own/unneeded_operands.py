"""Train journeys told with seven operands, of which two or three are needed."""

import random

import inwit
from inwit.tools import ADD, DIV, MUL

STORY = "train {0} with {1} waggons and {2} people goes at {3} kmh for {4} hours from {5} with {6}"


@inwit.task(tools=[ADD, MUL, DIV])
def unneeded_operands(draw: random.Random) -> inwit.Problem:
    number, waggons, people = draw.randrange(100, 999), draw.randint(2, 14), draw.randint(50, 900)
    speed, hours, more = draw.randint(40, 300), draw.randint(2, 9), draw.randint(10, 80)
    town = draw.choice(["Ely", "Bath", "York"])
    question, answer, level = draw.choice(
        [
            ("how far does it go", speed * hours, 0),
            ("how many people sit in a waggon", people / waggons, 0),
            ("how many sit in a waggon once {6} more are in", (people + more) / waggons, 1),
            ("how far has it gone after a start of {6} km", speed * hours + more, 1),
        ]
    )
    operands = (number, waggons, people, speed, hours, town, more)
    return inwit.Problem(
        prompt=f"{STORY} : {question}", operands=operands, answer=answer, level=level
    )
