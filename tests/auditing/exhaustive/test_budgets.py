"""What a budget leaves out is said, never passed; what stays within it is known for good."""

import random

import pytest
import torch

import inwit
from inwit.auditing.exhaustive import Verdict, audit_task
from inwit.auditing.exhaustive.own import audit_own
from inwit.auditing.exhaustive.value_numbering import Allowance, ValueNumbers
from inwit.cli.main import main
from inwit.errors import InvalidOption
from inwit.machine import Machine
from inwit.progress import Deadline
from inwit.tasks import Stages
from tests.tiers import few_daily

CALLS = {"made": 0}
EXCEPTION = 997


@inwit.tool
def plus(one: int, other: int) -> int:
    CALLS["made"] += 1
    return one + other


@inwit.tool
def times(one: int, other: int) -> int:
    CALLS["made"] += 1
    return one * other % EXCEPTION


def made(**options):
    @inwit.task(tools=[plus, times], **options)
    def sums(draw: random.Random) -> inwit.Problem:
        a, b, c = (draw.randrange(2, 99) for _ in range(3))
        answer = (a * b % EXCEPTION + c) * a % EXCEPTION
        return inwit.Problem(prompt="work out", operands=(a, b, c), answer=answer)

    return sums


def audited(monkeypatch, calls):
    monkeypatch.setattr("inwit.auditing.exhaustive.auditing.CALLS", calls)
    CALLS["made"] = 0
    audit = audit_task(made(presses=8, memory=0, once=False), problems=64, budget=20_000)
    return audit, CALLS["made"]


@pytest.mark.slow
def test_a_search_that_may_call_little_calls_little_and_passes_nothing_unearned(monkeypatch):
    enough, many = audited(monkeypatch, 1 << 40)
    cut, few = audited(monkeypatch, 10_000)
    assert few <= 10_000 < many
    assert enough.at(0).solvable.value == 1
    assert enough.find("solvable", 0).verdict is Verdict.PASS
    assert cut.at(0).solvable.value < 1
    for name in ("solvable", "blind"):
        finding = cut.find(name, 0)
        assert finding.verdict is Verdict.UNKNOWN
        assert not finding.share.complete
        assert finding.message.endswith("is not known")
    assert "unknown" in cut.headline
    assert cut.verdict is not Verdict.FAIL


@pytest.mark.slow
@pytest.mark.parametrize("seed", few_daily(range(4), 0))
@pytest.mark.parametrize("calls", [20_000, 40_000, 80_000])
def test_a_cut_search_reaches_no_less_with_every_key_than_without_some(monkeypatch, calls, seed):
    monkeypatch.setattr("inwit.auditing.exhaustive.auditing.CALLS", calls)
    task = made(presses=8, memory=0, once=False)
    audit = audit_task(task, problems=64, budget=20_000, seed=seed)
    ceilings = audit.at(0)
    assert ceilings.solvable.value >= max(each.value for each in ceilings.without.values())
    assert ceilings.blind.value >= max(each.value for each in ceilings.blind_without.values())
    for name in ("without PLUS", "without TIMES"):  # both are needed, whatever was found
        assert audit.find(name).verdict is not Verdict.WARN


@pytest.mark.slow
def test_what_calls_end_is_the_same_the_second_time(monkeypatch):
    first, second = (audited(monkeypatch, 10_000)[0].to_json() for _ in range(2))
    assert first == second


def test_programs_that_are_known_are_tried_within_any_budget(monkeypatch):
    monkeypatch.setattr("inwit.auditing.exhaustive.auditing.CALLS", 2000)
    task = made(presses=8, memory=0, once=False)
    vocabulary = task.rules.vocabulary
    known = [vocabulary[key] for key in ["0", "TIMES", "1", "PLUS", "2", "TIMES", "0", "ANS"]]
    audit = audit_task(task, problems=64, budget=20_000, programs=[known])
    assert audit.at(0).solvable.value == 1
    assert audit.find("solvable", 0).verdict is Verdict.PASS


@pytest.mark.slow
def test_the_search_for_limits_finds_the_programs_of_the_audit(monkeypatch):
    monkeypatch.setattr("inwit.training.limits.BUDGET", (20_000,))
    audit, limits = audit_own(made(), problems=64, budget=200)
    assert limits.task.presses >= 8
    assert audit.find("solvable", 0).verdict is Verdict.PASS
    named = inwit.audit(made(), problems=64, budget=200)
    assert named.find("solvable", 0).verdict is Verdict.PASS


def test_tools_over_tensors_are_free(monkeypatch):
    """However few calls of Python functions are allowed, no press is made twice."""
    press, rows = Machine.press, []
    monkeypatch.setattr(
        Machine,
        "press",
        lambda self, state, key: (rows.append(len(key)), press(self, state, key))[1],
    )
    audits, counts = [], []
    for calls in (1 << 40, 1):
        monkeypatch.setattr("inwit.auditing.exhaustive.auditing.CALLS", calls)
        rows.clear()
        audits.append(audit_task(Stages(once=True), levels=[0], problems=64, budget=2000))
        counts.append(list(rows))
    assert audits[0] == audits[1]
    assert counts[0] == counts[1]


@pytest.mark.slow
def test_no_time_is_no_pass():
    audit, _ = audit_own(made(presses=8, memory=0, once=False), seconds=1e-6, problems=64)
    assert audit.find("blind", 0).verdict is Verdict.UNKNOWN


def test_seconds_without_sense_are_refused():
    with pytest.raises((InvalidOption, SystemExit)):
        main(["audit", "stages", "--seconds", "0"])


def test_answers_of_some_programs_are_those_of_all():
    operands = torch.tensor([[3.0, 4.0], [5.0, 6.0], [9.0, 2.0]], dtype=torch.double)
    task = made(presses=8, memory=0, once=False)
    names = ValueNumbers(operands, Allowance(10**6, Deadline(60)))
    add, multiply = (names.tool(each) for each in task.rules.tools)
    one, other = names.operands.unbind()
    product = multiply.function(one[None], other[None])
    total = add.function(product, one[None])
    formulas = names.formulas(torch.cat([one[None], product, total]).long())
    expected = [[3, 5, 9], [12, 30, 18], [15, 35, 27]]
    assert formulas(operands).tolist() == expected
    some = formulas.only(torch.tensor([2, 0]))
    assert some(operands).tolist() == [expected[2], expected[0]]
    assert formulas.only(torch.tensor([0])).calls == 0
    assert formulas.calls == 2
