"""Faults planted in tasks that come from functions: the audit names each, and nothing else."""

import itertools
import random

import pytest

import inwit
from inwit.auditing.exhaustive import audit_task
from inwit.auditing.exhaustive.rows import ceilings_row
from inwit.tools import ADD, MUL

COUNT = itertools.count()


def sums(draw):
    one, other = draw.randrange(2, 40), draw.randrange(2, 40)
    return {"prompt": "add {0} and {1}", "operands": (one, other), "answer": one + other}


def healthy(draw):
    return inwit.Problem(**sums(draw), oracle="0 ADD 1 ANS")


def no_oracle(draw):
    return inwit.Problem(**sums(draw))


def wrong_oracle(draw):
    return inwit.Problem(**sums(draw), oracle="0 MUL 1 ANS")


def readable(draw):
    given = sums(draw)
    return inwit.Problem(**given | {"prompt": f"{given['answer']} is {{0}} and {{1}}"})


def readable_thousands(draw):
    first, second = 1000 * draw.randrange(1, 50), draw.randrange(1000)
    given = {"operands": (first, second), "answer": first + second, "oracle": "0 ADD 1 ANS"}
    return inwit.Problem(prompt=f"{first + second:,} is {{0}} and {{1}}", **given)


def readable_text(draw):
    word = draw.choice(["red", "green", "blue", "grey"])
    return inwit.Problem(prompt=f"say {word}", operands=(word, draw.randrange(99)), answer=word)


def unreachable(draw):
    given = sums(draw)
    return inwit.Problem(**given | {"answer": given["answer"] + 1000 * (draw.random() < 0.3)})


def unsteady(draw):
    given = sums(draw)
    return inwit.Problem(**given | {"prompt": f"add {{0}} and {{1}} now {next(COUNT) % 7}"})


def fickle(answer, problem):
    return answer == problem.answer or random.random() < 0.5


def refusing(answer, problem):
    return False


def audited(function, **options):
    task = inwit.task(tools=[ADD, MUL], presses=4, once=True, **options)(function)
    return {
        finding.name: finding for finding in audit_task(task, problems=64, budget=5000).findings
    }


def failed(findings):
    return {name for name, finding in findings.items() if finding.verdict == "fail"}


def test_a_healthy_task_fails_nothing():
    findings = audited(healthy)
    assert failed(findings) == set()
    assert findings["oracle"].verdict == "pass"
    assert "without memory" not in findings  # there is none


@pytest.mark.parametrize(
    ("function", "name", "told"),
    [
        (wrong_oracle, "oracle", "come with answer"),
        (readable, "leak", "what is written at place 1 names the answer in 100"),
        (readable_thousands, "leak", "what is written at place 1 names the answer in 100"),
        (readable_text, "leak", "what is written at place 2 names the answer in 100"),
        (unreachable, "solvable", "no program of up to 4 keys answers the other"),
        (unsteady, "seed", "the same seed draws"),
    ],
)
def test_a_planted_fault_is_named(function, name, told):
    findings = audited(function)
    assert name in failed(findings)
    assert told in findings[name].message


@pytest.mark.parametrize(
    ("verify", "name", "told"),
    [
        (fickle, "verifier: twice", "verdicts are others the second time"),
        (refusing, "verifier: stated answer", "accepted on 0.0 %"),
    ],
)
def test_a_verifier_that_disagrees_with_itself_is_named(verify, name, told):
    random.seed(0)
    findings = audited(no_oracle, verify=verify)
    assert name in failed(findings)
    assert told in findings[name].message


def test_a_missing_program_is_a_warning():
    findings = audited(no_oracle)
    assert failed(findings) == set()
    assert findings["oracle"].verdict == "warn"
    assert "come with no program" in findings["oracle"].message
    assert "no plan is known" in findings["keys"].message


def two_forms(draw):
    one, other = draw.randrange(2, 40), draw.randrange(2, 40)
    word, answer = draw.choice([("add", one + other), ("multiply", one * other)])
    return inwit.Problem(prompt=f"{word} {{0}} and {{1}}", operands=(one, other), answer=answer)


def test_forms_without_programs_are_not_taken_for_one():
    audit = audit_task(inwit.task(tools=[ADD, MUL], presses=4)(two_forms), problems=400)
    assert audit.find("solvable", 0).verdict == "pass"
    assert ceilings_row(audit.levels[0])[3] == "-", "no oracle is right on 0 %: there is none"
    assert audit.traps, "sums that are right by luck, as 2 + 2 where 2 * 2 is asked"
    for trap in audit.traps:
        assert trap.share < 0.2
        assert trap.distance in (1, 2), "a right program of its own form is known"
