"""Operands that the verdict counts, and the key that begins again: against lists of operands."""

from dataclasses import replace

import pytest
import torch

from inwit.auditing.exhaustive.search import explore
from inwit.auditing.exhaustive.value_numbering import ValueNumbers
from inwit.environment import Environment
from inwit.errors import InvalidOption
from inwit.machine.rules import Rules
from inwit.policies import Scripted
from inwit.tasks import Countdown
from inwit.tools import ADD, DIV, MUL, NEG, SUB, tool
from inwit.training.rollout import rollout
from tests.reference import press_keys

PRESSES, TOOLS = 24, (ADD, SUB, MUL, DIV)


class Sheet:
    """What went into the display and into each frame, as lists of operands."""

    def __init__(self):
        self.used, self.waits, self.aside = None, False, []

    def press(self, key, tools):
        if key == "STO":
            self.aside.append((self.used, self.waits))
            self.used, self.waits = None, False
        elif key == "RCL":
            entered = self.used
            self.used, self.waits = self.aside.pop()
            self._enter(entered)
        elif key == "CLR":
            self.__init__()
        elif key in tools:
            self.waits = True
        elif key.isdigit():
            self._enter([int(key)])

    def _enter(self, used):
        self.used, self.waits = (self.used + used if self.waits else used), False


@pytest.mark.parametrize("seed", range(3))
def test_an_answer_is_accepted_where_each_operand_went_into_it_once(seed):
    generator = torch.Generator().manual_seed(seed)
    task, rows = Countdown(once=False, tries=3), 300
    environment = Environment(task)
    problems = task.sample(torch.tensor([3] * rows), generator)
    environment.reset(problems, limit=PRESSES)
    names = task.rules.vocabulary.names
    tools = [each.name for each in task.rules.tools]
    sheets, accepted = [Sheet() for _ in range(rows)], 0
    for _ in range(PRESSES):
        legal = environment.machine.members(environment.state.legal).float()
        legal[~legal.any(1), 0] = 1
        key = torch.multinomial(legal, 1, generator=generator)[:, 0]
        running = (~environment.ended).tolist()
        environment.press(key)
        counted = environment.machine.accepts(environment.state).tolist()
        for row in (row for row, runs in enumerate(running) if runs):
            sheets[row].press(names[int(key[row])], tools)
            wanted = sorted(sheets[row].used or []) == [0, 1, 2]
            assert counted[row] == wanted
            accepted += wanted
    assert accepted > 10


@pytest.mark.parametrize(
    ("keys", "right"),
    [
        ("0 ADD 1 ADD 2 ANS", True),
        ("2 ADD STO 0 ADD 1 RCL ANS", True),
        ("0 STO 2 ADD 1 ANS", False),  # the first is left aside
        ("0 1 ADD 2 ANS", False),  # and here overwritten
        ("0 ADD 0 ADD 0 ADD 0 ADD 0 ADD 0 ANS", False),
        ("2 STO 0 ADD 1 RCL ANS", False),  # no tool waits: what was aside is replaced
    ],
)
def test_how_the_target_was_made_decides(keys, right):
    """Of 5, 10 and 15 the target 30 has an honest sum; other ways to it do not count."""
    task = Countdown(once=False)
    program = torch.tensor([task.rules.vocabulary.encode(keys)])
    assert bool(press_keys(Environment(task), task.parse("5 10 15 -> 30"), program)[0]) == right


def test_the_search_finds_no_program_that_the_verdict_refuses():
    """Three numbers have 24 keys' worth of free programs, and no more answers that count."""
    answers = {}
    for once in (True, False):
        task = Countdown(once=once)
        generator = torch.Generator().manual_seed(0)
        problems = task.parse("3 7 12 -> 24")
        machine = task.machine(task.rules)
        names = ValueNumbers(problems.operands)
        machine = task.machine(replace(task.rules, tools=tuple(map(names.tool, TOOLS))))
        programs = explore(
            machine,
            replace(machine.reset(problems.operands, depth=2), operands=names.operands[None]),
            names,
            limit=8,
            allowed=torch.ones(len(machine.vocabulary), dtype=torch.bool),
            given=torch.empty(0, 1, dtype=torch.long),
            budget=10**6,
            generator=generator,
        )
        answers[once] = set(programs.answers(problems.operands).flatten().tolist())
        assert programs.exhaustive == 8
    assert answers[True] == answers[False]
    assert len(answers[True]) > 30


def test_clearing_gives_everything_back_until_the_tries_are_used_up():
    task = Countdown(tries=2)
    environment = Environment(task)
    environment.reset(task.parse("4 7 8 8 -> 24"))
    clear = task.rules.vocabulary["CLR"]
    fresh = environment.machine.members(environment.state.legal)[0]
    assert not fresh[clear], "nothing is there to be cleared"
    for key in task.rules.vocabulary.encode("1 SUB STO 2 DIV"):
        environment.press(torch.tensor([key]))
    assert bool(environment.machine.members(environment.state.legal)[0, clear])
    observation = environment.press(torch.tensor([clear]))[0]
    state = environment.state
    assert torch.equal(environment.machine.members(state.legal)[0], fresh)
    assert torch.isnan(state.frame.values).all()
    assert int(state.depth) == 0
    begun = Environment(task)
    assert torch.equal(observation.values, begun.reset(environment.problems)[1].values)
    for key in task.rules.vocabulary.encode("1 SUB STO 2 DIV 3 RCL MUL 0 ANS"):
        assert not bool(environment.machine.members(environment.state.legal)[0, clear])
        environment.press(torch.tensor([key]))
    assert bool(environment.right[0])


def test_programs_after_a_failed_try_are_right(generator):
    task = Countdown(tries=2)
    problems = task.sample(torch.tensor([3, 4] * 200), generator)
    keys = task.after_failed_tries(problems, problems.oracle.T, generator)
    environment = Environment(task)
    made, _ = rollout(Scripted(keys), environment, problems)
    assert made.right.all()
    again = (keys == task.rules.vocabulary["CLR"]).any(0)
    assert 5 < int(again.sum()) < 60
    assert torch.equal(keys[: len(problems.oracle.T), ~again], problems.oracle.T[:, ~again])


def test_what_cannot_be_is_refused():
    with pytest.raises(InvalidOption, match="--blind, --tries 2: who sees no result"):
        Countdown(blind=True, tries=2)
    with pytest.raises(InvalidOption, match="tries: 0; at least 1"):
        Rules(tools=(ADD,), operands=2, tries=0)
    with pytest.raises(InvalidOption, match="for problems with operand keys"):
        Rules(tools=(ADD,), tries=2)
    with pytest.raises(InvalidOption, match="a task with several tries cannot be exported"):
        Countdown(tries=2).rules.check_portable()
    with pytest.raises(InvalidOption, match="numbers whose use the verdict judges"):
        Countdown(once=False).rules.check_portable()


def test_tools_of_one_and_three_arguments_are_counted():
    @tool
    def between(low: float, value: float, high: float) -> float:
        """A value, at least and at most."""
        return min(max(low, value), high)

    rules = Rules(tools=(NEG, between), operands=3, counted=True)
    machine = Countdown.machine(rules)
    for keys, right in (("0 NEG BETWEEN 1 2", True), ("0 BETWEEN 1 1", False)):
        state = machine.reset(torch.tensor([[1.0, 2.0, 3.0]], dtype=torch.double), depth=1)
        for key in keys.split():
            state = machine.press(state, torch.tensor([rules.vocabulary[key]]))
            assert bool(state.meant[0])
        assert bool(machine.accepts(state)[0]) == right
