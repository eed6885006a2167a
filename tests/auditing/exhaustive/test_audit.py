"""Whole audits: the tutorial, healthy tasks, planted faults."""

import json
from functools import cache

import pytest
import torch

from inwit.auditing.exhaustive import Share, Verdict, audit_task, percent
from inwit.environment import Environment
from inwit.errors import InvalidOption
from inwit.evaluation.intervals import wilson
from inwit.tasks import Expressions, ExpressionsPrompt, Stages, Tutorial
from tests.auditing.exhaustive import small
from tests.reference import Calculator
from tests.tiers import few_daily

FAIL, WARN, PASS = Verdict.FAIL, Verdict.WARN, Verdict.PASS
CHECKS = ("stated answer", "programs", "random play", "near misses", "cheats", "sub-goals")


@cache
def tutorial():
    return audit_task(Tutorial(), problems=300)


@cache
def audited(task, levels=(0,), seed=0, problems=128, budget=20_000):
    return audit_task(task, levels=levels, seed=seed, problems=problems, budget=budget)


def names_of(audit, verdict):
    return {finding.name for finding in audit.findings if finding.verdict is verdict}


@pytest.mark.slow
def test_the_tutorials_goals_are_wrong_at_every_stage():
    paid = ("MUL ANS", "MUL ADD ANS", "MUL ADD SUB ANS")
    for level in range(3):
        stated = tutorial().find("verifier: stated answer", level)
        assert stated.verdict is FAIL
        assert stated.share.value < 0.25
        programs = tutorial().find("verifier: programs", level)
        assert programs.verdict is FAIL
        assert f"{paid[level]} is paid on 100.0 %" in programs.message
        assert tutorial().find("verifier: random play", level).verdict is FAIL


@pytest.mark.slow
def test_the_tutorials_last_stage_cannot_be_solved():
    # Over all 100,000 problems: 27.1 % for the best program, 74.2 % for the best of each problem.
    stage = tutorial().at(2)
    assert stage.solvable.complete
    assert stage.blind.value == pytest.approx(0.271, abs=0.06)
    assert stage.solvable.value == pytest.approx(0.742, abs=0.06)
    low, high = stage.solvable.interval
    assert low < stage.solvable.value < high
    assert tutorial().find("solvable", 2).verdict is FAIL
    assert tutorial().find("oracle", 2).verdict is FAIL
    assert all(tutorial().find("solvable", level).verdict is PASS for level in (0, 1))


@pytest.mark.slow
def test_one_program_does_for_two_of_the_tutorials_stages():
    assert tutorial().single.program == "MUL ADD SUB ANS"
    assert tutorial().single.levels == (0, 1)
    assert tutorial().find("one program").verdict is WARN
    assert [tutorial().find("blind", level).verdict for level in range(3)] == [WARN, WARN, PASS]


@pytest.mark.slow
def test_the_tutorial_allows_six_keys_where_more_are_needed():
    finding = tutorial().find("keys", 2)
    assert finding.verdict is FAIL
    assert "takes 7 keys; 6 may be pressed" in finding.message
    more = float(finding.message.split("more ")[1].split(" %")[0]) / 100
    assert more > tutorial().at(2).solvable.value + 0.1
    assert tutorial().verdict is FAIL


def test_the_tutorials_trap_has_no_way_out():
    trap = next(trap for trap in tutorial().traps if trap.level == 2)
    assert trap.program == "MUL STO SUB MUL ADD ANS"
    assert trap.distance is None
    assert tutorial().find("trap", 2).verdict is WARN


@pytest.mark.slow
def test_a_program_chosen_by_the_stage_alone_suffices_for_the_stages():
    audit = audited(Stages(once=True), (0, 1, 2), problems=64, budget=300_000)
    programs = ("MUL 1 ADD 2 ANS", "SUB 3 ANS", "SUB STO 3 MUL 4 RCL ANS")
    for level, program in enumerate(programs):
        assert audit.at(level).blind.value == 1
        assert audit.at(level).oracle.value == audit.at(level).solvable.value == 1
        assert audit.find("blind", level).verdict is WARN
        assert program in audit.find("blind", level).message
    assert audit.single.levels == (0, 1, 2)
    assert not names_of(audit, FAIL)
    hardest = audit.at(2)
    assert hardest.solvable.complete
    assert hardest.blind_without["memory"].value < 0.4
    assert hardest.without["memory"].value < 1  # by luck, with the digits in sight
    assert hardest.without["ADD"].value == 1  # a*b-(d*e-c)
    assert audit.at(0).without["memory"].value == 1
    assert audit.find("without memory").verdict is PASS


@pytest.mark.slow
def test_neither_reading_nor_memory_can_be_done_without_on_expressions():
    audit = audited(Expressions(), (1, 2), problems=160)
    for level in (1, 2):
        assert audit.at(level).solvable.value == 1
        assert audit.at(level).blind.value < 0.6
        assert audit.find("blind", level).verdict is PASS
    assert audit.at(1).without["memory"].value == 1
    assert audit.at(2).without["memory"].value < 0.75
    assert audit.at(2).blind_without["memory"].value < 0.4
    assert audit.find("without memory").verdict is PASS
    assert audit.find("one program").verdict is PASS
    assert not names_of(audit, FAIL)


@pytest.mark.parametrize("seed", few_daily(range(5), 0))
@pytest.mark.parametrize(
    ("task", "levels"),
    [
        (Stages(once=True), (0, 1)),
        (Expressions(), (2,)),
        pytest.param(ExpressionsPrompt(numbers="digits", largest=2), (2,), marks=pytest.mark.slow),
        pytest.param(small.Laboured(), (0,), marks=pytest.mark.slow),
    ],
)
def test_healthy_tasks_raise_no_alarm(task, levels, seed):
    audit = audited(task, levels, seed, 64, 3000)
    assert not names_of(audit, FAIL)
    assert audit.verdict is not FAIL
    for name in CHECKS:
        assert all(audit.find(f"verifier: {name}", level).share.value == 1 for level in levels)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "found", "sound"),
    [
        (small.OffByOne(), CHECKS[:5], ()),
        (small.Lenient(), ("programs", "near misses"), ("stated answer",)),
        (small.Bribed(), ("cheats",), ("stated answer", "near misses")),
        (small.Spoilt(), ("sub-goals",), CHECKS[:5]),
    ],
)
def test_a_verifier_that_errs_is_found(fault, found, sound):
    audit = audited(fault, (1,), problems=100)
    failed = names_of(audit, FAIL)
    assert {f"verifier: {name}" for name in found} <= failed
    assert not {f"verifier: {name}" for name in sound} & failed
    assert audit.verdict is FAIL
    assert "solvable" not in failed


@pytest.mark.parametrize(("fault", "verdict"), [(small.Leaky(), FAIL), (small.Whispering(), WARN)])
def test_a_leak_is_found(fault, verdict):
    audit = audited(fault)
    assert audit.find("leak", 0).verdict is verdict
    assert audit.find("leak", 0).share.value > 0.9
    assert audited(Stages(once=True)).find("leak", 0).verdict is PASS
    assert names_of(audit, FAIL) <= {"leak"}


def test_an_unsolvable_problem_is_found():
    audit = audited(small.Unsolvable(once=True))
    assert {"solvable", "oracle"} <= names_of(audit, FAIL)
    assert audit.at(0).solvable.value == pytest.approx(0.9, abs=0.1)
    assert audit.at(0).solvable.value == audit.at(0).oracle.value
    assert "no program of up to 8 keys" in audit.find("solvable", 0).message


def test_too_few_presses_are_found():
    audit = audited(small.Hurried(once=True), (0, 1))
    assert audit.find("keys", 0).verdict is PASS
    assert audit.find("keys", 1).verdict is FAIL
    assert audit.at(1).oracle.value == audit.at(1).solvable.value == 0
    assert "with 2 more 100.0 % could be solved" in audit.find("keys", 1).message


def test_how_far_the_search_went_is_told():
    audit = audited(Stages(once=True), (2,), problems=64, budget=3000)
    assert not audit.at(2).solvable.complete
    assert "all of up to 6 keys were tried" in audit.find("solvable", 2).message
    assert audit.find("solvable", 2).verdict is PASS  # the oracle's programs are always tried


def test_keys_that_are_never_needed_are_told():
    audit = audited(Stages(once=True))
    assert audit.find("without memory").verdict is audit.find("without SUB").verdict is WARN
    assert audit.find("without MUL").verdict is PASS


def exact_chance(problems, row):
    """How likely random legal play is right, by following all of it."""
    machine, share = Calculator(["MUL", "ADD", "SUB"], [], depth=2), 0.0
    open_programs = [((), 1.0)]
    while open_programs:
        program, weight = open_programs.pop()
        operands = problems.operands[row].tolist()
        machine = Calculator(["MUL", "ADD", "SUB"], operands, depth=2, once=True)
        for key in program:
            machine.press(key)
        if machine.answered:
            share += weight * (machine.accumulator == problems.answer[row].item())
        else:
            legal = sorted(machine.legal())
            open_programs += [((*program, key), weight / len(legal)) for key in legal]
    return share


@pytest.mark.slow
def test_chance_is_that_of_all_legal_play(generator):
    problems = Stages(once=True).sample(torch.zeros(60, dtype=torch.long), generator)
    exact = torch.tensor([exact_chance(problems, row) for row in range(60)])
    chance = audited(Stages(once=True), problems=500).at(0).chance
    error = float(exact.std() / 60**0.5) + (chance.value / chance.count) ** 0.5
    assert abs(chance.value - float(exact.mean())) < 4 * error
    told = audited(Stages(once=True), problems=500).find("chance", 0).message
    assert f"once in {1 / chance.value:,.0f} episodes" in told


def test_a_trap_is_as_good_as_it_is_said_to_be_and_as_far():
    trap = audited(Stages(once=True), problems=500).traps[0]
    task = Stages(once=True)
    problems = task.sample(torch.zeros(4000, dtype=torch.long), torch.Generator().manual_seed(9))
    environment = Environment(task)
    environment.reset(problems)
    for key in task.rules.vocabulary.encode(trap.program):
        environment.step(torch.full((4000,), key))
    assert float(environment.right.double().mean()) == pytest.approx(trap.share, abs=0.06)
    assert 0.1 < trap.share < 0.3
    assert 1 <= trap.distance <= 4


def test_the_seed_fixes_the_audit():
    few = {"levels": [0], "problems": 64}
    first, again = (audit_task(Stages(once=True), **few, seed=4) for _ in range(2))
    assert first == again
    assert first != audit_task(Stages(once=True), **few, seed=5)


def test_an_audit_can_be_written_as_json():
    audit = audited(Stages(once=True))
    told = json.loads(json.dumps(audit.to_json()))
    assert told["task"] == "stages"
    assert told["verdict"] == audit.verdict
    level = told["levels"][0]
    assert level["blind"] == {
        "value": 1.0,
        "count": 256,
        "complete": True,
        "interval": [*wilson(256, 256)],
    }
    assert set(level["without"]) == set(level["blind_without"]) == {"memory", "MUL", "ADD", "SUB"}
    assert len(told["findings"]) == len(audit.findings)
    assert told["findings"][0]["name"] == "solvable"


@pytest.mark.parametrize(
    "options", [{"levels": [3]}, {"levels": []}, {"problems": 10}, {"budget": 0}]
)
def test_what_cannot_be_audited_is_refused(options):
    with pytest.raises(InvalidOption):
        audit_task(Stages(once=True), **options)


def test_what_was_not_audited_is_not_there():
    with pytest.raises(KeyError):
        audited(Stages(once=True)).at(2)
    with pytest.raises(KeyError):
        audited(Stages(once=True)).find("blind", 2)


def test_a_share_says_when_it_is_the_least():
    assert str(Share(value=0.2719, count=1000)) == "27.1 %"
    assert str(Share(value=0.2719, count=1000, complete=False)) == ">= 27.1 %"
    assert str(Share(value=1, count=1000, complete=False)) == "100.0 %"
    assert percent(0.9999) == "99.9 %"
    assert Share(value=0.5, count=100).interval == wilson(50, 100)
