"""The search beside brute force in plain Python."""

import itertools
from dataclasses import replace
from functools import cache

import pytest
import torch

from inwit.auditing.exhaustive.ceilings import Searcher, best, restrictions
from inwit.auditing.exhaustive.sampling import (
    Draw,
    agrees,
    draw_levels,
    numbers_are_hidden,
    renumbered,
)
from inwit.auditing.exhaustive.search import _mark
from inwit.environment import Environment
from inwit.machine.machine import Machine
from inwit.machine.rules import Rules
from inwit.recipes import RECIPES
from inwit.records import distinct
from inwit.tasks import Expressions, ExpressionsPrompt, Stages, Tutorial
from inwit.tools import ADD
from tests.auditing.exhaustive.small import Laboured
from tests.reference import Calculator
from tests.tiers import few_fast
from tutorial_as_published import Problem, press

KINDS = {"n": "number", "(": "(", ")": ")"}


def a_draw(task, level, count, seed=3):
    generator = torch.Generator().manual_seed(seed)
    problems = task.sample(torch.full((count,), level), generator)
    return Draw(task=task, fresh=task, level=level, problems=problems, draws=1, pool=problems)


def searched(draw, banned=(), *, more=0, budget=10**6):
    """What the search finds for the first set of legal keys, and for which problems."""
    none = torch.empty(0, 1, dtype=torch.long)
    generator = torch.Generator().manual_seed(0)
    searcher = Searcher(draw, none, budget, generator, more=more)
    return searcher.find({"": banned})[""][0], searcher.limit


def calculator(task, problems, row):
    """The reference machine in front of one problem."""
    tools = [tool.name for tool in task.rules.tools]
    kinds = None
    if task.rules.stream:
        names = [task.symbols[symbol] for symbol in problems.symbols[row].tolist() if symbol >= 0]
        kinds = [*(KINDS.get(name, "operator") for name in names), "end", "end"]
    depth = task.max_depth(problems)
    operands = problems.operands[row].tolist() + [float("nan")] * 2
    return Calculator(tools, operands, depth=depth, kinds=kinds, once=task.rules.once)


def pressed(task, problems, row, program):
    machine = calculator(task, problems, row)
    for key in program:
        machine.press(key)
    return machine


def all_programs(task, problems, row, limit, banned=()):
    """Every legal program, by depth-first search."""
    found, open_programs = [], [()]
    while open_programs:
        program = open_programs.pop()
        machine = pressed(task, problems, row, program)
        if machine.answered:
            found.append(program)
        elif len(program) < limit:
            keys = sorted(machine.legal() - set(banned))
            open_programs += [(*program, key) for key in keys]
    return found


def answers_of(task, problems, rows, programs):
    return {
        tuple(pressed(task, problems, row, program).accumulator for row in rows)
        for program in programs
    }


CASES = [
    (Stages(once=True), 0, 0, ()),
    (Stages(once=True), 1, 0, ("STO", "RCL")),
    (Stages(once=False), 0, -3, ()),
    (Stages(once=False), 0, -3, ("MUL",)),
    (Laboured(), 0, -3, ()),
    (Expressions(), 2, 0, ()),
    (Expressions(), 3, 0, ("SUB",)),
    (ExpressionsPrompt(numbers="digits"), 2, 0, ()),
]


@pytest.mark.parametrize(
    ("task", "level", "more", "banned"), few_fast(CASES, 0, 1, 2, 3, 5, 7, many=True)
)
def test_the_search_finds_the_answers_of_all_programs_and_no_others(task, level, more, banned):
    draw = a_draw(task, level, 20 if task.rules.stream else 5)
    found, limit = searched(draw, banned, more=more)
    rows = found.looks.tolist()
    programs = all_programs(task, draw.problems, rows[0], limit, banned)
    wanted = answers_of(task, draw.problems, rows, programs)
    answers = found.programs.answers(draw.problems.operands[found.looks])
    assert {tuple(each) for each in answers.tolist()} == wanted
    assert len(wanted) > 5
    assert found.programs.exhaustive == limit


@pytest.mark.parametrize("task", [Stages(once=True), Tutorial(), Laboured(), Expressions()])
def test_every_program_that_is_found_gives_its_answers_in_the_environment(task):
    draw = a_draw(task, task.levels[0], 6)
    found, _ = searched(draw, budget=3000)
    programs, problems = found.programs, draw.problems.select(found.looks)
    answers = programs.answers(problems.operands)
    environment = Environment(task)
    for row in range(0, len(answers), 1 + len(answers) // 40):
        environment.reset(problems)
        for key in programs.keys_of(row):
            environment.step(key.expand(len(problems)))
        assert environment.state.answered.all()
        assert environment.state.frame.accumulator.equal(answers[row])


def test_the_tutorials_programs_are_those_of_the_published_system():
    draw = a_draw(Tutorial(), 2, 60)
    found, _ = searched(draw)
    goals = [Problem(2, tuple(digits)) for digits in draw.problems.symbols.tolist()]
    solved, wanted = [False] * len(goals), 0
    for program in (keys for n in range(6) for keys in itertools.product(range(11, 17), repeat=n)):
        if 14 not in program:  # ANS
            right = [final(program, problem) == problem.goal for problem in goals]
            solved = [old or new for old, new in zip(solved, right, strict=True)]
            wanted = max(wanted, sum(right))
    assert found.hits.sum((1, 2)).max() == wanted
    assert best(found.hits, found.sizes).sum() == sum(solved)


def final(program, problem):
    value, stored = None, False
    for key in program:
        value, stored = press(key, value, stored, problem)
    return value


def levenshtein(one, other):
    @cache
    def distance(i, j):
        if not i or not j:
            return i + j
        replaced = distance(i - 1, j - 1) + (one[i - 1] != other[j - 1])
        return min(distance(i - 1, j) + 1, distance(i, j - 1) + 1, replaced)

    return distance(len(one), len(other))


@pytest.mark.parametrize(("task", "level"), [(Stages(once=True), 0), (Expressions(), 2)])
def test_distances_are_to_the_nearest_of_all_programs(task, level):
    draw = a_draw(task, level, 12)
    found, limit = searched(draw)
    rows, programs = found.looks.tolist(), found.programs
    every = all_programs(task, draw.problems, rows[0], limit)
    answers = programs.answers(draw.problems.operands[found.looks])
    names = task.rules.vocabulary.names
    for row in range(0, len(programs.answer), 4):
        goal = torch.arange(len(programs.answer)) == row
        target = tuple(answers[row].tolist())
        right = [each for each in every if target in answers_of(task, draw.problems, rows, [each])]
        for other in (0, len(programs.answer) // 2, len(programs.answer) - 1):
            spelt = [names[key] for key in programs.keys_of(other).tolist()]
            wanted = min(levenshtein(spelt, each) for each in right)
            assert programs.distance(programs.keys_of(other), goal) == wanted


BANNED = {"": (), "MUL": ("MUL",)}


def test_a_search_within_a_budget_says_so_and_still_follows_what_it_is_given():
    draw = a_draw(Stages(once=True), 2, 20)
    generator = torch.Generator().manual_seed(0)
    given = draw.problems.oracle[:1]
    found, poorer = (
        each for (each,) in Searcher(draw, given, 100, generator).find(BANNED).values()
    )
    assert 2 < found.programs.exhaustive < 16
    assert best(found.hits, found.sizes).tolist() == [1.0] * 20
    assert best(poorer.hits, poorer.sizes).sum() < 20


def test_what_is_taken_away_is_the_memory_and_each_tool():
    assert restrictions(Stages(once=True)) == {
        "": (),
        "memory": ("STO", "RCL"),
        "MUL": ("MUL",),
        "ADD": ("ADD",),
        "SUB": ("SUB",),
    }


def test_luck_is_not_counted_twice():
    hits = torch.tensor([[[8.0, 2.0]], [[1.0, 6.0]]])  # programs, looks, halves
    sizes = torch.tensor([[10.0, 10.0]])
    assert best(hits, sizes).tolist() == [pytest.approx((0.2 + 0.1) / 2)]
    assert best(torch.tensor([[[10.0, 10.0]]]), sizes).tolist() == [1.0]


@pytest.mark.slow
def test_a_program_for_one_problem_alone_is_no_blind_program():
    draw, generator = a_draw(Expressions(), 4, 6), torch.Generator().manual_seed(0)
    searcher = Searcher(draw, draw.problems.oracle, 100, generator)
    found = searcher.find({"": ()})[""]
    alone = sum(len(each.looks) == 1 for each in found)
    assert alone > 0
    assert searcher.solvable(found).value == 1
    assert searcher.blind(found).value <= 1 - alone / 6
    assert not searcher.blind(found).complete


def test_distinct_rows_keep_their_order():
    first, place = distinct(torch.tensor([5, 9, 5, 1, 9]))
    assert first.tolist() == [0, 1, 3]
    assert place.tolist() == [0, 1, 0, 2, 1]


@pytest.mark.parametrize(
    ("name", "hidden"),
    [
        ("stages", False),
        ("expressions", True),
        pytest.param("expressions-prompt", True, marks=pytest.mark.slow),
    ],
)
def test_whether_numbers_are_hidden_is_found(name, hidden, generator):
    task = RECIPES[name]().task
    problems = task.sample(torch.full((300,), task.levels[0]), generator)
    assert numbers_are_hidden(task, problems) is hidden
    (draw,) = draw_levels(task, [task.levels[-1]], 200, generator)
    assert (draw.draws > 1) is hidden


def test_fresh_numbers_come_with_their_answers(generator):
    task = Expressions()
    pool = task.sample(torch.randint(2, 5, (50,), generator=generator), generator)
    problems = renumbered(task, pool, torch.arange(50).repeat_interleave(4), generator)
    for row in range(200):
        assert problems.answer[row] == eval(task.describe(problems, row))
    assert problems.symbols.equal(pool.symbols.repeat_interleave(4, 0))
    assert problems.operands[::4].nan_to_num(-1).equal(pool.operands.nan_to_num(-1))
    assert not problems.operands[1::4].nan_to_num(-1).equal(pool.operands.nan_to_num(-1))


def test_answers_agree_as_the_tasks_say(generator):
    task = Stages(once=True)
    problems = task.sample(torch.full((20,), 1), generator)
    for off in (0, 1e-12, 1e-6, 1, torch.inf, torch.nan):
        answers = problems.answer + off
        assert agrees(task, answers, problems).equal(task.score(answers, problems))


@pytest.mark.parametrize("tools", [3, 60, 130])
def test_states_that_used_other_operands_differ_however_many_keys_there_are(tools):
    made = tuple(replace(ADD, name=f"ADD{number}") for number in range(tools))
    machine = Machine(Rules(tools=made, operands=4, once=True))
    state = machine.reset(torch.full((3, 4), 3.0, dtype=torch.double), depth=1)
    first, other, same = _mark(machine.press(state, torch.tensor([0, 1, 0]))).tolist()
    assert first == same != other
