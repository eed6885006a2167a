"""Tools that wait carry no audit past its seconds; what needed them is unknown."""

import random
import time

import pytest
import torch

import inwit
from inwit.auditing.exhaustive import Verdict
from inwit.auditing.exhaustive.own import audit_own
from inwit.evaluation.advice import advise_before
from inwit.progress import WAITING, Deadline, OutOfTime
from inwit.recipes import recipe_for
from inwit.reports.audit_page import audit_page

CALL, SECONDS = 0.03, 3.0


def made(wait, **options):
    @inwit.tool
    def double(value: int) -> int:
        wait()
        return 2 * value

    @inwit.tool
    def next_to(value: int) -> int:
        wait()
        return value + 1

    @inwit.task(tools=[double, next_to], **options)
    def slow(draw: random.Random) -> inwit.Problem:
        a, level = draw.randrange(2000), draw.randrange(2)
        oracle = "0 DOUBLE NEXT_TO ANS" if options.get("presses") else ""
        prompt = "twice {0} and one" if level else "the double of {0} and one"
        return inwit.Problem(
            prompt=prompt, operands=(a,), answer=2 * a + 1, level=level, oracle=oracle
        )

    return slow


@pytest.mark.slow
@pytest.mark.parametrize("options", [{}, {"presses": 8, "memory": 0, "once": True}])
def test_a_tool_that_waits_ends_the_audit_in_time(options):
    calls = []

    def wait():
        calls.append(None)
        time.sleep(CALL)

    audit, limits = audit_own(made(wait, **options), seconds=SECONDS)
    assert CALL * len(calls) < SECONDS  # a single press of all keys would wait for a minute
    assert audit.verdict is Verdict.UNKNOWN or audit.verdict is Verdict.WARN
    for name in ("solvable", "blind", "trap", "chance", "verifier: random play"):
        for level in (0, 1):
            finding = audit.find(name, level)
            assert finding.verdict is Verdict.UNKNOWN, finding
    assert audit.find("without DOUBLE").verdict is Verdict.UNKNOWN
    assert audit.find("one program").verdict is Verdict.UNKNOWN
    for name in ("seed", "held out", "verifier: stated answer", "verifier: cheats"):
        assert audit.find(name, 1).verdict is Verdict.PASS
    assert "the tools took all the time" in audit.find("solvable", 0).message
    assert "&gt;= 0.0 %" in audit_page(audit)
    assert limits is not None
    calls.clear()
    advise_before(recipe_for(limits.task), limits.search, seconds=0.2)
    assert CALL * len(calls) < 0.2 + 2 * CALL


@pytest.mark.slow
def test_a_tool_that_does_not_wait_is_examined_as_without_a_deadline():
    audit, _ = audit_own(made(lambda: None), seconds=60)
    assert audit.find("solvable", 0).verdict is Verdict.PASS
    assert audit.at(1).chance.complete


def test_a_deadline_counts_what_tools_wait_for_and_then_calls_none():
    spent, deadline, before = [], Deadline(0.2), WAITING.seconds

    def wait(value):
        begun = time.monotonic()
        time.sleep(CALL)
        spent.append(time.monotonic() - begun)  # a busy machine sleeps longer
        return value

    def call_often():
        for value in range(100):
            assert deadline.call(wait, value) == value

    with pytest.raises(OutOfTime):
        call_often()
    assert sum(spent[:-2]) < 0.2 < sum(spent) + CALL  # it also counts what is computed
    assert WAITING.seconds - before == pytest.approx(sum(spent), rel=0.5)


def test_a_tool_after_its_deadline_is_no_fault():
    task = made(lambda: None)
    tool = task.objects.bind(task.tools[0])
    one, other = (torch.tensor([value], dtype=torch.double) for value in (3.0, 4.0))
    assert tool.function(one).tolist() == [6.0]
    with task.objects.until(Deadline(0.0)):
        assert tool.function(one).tolist() == [6.0]  # it is known
        with pytest.raises(OutOfTime):
            tool.function(other)
    assert tool.function(other).tolist() == [8.0]
