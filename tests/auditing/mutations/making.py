"""Mutated graders as text and as functions, and whether a mutation changes a verdict."""

import inspect
import warnings
from functools import cache
from pathlib import Path

from tests.auditing.mutations import graders
from tests.auditing.mutations.planted_forms import FORMS
from tests.auditing.mutations.planted_numbers import NUMBERS
from tests.auditing.mutations.planted_texts import TEXTS
from tests.auditing.mutations.replies import COUNT, replies_to
from tests.auditing.mutations.rows import rows_of

PLANTED = {**NUMBERS, **FORMS, **TEXTS}
"""For each grader its mutations: a name, the old text and the new one."""
IMPORTS = (Path(__file__).parent / "graders.py").read_text().split("\n\n\ndef ")[0] + "\n\n\n"
"""What stands before the first grader."""


def source(grader):
    """A file with one sound grader, called `score`."""
    text = inspect.getsource(getattr(graders, grader))
    return IMPORTS + text.replace(f"def {grader}(", "def score(", 1)


def mutated(grader, old, new):
    """The same with a change at the first place that it names."""
    before, found, after = source(grader).partition(old)
    if not found:
        raise ValueError(f"{grader} does not hold {old!r}")
    text = before + new + after
    compile(text, grader, "exec")
    return text


def all_planted():
    """Grader, name and text of all mutations."""
    return [
        (grader, name, mutated(grader, old, new))
        for grader, planted in PLANTED.items()
        for name, old, new in planted
    ]


def verdicts(grader, text, count=COUNT):
    """What a file pays for some replies to the rows of a grader, or which error it raises."""
    names = {}
    exec(compile(text, "mutated", "exec"), names)
    rows, replies = _asked(grader)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # expressions that cannot run are part of the replies
        return [_paid(names["score"], reply, rows[n]) for n, reply in replies[:count]]


@cache
def _asked(grader):
    rows = rows_of(grader)
    return rows, replies_to(rows)


def _paid(score, reply, row):
    try:
        return float(score(reply, dict(row)))
    except Exception as error:
        return type(error).__name__


@cache
def _sound(grader, count):
    return verdicts(grader, source(grader), count)


def changed(grader, text, count=COUNT):
    """On how many replies a mutated file pays something else than the sound one."""
    pairs = zip(_sound(grader, count), verdicts(grader, text, count), strict=True)
    return sum(sound != other for sound, other in pairs)
