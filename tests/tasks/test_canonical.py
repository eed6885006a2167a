"""The held-out split: the same for equal problems, in every process."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import inwit
from inwit.auditing.exhaustive import Verdict, audit_task
from inwit.errors import InvalidOption
from inwit.tasks import Stages
from inwit.tasks.canonical import canonical, is_canonical
from inwit.testing import check_task
from inwit.tools import ADD

PROGRAM = """
import json, sys
import inwit
from inwit.tasks import function_task

function_task.POOL = 600  # drawn sooner; most of the 400 problems are among them

class Named:
    def __init__(self, name): self.name = name
    def __eq__(self, other): return self.name == other.name
    def __hash__(self): return hash(self.name)

class Bag(Named):
    def __repr__(self): return f"Bag({self.name})"

KINDS = {
    "numbers": lambda draw, n: (n if draw.random() < 0.5 else float(n)),
    "sets": lambda draw, n: frozenset(f"{n}{letter}" for letter in "abcde"),
    "nested": lambda draw, n: (n, frozenset({str(n), "x", "y"})),
    "hidden": lambda draw, n: Bag(frozenset(f"{n}{letter}" for letter in "abcde")),
    "plain": lambda draw, n: Named(str(n)),
}

@inwit.tool
def nothing(x: float) -> float:
    "As it is."
    return x

def parts(kind):
    @inwit.task(tools=[nothing], presses=4)
    def numbered(draw):
        n = draw.randrange(400)
        return inwit.Problem(prompt=f"p{n % 7} {{0}}", operands=(kind(draw, n), n % 7), answer=n)

    return [sorted(part.rows.answer.tolist()) for part in numbered.pools]

print(json.dumps({name: parts(kind) for name, kind in KINDS.items()}))
"""


def parts_elsewhere():
    """For each kind of operand, the answers on both sides, as another process splits them."""
    hashes = "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1"
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=os.environ | {"PYTHONHASHSEED": hashes},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.slow
def test_no_problem_is_on_both_sides_within_a_process_and_across_two(monkeypatch, capsys):
    monkeypatch.setattr("inwit.tasks.function_task.POOL", 0)  # restored after the program sets it
    exec(PROGRAM, {"__name__": "program"})
    first, second = json.loads(capsys.readouterr().out), parts_elsewhere()
    assert first == second
    assert set(first) == {"numbers", "sets", "nested", "hidden", "plain"}
    for known, apart in first.values():
        assert known
        assert apart
        assert not set(known) & set(apart)


def test_numbers_of_any_type_are_on_one_side():
    @inwit.task(tools=[ADD], presses=4)
    def sums(draw):
        one, other = draw.randrange(40), draw.randrange(40)
        kind = draw.choice([int, float, np.int64, np.float32, Decimal, Fraction])
        return inwit.Problem(
            prompt="add {0} and {1}",
            operands=(kind(one), other),
            answer=one + other,
            oracle="0 ADD 1 ANS",
        )

    check_task(sums, count=1000, chance=1.0)


class Letter(Enum):
    A = 1


@dataclass(frozen=True)
class Point:
    x: float
    y: float


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (3, 3.0),
        (0.0, -0.0),
        (np.float64(2), 2),
        (Decimal("0.5"), Fraction(1, 2)),
        (Point(1, 2), Point(1.0, 2.0)),
        (frozenset("abc"), frozenset("cba")),
        ({"a": 1, "b": 2}, {"b": 2.0, "a": 1}),
        ((1, 2), (1.0, 2.0)),
    ],
    ids=["numbers", "zeros", "numpy", "fractions", "fields", "sets", "mappings", "tuples"],
)
def test_equal_values_have_one_text(one, other):
    assert one == other
    assert canonical(one) == canonical(other)


DISTINCT = [
    1,
    2,
    "1",
    "2",
    (1, 2),
    (2, 1),
    frozenset({1}),
    None,
    Letter.A,
    Point(1, 2),
    Point(2, 1),
]


def test_what_differs_has_other_texts():
    texts = list(map(canonical, [*DISTINCT, date(2026, 1, 2), date(2026, 2, 1)]))
    assert len(set(texts)) == len(texts)


@given(st.recursive(st.integers() | st.text(), lambda each: st.frozensets(each, max_size=4)))
def test_text_says_whether_collections_are_equal(value):
    assert is_canonical(value)
    assert canonical(value) != canonical((value,))


def test_what_cannot_be_told_apart_is_refused_with_the_type():
    class Blob:
        pass

    @inwit.tool
    def measure(it: Blob) -> float:
        """One."""
        return 1.0

    @inwit.task(tools=[measure], presses=4)
    def blobs(draw):
        return inwit.Problem(
            prompt="measure {0}", operands=(Blob(),), answer=1, oracle="0 MEASURE ANS"
        )

    with pytest.raises(InvalidOption, match="a Blob has no text that is the same in every process"):
        check_task(blobs)


def test_a_run_of_another_split_is_not_scored(tmp_path):
    @inwit.task(tools=[ADD], presses=4)
    def sums(draw):
        one, other = draw.randrange(40), draw.randrange(40)
        return inwit.Problem(prompt="add {0} and {1}", operands=(one, other), answer=one + other)

    agent = inwit.train(sums, updates=1, batch=16, out=tmp_path / "run")
    assert agent.evaluate(8)
    config = tmp_path / "run" / "config.json"
    told = json.loads(config.read_text())
    assert told["made"]["split"] == sums.split
    told["made"]["split"] = 1
    config.write_text(json.dumps(told))
    old = inwit.load(tmp_path / "run", task=sums)
    for score in (old.evaluate, old.certify, lambda: old.trace(0)):
        with pytest.raises(InvalidOption, match=r"version 1 of the held-out split.*train it again"):
            score()


@pytest.mark.slow
def test_the_audit_finds_a_task_whose_parts_overlap():
    class Overlapping(Stages):
        name = "overlapping"

        def sample(self, level, generator, *, held_out=False):
            return super().sample(level, generator)

    def found(task):
        audit = audit_task(task, levels=[0], problems=100, budget=2000)
        return [each.verdict for each in audit.findings if each.name == "held out"]

    assert found(Overlapping()) == [Verdict.FAIL]
    assert found(Stages(once=True)) == [Verdict.PASS]
