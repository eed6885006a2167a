"""What to change when an agent has not learnt: each advice follows from a measurement.

    presses, memory    a search finds no program within the limits, and finds one beyond them
    answers            problems were drawn with several answers
    values             every problem has a program, and no program serves all that look alike
    programs           problems are seldom right, and each has a program of its own
    problems           few problems differ
    policy             the network could answer by what is seen at a press
    once               all forms have programs that use every operand once, and the keys allow more
    search             right answers were rare in training, and no search came first; or a form has
                       no program yet, and may have one
    updates            there were far fewer than the recipe comes with, or right answers became
                       more frequent until the end
    replay             right answers were rare in training, and none of them was kept
    learning rate      it is far above the one that the recipe comes with

`docs/it_does_not_learn.md` has the symptoms. Each advice is tested on a task that fails without it.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import torch

from inwit.environment import Environment
from inwit.evaluation.history import History
from inwit.evaluation.intervals import percent
from inwit.progress import Deadline, OutOfTime
from inwit.recipe import Recipe, options_of
from inwit.tasks import FunctionTask, Problems
from inwit.training.program_search import Form, ProgramSearch, uncached
from inwit.training.walk import OFTEN, Breadth, Meaning, Walk

GOOD, LONGER = 0.95, 4
"""Accuracy from which a level counts as learnt, and how much longer an advised search is."""
PRESSES, LONGEST, FIRST = 400_000, 10.0, 8000
"""Presses and seconds of a search for a reason; thousands of presses of the one that is advised."""
MORE = (("presses", 4), ("memory", 1), ("memory", 2))
"""Limits that are tried: the option, and how much is added."""
HALF, MANY = 0.5, 5
"""Accuracy below which it is of interest that problems have this many programs of their own."""
SINGLE = 8
"""Problems that are solved one by one, to see whether the values decide."""
FEW, DRAWN, MEMORISED = 500, 4096, 0.05
"""Fewer different problems than this are few; among how many that are drawn; and how much better
the training problems are answered than those held out."""
WITHOUT_MEMORY = ("feedforward", "memoryless")
"""Policies that press by what is seen now."""
PARTS, RISING = 5, 0.03
"""Parts of a run, and what the last one must gain over the one before for it to be too short."""
SELDOM, LATE = 0.1, 0.7
"""Shares of right answers that are rare: at the beginning, and still."""
FAST = 10.0
"""A learning rate that exceeds the recipe's own by this factor is large."""


@dataclass(frozen=True, kw_only=True)
class Advice:
    """One thing to change."""

    name: str
    """Which, as in the list above."""
    reason: str
    """What was found, in a sentence."""
    remedy: str
    """What to do, in a sentence."""
    options: Mapping[str, object] = field(default_factory=dict)
    """The options that do it; none where the task itself has to change."""

    def __str__(self) -> str:
        return f"{self.reason}: {self.remedy}"


def advise(
    recipe: Recipe,
    plain: Recipe,
    history: History,
    accuracy: Mapping[int, float],
    known: Mapping[int, float],
) -> list[Advice]:
    """What may help a run that has not learnt, the surest first.

    Args:
        recipe: of the run.
        plain: the recipe that the task comes with.
        history: how the run went.
        accuracy: greedy, on held-out problems, level by level.
        known: the same on the problems that training draws.

    Returns:
        Nothing where every level was learnt.
    """
    failed = [level for level, share in accuracy.items() if share < GOOD]
    if not failed:
        return []
    deadline = Deadline(torch.inf)
    found = None if uncached(recipe.task) else _searched(recipe, deadline)
    return [
        *(answers := list(_answers(recipe))),
        *(_limits(recipe, found, deadline) if found else ()),
        *(_values(recipe, found, deadline) if found and not answers else ()),
        *(_longer(recipe, found) if found and not answers else ()),
        *(_programs(found) if found and min(accuracy.values()) < HALF else ()),
        *(few := list(_problems(recipe, accuracy, known))),
        *_policy(recipe, few=bool(few)),
        *(_once(recipe, found) if found else ()),
        *_rewards(recipe, plain, history, failed),
        *_updates(recipe, plain, history, failed),
        *_learning_rate(recipe, plain),
    ]


def advise_before(
    recipe: Recipe, search: ProgramSearch | None = None, *, seconds: float = torch.inf
) -> list[Advice]:
    """What may help before a task of a user's is trained on.

    Of the list above: answers, presses, memory, values, problems, policy and once.
    The measurements are those of `advise`, as far as they need no run; of few problems it is not
    yet known whether they are learnt by heart.

    Args:
        recipe: its recipe.
        search: one that has ended; made if there is none.
        seconds: of computing, after which no search for a reason goes on.
    """
    if not isinstance(recipe.task, FunctionTask):
        return []
    deadline = Deadline(seconds)
    with recipe.task.objects.until(deadline):
        found = None if uncached(recipe.task) else search or _searched(recipe, deadline)
        few = [each for level in recipe.task.levels if (each := _few(recipe, level))]
        return [
            *(answers := list(_answers(recipe))),
            *(_limits(recipe, found, deadline) if found else ()),
            *(_values(recipe, found, deadline) if found and not answers else ()),
            *few[:1],
            *(_policy(recipe, few=True) if few else ()),
            *(_once(recipe, found) if found else ()),
        ]


def _searched(recipe: Recipe, deadline: Deadline) -> ProgramSearch:
    """A search for programs that has ended."""
    search = ProgramSearch(recipe.environment(), torch.Generator().manual_seed(recipe.seed))
    for _ in search.run(PRESSES, seconds=min(LONGEST, deadline.left)):
        pass
    return search


def _limits(recipe: Recipe, found: ProgramSearch, deadline: Deadline) -> Iterator[Advice]:
    """Whether more presses or more memory make programs possible."""
    places = [place for place, form in enumerate(found.forms) if not form.programs]
    if found.noun != "forms" or not places:
        return
    place, unsolved = places[0], found.forms[places[0]]
    if _given(recipe, unsolved):
        return
    reason = found.why(unsolved)
    if not any(form is unsolved for form in found.impossible):
        asked = recipe.task.describe(unsolved.few, 0)
        reason = f"{found.presses:,} presses of a search found no program for '{asked:.60}'"
    known = options_of(recipe)
    for name, more in MORE:
        if name not in known or not isinstance(known[name].value, int):
            continue
        value = known[name].value + more
        if value <= (getattr(found.task, name, None) or 0):
            continue  # it was searched
        if deadline.left <= 0:
            return
        wider = _searched(recipe.but(**{name: value}), deadline)  # the same forms in the same order
        if wider.noun == "forms" and wider.forms[place].programs:
            yield Advice(
                name=name,
                reason=reason,
                remedy=f"with --{name} {value} there is one",
                options={name: value},
            )
            return


def _longer(recipe: Recipe, found: ProgramSearch) -> Iterator[Advice]:
    """Whether the search before training was too short for a form."""
    certain = {id(form) for form in found.impossible}
    missing = [form for form in found.forms if not form.programs and id(form) not in certain]
    if missing and recipe.search and found.noun == "forms" and not _given(recipe, missing[0]):
        asked = recipe.task.describe(missing[0].few, 0)
        yield Advice(
            name="search",
            reason=f"{found.presses:,} presses of a search found no program for '{asked:.60}'",
            remedy=f"--search {LONGER * recipe.search} searches longer",
            options={"search": LONGER * recipe.search},
        )


def _programs(found: ProgramSearch) -> Iterator[Advice]:
    """Whether problems that look alike have programs of their own."""
    alone = [form for form in found.forms if found.split and len(form.problems) == 1]
    programs = {form.programs[0] for form in alone if form.programs}
    if len(programs) >= MANY:
        solved = sum(bool(form.programs) for form in alone)
        yield Advice(
            name="programs",
            reason=f"{solved} of {len(alone)} problems, searched one by one, have {len(programs)} "
            "different programs",
            remedy="what decides between them has to be learnt from what is seen: show it with "
            "sees=, give problems with fewer keys a level= of their own, or see docs/limits.md",
        )


def _given(recipe: Recipe, form: Form) -> bool:
    """Whether problems come with a program."""
    return bool((form.problems.oracle != recipe.environment().padding).any())


def _answers(recipe: Recipe) -> Iterator[Advice]:
    """Whether some problems have several answers, of which only the stated one is right."""
    if isinstance(recipe.task, FunctionTask) and recipe.task.contradictory[0]:
        double, count = recipe.task.contradictory
        yield Advice(
            name="answers",
            reason=f"{double} of {count} problems were drawn with several answers",
            remedy="say in the prompt or by an operand which of them is meant",
        )


def _values(recipe: Recipe, found: ProgramSearch, deadline: Deadline) -> Iterator[Advice]:
    """Whether single problems can be solved whose form cannot."""
    if recipe.task.reveals_operands or not isinstance(recipe.task, FunctionTask):
        return
    for form in (each for each in found.forms if not each.programs and len(each.problems) > 1):
        rows, alone = torch.arange(min(SINGLE, len(form.problems)))[:, None], []
        with suppress(OutOfTime):
            for row in rows:
                if deadline.left <= 0:
                    return
                alone.append(_alone(recipe.environment(), form.problems.select(row)))
        programs = {each for each in alone if each}
        if len(alone) == len(rows) and all(alone) and len(programs) > 1:
            shown = recipe.task.describe(form.problems, 0)
            yield Advice(
                name="values",
                reason=f"no program was found for all problems like '{shown:.50}', but for each",
                remedy="the keys depend on values that the agent does not see: show them with "
                "sees= or display=",
            )
            return


def _alone(environment: Environment, problem: Problems) -> tuple[int, ...]:
    """The shortest program that solves one problem; empty if none was found."""
    task = environment.task
    breadth = Breadth(operands=OFTEN, tools=OFTEN, frames=task.max_depth(problem))
    meaning = Meaning(environment.machine, given=environment.masks)
    walk = Walk(environment, problem, breadth, meaning)
    for _ in range(task.max_presses(problem)):
        if programs := walk.press(PRESSES // SINGLE):
            return tuple(programs[0])
        if not len(walk):
            break
    return ()


def _problems(
    recipe: Recipe, accuracy: Mapping[int, float], known: Mapping[int, float]
) -> Iterator[Advice]:
    """Whether few problems differ, and training knows them better than those held out."""
    for level, share in accuracy.items():
        if share < GOOD and known[level] > share + MEMORISED and (advice := _few(recipe, level)):
            yield advice
            return


def _few(recipe: Recipe, level: int) -> Advice | None:
    """That few of the problems drawn at a level differ, if so."""
    generator = torch.Generator().manual_seed(recipe.seed)
    drawn = recipe.task.sample(torch.full((DRAWN,), level), generator)
    values = torch.cat([drawn.symbols.double(), drawn.operands.nan_to_num()], 1)
    count = len(values.unique(dim=0))
    if count >= FEW:
        return None
    return Advice(
        name="problems",
        reason=f"level {level} has {count} different problems to train on",
        remedy="draw from more numbers or names, so that held-out problems look familiar",
    )


def _policy(recipe: Recipe, *, few: bool) -> Iterator[Advice]:
    """Whether a network without memory could answer, if none was tried: it has less to learn."""
    tried = recipe.race or recipe.policy.name in WITHOUT_MEMORY
    if tried or not recipe.task.press_values:
        return
    reason = "numbers are seen at every press"
    yield Advice(
        name="policy",
        reason=f"{reason}, and few problems differ" if few else reason,
        remedy="where they say all that matters, --policy feedforward --policy.width 64 has no "
        "memory in which to learn problems by heart",
        options={"policy": "feedforward", "policy.width": 64},
    )


def _once(recipe: Recipe, found: ProgramSearch) -> Iterator[Advice]:
    """Whether operands could be used exactly once."""
    option = options_of(recipe).get("once")
    if option is None or option.value:
        return
    vocabulary = recipe.task.rules.vocabulary
    for form in found.forms:
        programs = list(map(list, form.programs)) or form.problems.oracle[:1].tolist()
        if not form.programs and not _given(recipe, form):
            return  # nobody knows what it needs
        there = int((~form.problems.operands[0].isnan()).sum())
        wanted = {vocabulary[str(place)] for place in range(there)}
        for keys in programs[:1]:
            pressed = [key for key in keys if key in wanted]
            if sorted(pressed) != sorted(wanted):
                return
    yield Advice(
        name="once",
        reason="every known program uses each operand exactly once, and the keys allow more",
        remedy="--once makes a used operand's key illegal (prior knowledge)",
        options={"once": True},
    )


def _rewards(
    recipe: Recipe, plain: Recipe, history: History, failed: Sequence[int]
) -> Iterator[Advice]:
    """Whether right answers were too rare to learn from."""
    name = f"episodes/accuracy@{failed[-1]}"
    if name not in history:
        return
    values = [value for value in history[name] if value == value]
    first, last = values[: max(1, len(values) // 10)], history.last(name)
    share = sum(first) / len(first)
    if share > SELDOM and last > LATE:
        return
    rare = f"one answer in {1 / share:,.0f}" if share else "no answer"
    reason = f"at first {rare} at level {failed[-1]} was right"
    if not recipe.search and recipe.replay is not None and not recipe.replay.hindsight:
        yield Advice(
            name="search",
            reason=f"{reason}, and no search came before training",
            remedy=f"--search {FIRST} looks for programs first",
            options={"search": FIRST},
        )
    if recipe.replay is None and plain.replay is not None:
        yield Advice(
            name="replay",
            reason=f"{reason}, and right answers were not kept",
            remedy=f"--replay {plain.replay.size} learns from them again",
            options={"replay": plain.replay.size},
        )


def _updates(
    recipe: Recipe, plain: Recipe, history: History, failed: Sequence[int]
) -> Iterator[Advice]:
    """Whether there were few updates, or a level still became better when training ended."""
    if 2 * recipe.updates <= plain.updates:
        yield Advice(
            name="updates",
            reason=f"updates: {recipe.updates}; the recipe comes with {plain.updates}",
            remedy=f"try --updates {plain.updates}",
            options={"updates": plain.updates},
        )
        return
    for level in failed:
        name = f"episodes/accuracy@{level}"
        values = [each for each in history[name] if each == each] if name in history else []
        part = len(values) // PARTS
        if not part or recipe.updates > len(history.lines):
            continue  # it was stopped early
        before, last = (sum(some) / part for some in (values[-2 * part : -part], values[-part:]))
        if last - before >= RISING:
            yield Advice(
                name="updates",
                reason=f"level {level} still rose from {percent(before)} to {percent(last)} of "
                f"training episodes in the last {part} updates",
                remedy=f"--updates {2 * recipe.updates} trains twice as long",
                options={"updates": 2 * recipe.updates},
            )
            return


def _learning_rate(recipe: Recipe, plain: Recipe) -> Iterator[Advice]:
    """Whether the steps are far larger than usual."""
    rate, usual = recipe.optimiser.learning_rate, plain.optimiser.learning_rate
    if rate > FAST * usual:
        yield Advice(
            name="learning rate",
            reason=f"the learning rate is {rate:g}; the recipe comes with {usual:g}",
            remedy=f"try --optimiser.learning-rate {usual:g}",
            options={"optimiser.learning_rate": usual},
        )
