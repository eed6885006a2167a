"""A service that fails in half of the calls, at random: whoever sees a failure asks again."""

import random

import inwit

luck = random.Random(0)


@inwit.tool(cached=False)
def ask(number: int) -> int:
    if luck.random() < 0.5:
        raise TimeoutError("no reply")
    return number * number % 997


@inwit.tool(cached=False)
def confirm(number: int) -> int:
    if luck.random() < 0.5:
        raise TimeoutError("no reply")
    return number + 5000


@inwit.task(tools=[ask, confirm], shown=["number"], display=lambda value: "number")
def failing_tools(draw: random.Random) -> inwit.Problem:
    number, level = draw.randrange(1000, 9999), draw.randrange(2)
    reply = number * number % 997
    prompt = "ask for {0}" if level == 0 else "ask for {0} and confirm the reply"
    return inwit.Problem(
        prompt=prompt, operands=(number,), answer=reply + 5000 * level, level=level
    )
