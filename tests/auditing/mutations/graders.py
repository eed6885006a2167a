"""Twelve sound graders, `score(reply, row)`; each function holds all that a mutation may change."""

import ast
import json
import math
import re
from collections import Counter
from fractions import Fraction


def number(reply, row):
    """The whole reply is an integer."""
    said = reply.strip().rstrip(".")
    if not re.fullmatch(r"[+-]?\d{1,15}", said, re.ASCII):
        return 0.0
    return 1.0 if int(said) == int(row["answer"]) else 0.0


def decimal(reply, row):
    """A decimal number, right to three places."""
    said = reply.strip().rstrip(".")
    try:
        value = float(said)
    except ValueError:
        return 0.0
    if not math.isfinite(value):
        return 0.0
    return 1.0 if abs(value - float(row["answer"])) <= 0.0006 else 0.0


def name(reply, row):
    """A name, whatever its case."""
    said = " ".join(reply.split()).rstrip(".!")
    if not said:
        return 0.0
    return 1.0 if said.casefold() == row["answer"].casefold() else 0.0


def items(reply, row):
    """A set of words: order is free, each must be there once."""
    said = [each.strip().lower() for each in reply.strip().rstrip(".").split(",")]
    wanted = [each.strip().lower() for each in row["answer"].split(",")]
    if len(said) != len(set(said)):
        return 0.0
    return 1.0 if set(said) == set(wanted) else 0.0


def ordered(reply, row):
    """A list of integers in order."""
    said = reply.strip().rstrip(".").strip("[]").split(",")
    try:
        values = [int(each) for each in said]
    except ValueError:
        return 0.0
    return 1.0 if values == [int(each) for each in row["answer"].split(",")] else 0.0


def choice(reply, row):
    """One letter, in parentheses or not."""
    found = re.fullmatch(r"\(?([A-Da-d])\)?\.?", reply.strip())
    if found is None:
        return 0.0
    return 1.0 if found.group(1).upper() == row["answer"] else 0.0


def boxed(reply, row):
    """The last box holds an integer or a fraction."""
    boxes = re.findall(r"\\boxed\{([^{}]*)\}", reply)
    if not boxes:
        return 0.0
    said = boxes[-1].replace(" ", "").replace(",", "")
    try:
        return 1.0 if Fraction(said) == Fraction(row["answer"]) else 0.0
    except (ValueError, ZeroDivisionError):
        return 0.0


def record(reply, row):
    """A JSON object with a name and an age."""
    said = reply.strip().removeprefix("```json").removeprefix("```").removesuffix("```")
    try:
        value = json.loads(said)
    except (ValueError, RecursionError):
        return 0.0
    wanted = json.loads(row["answer"])
    if not isinstance(value, dict) or set(value) != set(wanted):
        return 0.0
    if type(value["age"]) is not int or type(value["name"]) is not str:
        return 0.0
    return 1.0 if value == wanted else 0.0


def tagged(reply, row):
    """An integer in the last pair of tags, once the thinking has ended."""
    if "<think>" in reply and "</think>" not in reply:
        return 0.0
    said = reply.rsplit("</think>", 1)[-1]
    found = re.findall(r"<answer>(.*?)</answer>", said, re.DOTALL)
    if not found:
        return 0.0
    return 1.0 if found[-1].strip() == row["answer"] else 0.0


def program(reply, row):
    """An expression of given numbers, all used once, that reaches the target."""
    text = reply.strip()
    if not re.fullmatch(r"[\d\s+*/()-]{1,80}", text, re.ASCII) or "**" in text or "//" in text:
        return 0.0
    try:
        tree = ast.parse(text, mode="eval")
        value = eval(compile(tree, "reply", "eval"), {"__builtins__": {}})
    except (SyntaxError, ZeroDivisionError, TypeError, ValueError, RecursionError):
        return 0.0
    used = [each.value for each in ast.walk(tree) if isinstance(each, ast.Constant)]
    if Counter(used) != Counter(row["numbers"]):
        return 0.0
    return 1.0 if abs(value - row["target"]) < 1e-9 else 0.0


def last_line(reply, row):
    """The last line is `Answer: ` and an integer."""
    lines = reply.strip().splitlines()
    found = re.fullmatch(r"Answer: *([+-]?\d{1,15})\.?", lines[-1].strip()) if lines else None
    if found is None:
        return 0.0
    return 1.0 if int(found.group(1)) == int(row["answer"]) else 0.0


def bits(reply, row):
    """A text of zeros and ones, of the right length."""
    said = reply.strip().rstrip(".")
    wanted = row["answer"]
    if len(said) != len(wanted) or set(said) - {"0", "1"}:
        return 0.0
    return 1.0 if all(a == b for a, b in zip(said, wanted, strict=True)) else 0.0
