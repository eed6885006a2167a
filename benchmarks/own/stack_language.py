"""A small stack language: the stack is a tuple, and the agent carries a program out."""

import random

import inwit

PROGRAMS = ["{1} {2} plus", "{1} {2} times", "{1} dup times", "{1} dup plus"]
PROGRAMS += ["{1} {2} plus {3} times", "{1} {2} {3} times plus", "{1} {2} dup times plus"]
PROGRAMS += ["{1} dup times {2} plus {3} times", "{1} {2} plus dup times {3} plus"]


@inwit.tool
def push(stack: tuple, value: float) -> tuple:
    return (*stack, value)


@inwit.tool
def dup(stack: tuple) -> tuple:
    return (*stack, stack[-1])


@inwit.tool
def plus(stack: tuple) -> tuple:
    return (*stack[:-2], stack[-2] + stack[-1])


@inwit.tool
def times(stack: tuple) -> tuple:
    return (*stack[:-2], stack[-2] * stack[-1])


@inwit.task(tools=[push, dup, plus, times])
def stack_language(draw: random.Random) -> inwit.Problem:
    chosen, stack = draw.randrange(len(PROGRAMS)), ()
    operands = ((), *(float(draw.randint(2, 50)) for _ in range(3)))
    for word in PROGRAMS[chosen].split():
        known = {"dup": dup, "plus": plus, "times": times}
        stack = known[word](stack) if word in known else push(stack, operands[int(word[1])])
    level = (chosen > 3) + (chosen > 6)
    return inwit.Problem(prompt=PROGRAMS[chosen], operands=operands, answer=stack, level=level)
