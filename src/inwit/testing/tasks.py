"""The contracts of a task, without which a score means nothing."""

from dataclasses import fields
from typing import cast

import torch
from jaxtyping import Bool
from torch import Tensor

from inwit.auditing.exhaustive.findings import LEAK_FAILS
from inwit.auditing.exhaustive.leaks import find_leak
from inwit.auditing.exhaustive.sampling import contents
from inwit.environment import Environment
from inwit.errors import InvalidOption
from inwit.parts import check_count, check_seed
from inwit.policies import Scripted, UniformRandom
from inwit.tasks import Problems, Task
from inwit.testing.base import TASK, equal, hold, part_from
from inwit.training.hindsight import play_randomly, relabel
from inwit.training.rollout import play, rollout

PARTS = {False: "training", True: "held-out"}
REPEATED = 100
"""Problems of a level that are drawn twice."""
FEWEST = 2
"""Problems of a level without which nothing can be said of it."""


def check_task(
    task: Task | type[Task],
    *,
    count: int = 1000,
    chance: float = 0.45,
    seed: int = 0,
) -> None:
    """Assert what training and scores rely on.

    A task needs five members, `name`, `rules`, `symbols`, `sample` and `max_presses`, and the
    decorator `@inwit.register`; everything else in `Task` has a default.

    - Problems have the requested level, and their stated answers are right.
    - The oracle, if a problem has one, is right.
    - The same seed draws the same problems, also from a fresh copy; another seed draws others.
    - Held-out problems are none of the training problems.
    - The prompt does not contain the answer, unless the task says so (`states_answer`).
    - Random play is rarely right.
    - What a random episode is relabelled with by `hindsight` is a training problem of a level that
      is trained on, and the keys solve it.

    Args:
        task: the task, or its class if that needs no arguments.
        count: problems of each level, at least 2.
        chance: maximum accuracy of random legal play at any level.
        seed: fixes all randomness.

    Raises:
        AssertionError: a contract is broken; it names the contract and what was observed.
        InvalidOption: what is given is no task, no count, no share or no seed.
    """
    task = cast(Task, part_from(task, (Task,), TASK))
    _check_given(count, chance, seed)
    known, apart = (_draw(task, count, seed, held_out=part) for part in PARTS)
    for problems, part in ((known, PARTS[False]), (apart, PARTS[True])):
        _check_answers(task, problems, part)
        _check_oracle(task, problems, part)
    _check_seed(task, min(count, REPEATED), seed)
    _check_split(task, known, apart)
    _check_prompt(task, known)
    _check_chance(task, known, chance, seed)
    if task.has_hindsight:
        _check_hindsight(task, known, apart, seed)


def _check_given(count: int, chance: float, seed: int) -> None:
    check_seed(seed)
    check_count("problems of each level", count)
    if count < FEWEST:
        raise InvalidOption(f"{count} problem of each level: give at least {FEWEST}")
    if not (isinstance(cast(object, chance), int | float) and 0 <= chance <= 1):
        raise InvalidOption(f"chance={chance!r:.60}: give a number from 0 to 1")


def _draw(task: Task, count: int, seed: int, *, held_out: bool) -> Problems:
    """Equally many problems of each level, mixed; they must have the requested levels."""
    wanted = torch.tensor(task.levels).repeat(count)
    generator = torch.Generator().manual_seed(seed)
    problems = task.sample(wanted, generator, held_out=held_out)
    wrong = _first(problems.level != wanted)
    hold(
        wrong is None,
        task,
        "a problem has the level that was asked for",
        "" if wrong is None else f"asked for {wanted[wrong]}, it drew {problems.level[wrong]}",
    )
    return problems


def _check_answers(task: Task, problems: Problems, part: str) -> None:
    right = task.score(problems.answer, problems)
    hold(bool(right.all()), task, "the stated answer is right", _wrong(task, problems, right, part))


def _check_oracle(task: Task, problems: Problems, part: str) -> None:
    environment = Environment(task)
    known = problems.oracle[:, 0] != environment.padding
    if not bool(known.any()):
        return
    problems = problems.select(known.nonzero()[:, 0])
    environment.reset(problems)
    for key in problems.oracle.T:
        environment.press(key)
    right, row = environment.right, _first(~environment.right)
    seen = _wrong(task, problems, right, part)
    if row is not None:
        seen += f" with {task.rules.vocabulary.decode(problems.oracle[row].tolist())}"
    hold(bool(right.all()), task, "the oracle is always right", seen)


def _check_seed(task: Task, count: int, seed: int) -> None:
    first, another = (_draw(task, count, each, held_out=False) for each in (seed, seed + 1))
    fresh = Task.but(task)  # a copy of a user's task would share the problems drawn so far
    for copy, which in ((task, "the same task"), (fresh, "a fresh copy of the task")):
        again = _draw(copy, count, seed, held_out=False)
        for field in fields(Problems):
            same = equal(getattr(first, field.name), getattr(again, field.name))
            seen = f"{which} drew other {field.name} the second time"
            hold(same, task, "the same seed draws the same problems", seen)
    same = equal(first.symbols, another.symbols) and equal(first.operands, another.operands)
    hold(not same, task, "all randomness comes from the generator", "two seeds draw the same")


def _check_split(task: Task, known: Problems, apart: Problems) -> None:
    seen = set(contents(known))
    for row, content in enumerate(contents(apart)):
        if content in seen and not task.is_shared(int(apart.level[row])):
            shown = f"at level {apart.level[row]} '{task.describe(apart, row)}' is drawn from both"
            hold(False, task, "held-out problems are none of the training problems", shown)


def _check_prompt(task: Task, problems: Problems) -> None:
    for level in () if task.states_answer else task.levels:
        leak = find_leak(task, problems.select((problems.level == level).nonzero()[:, 0]))
        gain = leak.share.interval[0] - leak.luck
        shown = f"at level {level}, {leak.reader} names it in {leak.share} of the problems"
        kept = not leak.place or gain <= LEAK_FAILS
        hold(kept, task, "the answer does not stand in the prompt", shown)


def _check_chance(task: Task, problems: Problems, chance: float, seed: int) -> None:
    right = play(UniformRandom(), Environment(task), problems, torch.Generator().manual_seed(seed))
    for level in task.levels:
        often = float(right[problems.level == level].float().mean())
        shown = f"at level {level} it is right in {often:.1%}, more than {chance:.1%}"
        hold(often <= chance, task, "random play is seldom right", shown)


def _check_hindsight(task: Task, known: Problems, apart: Problems, seed: int) -> None:
    environment, generator = Environment(task), torch.Generator().manual_seed(seed)
    begun = task.practice(known, 4 * len(known), generator)
    played = play_randomly(UniformRandom(), environment, begun, generator)
    found = relabel(environment, begun, played)
    if found is None:
        return
    found = found.draw(len(found.problems), generator, task)
    problems = found.problems
    right = rollout(Scripted(found.keys), environment, problems)[0].right
    row = _first(~right)
    seen = _wrong(task, problems, right, "relabelled")
    if row is not None:
        seen += f" with {task.rules.vocabulary.decode(found.keys[:, row].tolist())}"
    hold(row is None, task, "hindsight says what the keys solve", seen)
    trained = torch.isin(problems.level, torch.tensor(task.levels))
    split = torch.tensor([not task.is_shared(level) for level in problems.level.tolist()])
    held_out = split & torch.isin(task.identity(problems), task.identity(apart))
    for wrong, contract in (
        (~trained, "hindsight gives problems of the levels"),
        (held_out, "hindsight gives no held-out problem"),
    ):
        row = _first(wrong)
        seen = (
            "" if row is None else f"'{task.describe(problems, row)}', level {problems.level[row]}"
        )
        hold(row is None, task, contract, seen)


def _wrong(task: Task, problems: Problems, right: Bool[Tensor, " P"], part: str) -> str:
    """How many are wrong, and the first of them."""
    row = _first(~right)
    if row is None:
        return ""
    shown = f"wrong on {int((~right).sum())} of {len(right)} {part} problems, such as"
    return f"{shown} '{task.describe(problems, row)}' of level {problems.level[row]}"


def _first(rows: Bool[Tensor, " P"]) -> int | None:
    return int(rows.nonzero()[0, 0]) if bool(rows.any()) else None
