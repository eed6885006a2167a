from dataclasses import fields, is_dataclass

import pytest
import torch

from inwit.environment import Environment
from inwit.recipes import RECIPES
from inwit.tasks import Stages, join_problems
from tests.tiers import few_fast


def play(environment, problems, program):
    """Press a program on every problem; the steps that it brought."""
    environment.reset(problems)
    return [
        environment.step(torch.full((len(problems),), key))
        for key in environment.machine.vocabulary.encode(program)
    ]


def rewards(environment, text, program):
    steps = play(environment, environment.task.parse(text), program)
    return [step.reward.item() for step in steps]


@pytest.fixture
def free():
    return Environment(Stages(once=False))


@pytest.mark.parametrize(
    ("text", "program", "right"),
    [
        ("3*7+2", "0 MUL 1 ADD 2 ANS", True),
        ("3*7+2", "2 ADD STO 1 MUL 0 RCL ANS", True),
        ("3*7+2", "0 MUL 1 ANS", False),
        ("3*7+2", "0 ADD 1 MUL 2 ANS", False),
        ("(3*7+2)-4", "0 MUL 1 ADD 2 ANS", False),
        ("(3*7+2)-4", "0 MUL 1 ADD 2 SUB 3 ANS", True),
        ("(3*7+2)-(4*5)", "0 MUL 1 ADD 2 SUB 3 ANS", False),
        ("(3*7+2)-(4*5)", "0 MUL 1 ADD 2 SUB STO 3 MUL 4 RCL ANS", True),
    ],
)
def test_only_the_right_answer_is_rewarded(free, text, program, right):
    given = rewards(free, text, program)
    assert given == [0.0] * (len(given) - 1) + [float(right)]
    assert free.right.tolist() == [right]


@pytest.mark.parametrize(
    ("text", "program", "worth"),
    [
        # The tutorial: a quarter for a*b and a half for a*b+c at stage 0, ...
        ("3*7+2", "0 MUL 1 ANS", 0.25),
        ("3*7+2", "0 MUL 1 ADD 2 ANS", 0.5),
        ("3*7+2", "0 ADD 1 ANS", 0.0),
        ("3*7+0", "0 MUL 1 ANS", 0.25 + 0.5),
        ("(3*7+2)-4", "0 MUL 1 ANS", 0.25),
        ("(3*7+2)-4", "0 MUL 1 ADD 2 ANS", 0.5),
        ("(3*7+2)-4", "0 MUL 1 ADD 2 SUB 3 ANS", 0.75),
        # ... and 0.2, 0.4 and 0.6 for a*b, a*b+c, d*e and the answer at stage 2.
        ("(3*7+2)-(4*5)", "0 MUL 1 ANS", 0.2),
        ("(3*7+2)-(4*5)", "0 MUL 1 ADD 2 ANS", 0.4),
        ("(3*7+2)-(4*5)", "0 MUL 1 ADD 2 SUB 3 ANS", 0.0),
        ("(3*7+2)-(4*5)", "3 MUL 4 ANS", 0.6),
        ("(3*7+2)-(4*5)", "0 MUL 1 ADD 2 SUB STO 3 MUL 4 RCL ANS", 0.6),
    ],
)
def test_shaping_adds_the_tutorials_subgoals(text, program, worth):
    weight = 0.2
    environment = Environment(Stages(once=False), shaping=weight)
    *before, last = rewards(environment, text, program)
    assert not any(before)
    assert last == pytest.approx(environment.right.item() + weight * worth)


def test_shaping_makes_nothing_right():
    environment = Environment(Stages(once=False), shaping=2.0)
    assert rewards(environment, "(3*7+2)-(4*5)", "3 MUL 4 ANS")[-1] == pytest.approx(1.2)
    assert not environment.right.any()


def test_a_fault_earns_nothing():
    environment = Environment(Stages(once=False), shaping=1.0)
    environment.reset(environment.task.parse("3*7+2"))
    environment.state.frame.values.fill_(torch.inf)
    environment.state.legal.fill_(2**61 - 1)
    step = environment.step(torch.tensor([environment.machine.vocabulary["ANS"]]))
    assert step.terminated.all()
    assert not step.reward.any()
    assert not environment.right.any()


def test_masks_tell_what_is_legal(environment):
    environment.reset(environment.task.parse("3*7+2"))
    _, observation = environment.reset(environment.task.parse("3*7+2"))
    names = environment.machine.vocabulary.names
    assert [names[key] for key in observation.legal[0].nonzero()[:, 0]] == ["0", "1", "2"]
    (first, *_) = play(environment, environment.task.parse("3*7+2"), "0")
    assert [names[key] for key in first.observation.legal[0].nonzero()[:, 0]] == [
        "MUL",
        "ADD",
        "SUB",
    ]


def test_without_masks_every_key_counts_as_legal_and_may_be_wasted():
    environment = Environment(Stages(once=True), masks=False)
    problems = environment.task.parse("3*7+2")
    _, observation = environment.reset(problems)
    names = environment.machine.vocabulary.names
    hidden = {names[key] for key in (~observation.legal[0]).nonzero()[:, 0].tolist()}
    assert hidden == {"CTX", "EOS"}
    steps = play(environment, problems, "9 ANS RCL")
    assert environment.state.frame.accumulator.isnan().all()
    assert not any(step.terminated.any() or step.truncated.any() for step in steps)
    assert play(environment, problems, "RCL 0 9 MUL 1 ADD 2 ANS")[-1].reward.item() == 1


@pytest.mark.parametrize(("text", "limit"), [("3*7+2", 8), ("(3*7+2)-4", 12)])
def test_presses_run_out_at_the_limit(free, text, limit):
    problems = free.task.parse(text)
    assert free.task.max_presses(problems) == limit
    steps = play(free, problems, " ".join(["0"] * limit))
    assert [step.truncated.item() for step in steps] == [False] * (limit - 1) + [True]
    assert not any(step.terminated.item() for step in steps)
    assert free.ended.all()
    assert not free.right.any()


def test_an_answer_at_the_last_press_is_an_answer(free):
    problems = free.task.parse("3*7+2")
    steps = play(free, problems, "0 0 0 MUL 1 ADD 2 ANS")
    assert steps[-1].terminated.all()
    assert not steps[-1].truncated.any()
    assert steps[-1].reward.item() == 1


def test_ended_episodes_stay_as_they_are(free):
    problems = free.task.parse("3*7+2").repeat(2)
    encode = free.machine.vocabulary.encode
    free.reset(problems)
    rows = zip(
        encode("0 MUL 1 ADD 2 ANS ADD 1"),  # right; then more
        encode("0 MUL 1 ANS ADD 2 ANS 0"),  # wrong; then what would have been right
        strict=True,
    )
    steps = [free.step(torch.tensor(keys)) for keys in rows]
    assert [step.terminated.tolist() for step in steps] == [
        *[[False, False]] * 3, [False, True], [False, False], [True, False], *[[False, False]] * 2,
    ]  # fmt: skip
    assert torch.stack([step.reward for step in steps]).sum(0).tolist() == [1.0, 0.0]
    assert not any(step.truncated.any() for step in steps)
    assert free.right.tolist() == [True, False]
    assert free.state.frame.accumulator.tolist() == [23.0, 21.0]


def test_a_reset_forgets(environment):
    problems = environment.task.parse("3*7+2")
    play(environment, problems, "0 MUL 1 ADD 2 ANS")
    prompt, observation = environment.reset(environment.task.parse("(3*7+2)-(4*5)"))
    assert prompt.symbols.tolist() == [[3, 7, 2, 4, 5]]
    assert prompt.level.tolist() == [2]
    assert observation.previous.tolist() == [environment.machine.vocabulary["CTX"]]
    assert not environment.ended.any()
    assert not environment.right.any()
    assert environment.state.frame.accumulator.isnan().all()
    assert play(environment, problems, "0 MUL 1 ADD 2 ANS")[-1].reward.item() == 1


def test_the_answer_is_not_in_what_the_agent_sees(environment, stages):
    """Two problems with the same digits: what is seen does not tell the answers apart."""
    problems = stages.parse("3*7+2").repeat(2)
    problems.answer[1] = 99.0
    prompt, observation = environment.reset(problems)
    assert torch.equal(prompt.symbols[0], prompt.symbols[1])
    assert torch.equal(observation.seen[0], observation.seen[1])
    assert torch.equal(observation.legal[0], observation.legal[1])
    assert play(environment, problems, "0 MUL 1 ADD 2 ANS")[-1].reward.tolist() == [1.0, 0.0]


@pytest.mark.parametrize("name", few_fast(["stages", "expressions", "expressions-prompt"], 0))
def test_an_episode_begun_anew_is_as_in_an_environment_of_its_own(name, generator, draw_mixed):
    """Random play with rows begun anew at random: each row is an environment with one episode."""
    task = RECIPES[name]().task.but(**({} if name == "stages" else {"largest": 3}))
    problems = draw_mixed(task, 200, generator)
    limit, depth = task.max_presses(problems), task.max_depth(problems)
    rows, given = 4, iter(range(200))
    together, alone = Environment(task), [Environment(task) for _ in range(rows)]

    def begin(row):
        problem = problems.select(torch.tensor([next(given)]))
        return problem, alone[row].reset(problem, limit=limit, depth=depth)

    pairs = [begin(row) for row in range(rows)]
    together.reset(join_problems([problem for problem, _ in pairs], 0), limit=limit, depth=depth)
    ends = 0
    for _ in range(70):
        legal = together.machine.members(together.state.legal)
        chosen = torch.rand(legal.shape, generator=generator) * (legal + 0.2)
        key = chosen.argmax(1)
        step, ended = together.step(key), together.ended
        for row, place in enumerate(alone):
            assert_same_row(step, place.step(key[row : row + 1]), row)
            assert together.right[row] == place.right[0]
            assert together.clock[row] == place.clock[0]
        anew = ended | (torch.rand(rows, generator=generator) < 0.02)
        ends += int(ended.sum())
        if anew.any():
            which = anew.nonzero()[:, 0]
            pairs = [begin(row) for row in which.tolist()]
            seen = together.renew(which, join_problems([problem for problem, _ in pairs], 0))
            for place, (_, first) in enumerate(pairs):
                for one, other in zip(seen, first, strict=True):
                    assert_same_row(one, other, place)
    assert ends > 8


def assert_same_row(record, single, row):
    """A row of a record equals a record of one row."""
    for field in fields(record):
        one, other = getattr(record, field.name), getattr(single, field.name)
        if is_dataclass(one):
            assert_same_row(one, other, row)
        else:
            assert torch.equal(one[row], other[0]), field.name
