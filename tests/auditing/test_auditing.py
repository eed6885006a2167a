import re

import pytest

import inwit
from inwit.auditing import Verdict
from inwit.auditing.exhaustive import Audit
from inwit.errors import InvalidOption, InwitError
from tests.auditing.conftest import GRADERS


def found(rows, name, **options):
    audit = inwit.audit(f"{GRADERS}:{name}", data=rows, items=24, **options)
    return audit, {each.id: each for each in audit.findings}


def test_a_sound_grader_does_not_fail(rows):
    audit, findings = found(rows, "sound")
    assert audit.at_least(Verdict.FAIL) == ()
    assert findings["right/gold"].hits == 0
    assert findings["right/gold"].count == 24
    assert findings["right/full-stop"].verdict is Verdict.WARN


def test_a_grader_that_refuses_every_gold_fails(rows):
    _, findings = found(rows, "refuses")
    assert findings["right/gold"].verdict is Verdict.FAIL
    assert findings["right/gold"].figure == 1.0
    low, high = findings["right/gold"].bounds
    assert 0.8 < low < high == 1.0


@pytest.mark.slow
def test_a_grader_that_looks_for_the_gold_anywhere_fails(rows):
    _, findings = found(rows, "substring")
    two = findings["wrong/two-answers"]
    assert two.verdict is Verdict.FAIL
    assert two.item is not None
    assert two.item.gold in str(two.reply)
    assert two.reading is not None
    assert two.reading.score == 1.0


@pytest.mark.slow
def test_errors_are_told_apart_from_zero(rows):
    _, findings = found(rows, "raises")
    error = findings["property/error"]
    assert error.verdict is Verdict.WARN
    assert "graders.py" in error.message
    assert findings["wrong/word"].verdict is Verdict.PASS


def test_some_findings_alone(rows):
    audit, findings = found(rows, "substring", only=["wrong/two-answers"])
    assert list(findings) == ["wrong/two-answers"]
    assert audit.verdict is Verdict.FAIL


def test_tasks_of_ours_are_audited_as_before():
    audit = inwit.audit("stages", levels=[0], problems=64, budget=2000)
    assert isinstance(audit, Audit)
    assert audit.task == "stages"


def test_too_few_items_are_refused(rows):
    with pytest.raises(InwitError, match="at least"):
        inwit.audit(f"{GRADERS}:sound", data=rows, items=1)


@pytest.mark.parametrize(
    ("target", "options", "words"),
    [
        (3, {}, "3 is not a target"),
        (lambda reply, row: 1.0, {}, "give its name, such as 'rewards.py:score'"),
        ("stages", {"problem": 100}, "did you mean 'problems'"),
        ("stages", {"items": 3}, "unknown option of the audit of a task 'items'"),
        ("reasoning-gym:chain_sum", {"gold": "answer"}, "it is one of set"),
    ],
)
def test_what_would_be_ignored_is_refused(target, options, words):
    with pytest.raises(InvalidOption, match=re.escape(words)):
        inwit.audit(target, **options)
