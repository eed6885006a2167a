"""Programs found by what they compute: right or wrong alone, without a network or legal keys.

Key sequences are followed press by press on a few problems of one form at once. Sequences that
leave the machine in the same state on all of them compute the same, so one of them is followed on
(observational equivalence: Udupa et al. 2013, TRANSIT). A press that means nothing changes no
state, so it falls out by itself. What is right on these problems counts once it is right on others.

Searches grow in breadth: at first nothing is set aside and no operand is entered twice. All forms
share a budget, and a program of one form is tried on the others before they are searched.
"""

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import torch
from jaxtyping import Int
from torch import Tensor

from inwit.environment import Environment
from inwit.policies import Scripted
from inwit.progress import Deadline, OutOfTime, doing
from inwit.records import distinct, joined
from inwit.tasks import Problems, Task, by_turns
from inwit.training.chance import solved_at_random
from inwit.training.discoveries import SEARCH, Discoveries, forms_of
from inwit.training.rollout import play, rollout
from inwit.training.tables import TableSearch
from inwit.training.walk import OFTEN, Breadth, Meaning, Program, Walk
from inwit.trajectory import Trajectory

LOG = logging.getLogger("inwit")
TOGETHER, WIDEST = 3, 24
"""Problems of a form that are followed side by side: at first, and at most."""
OTHERS = 32
"""Further problems of a form on which a program has to be right."""
KEPT = 256
"""Problems of a form, of those that an agent can tell apart, whose solved episodes are kept."""
SAMPLED = 4096
"""Problems that are drawn, equally many of every level, to see which forms there are."""
FORMS = 256
"""Maximum forms that are searched: the most frequent ones."""
SHARE = 0.25
"""Share of the presses after which problems are searched one by one, where values are seen."""
ALONE = 1024
"""Maximum problems that are searched one by one."""
FIRST, GROWTH, ROUNDS = 1 << 14, 4, 16
"""Presses that the narrowest search of one form may take in the first round, and how that grows."""
TIMES = ((1, 1), (1, 2), (1, OFTEN), (OFTEN, OFTEN))
"""How often a program may enter the same operand and press the same tool, from narrow to wide."""
STARTS, LESS = 8, 3
"""Programs of other forms that searches extend, each with an eighth of the presses."""
LONG, ENOUGH_SHORT = 64, 16
"""Programs of over `LONG` keys are dropped if `ENOUGH_SHORT` forms have shorter ones."""
MOST = 64
"""Maximum programs of one length that are tried on further problems."""
PAUSE = 2.0
"""Seconds between two lines on a search."""
LONGEST = 300.0
"""Seconds after which a search is stopped."""
NAMED = 3
"""Forms without a program that are named."""
ENOUGH = 0.02
"""Share of random episodes that are right from which a learner needs no search."""


@dataclass(kw_only=True, eq=False)
class Form:
    """Problems that one program is to solve."""

    problems: Problems
    """Training problems of the form."""
    programs: list[Program] = field(default_factory=list)
    """Its shortest programs that were right on further problems, too."""
    closed: set[Breadth] = field(default_factory=set)
    """What was searched to the end without success."""
    after: int = 0
    """How many presses all searches had made when it had a program."""
    together: int = TOGETHER
    """How many problems are followed side by side."""

    @property
    def few(self) -> Problems:
        """The problems that are followed side by side."""
        return self.problems.part(slice(self.together))

    @property
    def others(self) -> Problems:
        """The problems that a program is tried on; the few, if there are no others."""
        rest = self.problems.part(slice(self.together, self.together + OTHERS))
        return rest if len(rest) else self.few

    def follow_more(self) -> bool:
        """Follow twice as many problems: two programs may agree on a few by coincidence.

        Returns:
            Whether there are more.
        """
        before, self.together = self.together, min(2 * self.together, WIDEST, len(self.problems))
        return self.together > before

    def follow_others(self) -> None:
        """Follow other problems from now on."""
        rows = torch.arange(len(self.problems)).roll(-self.together)
        self.problems = self.problems.select(rows)


class ProgramSearch:
    """A search for one program of every form."""

    def __init__(
        self, environment: Environment, generator: torch.Generator, *, alone: int = ALONE
    ) -> None:
        """Draw training problems and group them by form.

        Args:
            environment: where; its state is overwritten.
            generator: draws the problems, on the CPU.
            alone: how many problems are searched one by one, where values are seen.
        """
        self.environment, self.task = environment, environment.task
        self.generator, self.alone = generator, alone
        self.meanings: dict[tuple[bool, ...], Meaning] = {}
        self.forms, self.presses, self.noun = self._forms(), 0, "forms"
        self.tables = 0  # forms with a table of what to press by what is shown
        self.split = False  # problems are searched one by one
        self.late = False  # it was stopped by the clock
        self.frames: int | None = None  # set aside at most; what the task allows if not given

    @property
    def solved(self) -> int:
        """How many forms have a program."""
        return sum(bool(form.programs) for form in self.forms)

    def __str__(self) -> str:
        found = f"programs for {self.solved} of {len(self.forms)} {self.noun}"
        return f"search: {found}, {self.presses:,} presses"

    @property
    def impossible(self) -> list[Form]:
        """The forms that were searched to the end without success."""
        return [form for form in self.forms if not form.programs and not self._breadths(form)]

    def why(self, form: Form) -> str:
        """That no program solves a form, in a sentence."""
        presses, frames = self.task.max_presses(form.few), self.task.max_depth(form.few)
        limits = f"{presses} presses and {frames} frames in memory"
        return f"no program of at most {limits} solves '{self.task.describe(form.few, 0):.60}'"

    def _forms(self) -> list[Form]:
        """The most frequent forms, those of low levels and with few operands first."""
        drawn = self.task.sample(by_turns(self.task.levels, SAMPLED), self.generator)
        _, form, count = forms_of(self.task, drawn).unique(return_inverse=True, return_counts=True)
        frequent = count.argsort(descending=True, stable=True)[:FORMS].tolist()
        groups = [drawn.select((form == each).nonzero()[:, 0]) for each in frequent]
        groups.sort(key=lambda each: (int(each.level[0]), int((~each.operands[0].isnan()).sum())))
        return [Form(problems=each) for each in groups]

    def run(self, presses: int, *, seconds: float = LONGEST) -> Iterator[None]:
        """Search, and pause after every search of a form.

        Where a choice may depend on what is seen, no program may serve all problems of a form: then
        problems are searched one by one. What the clock stops is not repeatable.

        Args:
            presses: how many presses all forms together may take.
            seconds: of computing, when it stops.
        """
        deadline = Deadline(seconds)
        with suppress(OutOfTime), self.task.objects.until(deadline):
            for _ in self._all_rounds(presses):
                yield
                if deadline.left < 0:
                    break
        self.late = deadline.left < 0

    def _all_rounds(self, presses: int) -> Iterator[None]:
        if self.task.reveals_operands:
            share = SHARE / 4 if self.task.displays else SHARE
            yield from self._rounds(int(presses * share))
            self._find_tables(presses)
            self._split()
        yield from self._rounds(presses)

    def _rounds(self, presses: int) -> Iterator[None]:
        """Search in rounds of growing length, until the budget of presses is spent."""
        for allowed in (FIRST * GROWTH**n for n in range(ROUNDS)):
            for form in self.forms:
                for breadth, most in self._planned(form, allowed):
                    if form.programs or self.presses >= presses:
                        break
                    self._follow(form, breadth, min(most, presses - self.presses))
                    yield
            if self.presses >= presses or not self._left():
                return

    def _planned(self, form: Form, allowed: int) -> Iterator[tuple[Breadth, int]]:
        """The searches of a form in a round, each with its presses; narrow ones get more."""
        for place, breadth in enumerate(self._breadths(form)):
            yield breadth, allowed >> place
        for breadth in self._starts(form):
            yield breadth, allowed >> LESS

    def _left(self) -> bool:
        """Whether there is anything left to search."""
        return any(self._breadths(form) for form in self.forms if not form.programs)

    def _find_tables(self, presses: int) -> None:
        """Find what to press by what is shown; each problem then has a program of its own."""
        unsolved = [each for each in self.forms if not each.programs]
        for left, form in enumerate(unsolved if self.task.displays and not self.split else ()):
            problems = form.problems.select(self._looks(form))
            search = TableSearch(self.environment, problems, frames=self._frames(form))
            programs = search.programs((presses - self.presses) // (len(unsolved) - left + 1))
            self.presses += search.presses
            if programs:
                self.tables, self.noun = self.tables + 1, "problems"
                self.forms.remove(form)
                rows = map(problems.part, (slice(row, row + 1) for row in range(len(programs))))
                self.forms += [
                    Form(problems=alone, programs=[each], after=self.presses)
                    for alone, each in zip(rows, programs, strict=True)
                ]

    def _split(self) -> None:
        """Make each problem a form of its own where a form has no program."""
        known = [form for form in self.forms if form.programs]
        rest = [form.problems for form in self.forms if not form.programs]
        if not rest or max(map(len, rest)) == 1:
            return
        self.split, problems = True, joined(rest)
        problems = problems.select(distinct(self.task.identity(problems))[0])
        order = torch.randperm(len(problems), generator=self.generator)[: self.alone]
        alone = [Form(problems=problems.select(row)) for row in order.split(1)]
        alone.sort(key=lambda form: int(form.problems.level))
        self.forms, self.noun = [*known, *alone], "problems"

    def _share(self, program: Program) -> None:
        """Try a program on all forms that have none."""
        forms = [form for form in self.forms if not form.programs]
        if forms:
            problems = joined([form.others for form in forms])
            given = Scripted(self._keys_of([program]).expand(len(problems), -1).T)
            right = play(given, self.environment, problems).split(
                [len(form.others) for form in forms]
            )
            self.presses += len(problems) * len(program)
            for form, each in zip(forms, right, strict=True):
                form.programs = [program] if bool(each.all()) else []
                form.after = self.presses

    def _breadths(self, form: Form) -> list[Breadth]:
        """What is left to search of a form."""
        most = self._frames(form)
        breadths = [
            Breadth(operands=operands, tools=tools, frames=frames)
            for operands, tools in TIMES
            for frames in sorted({0, min(1, most), most})
        ]
        return [breadth for breadth in breadths if breadth not in form.closed]

    def _frames(self, form: Form) -> int:
        """How many frames may be set aside."""
        allowed = self.task.max_depth(form.few)
        return allowed if self.frames is None else min(self.frames, allowed)

    def _starts(self, form: Form) -> list[Breadth]:
        """Narrow searches that extend the programs of other forms, the longest first."""
        if self.noun != "forms":
            return []
        known = {each.programs[0][:-1]: None for each in self.forms if each.programs}
        most = self._frames(form)
        breadths = [
            Breadth(operands=1, tools=1, frames=most, start=start)
            for start in sorted(known, key=len, reverse=True)[:STARTS]
        ]
        return [breadth for breadth in breadths if breadth not in form.closed]

    def _meaning(self, form: Form) -> Meaning:
        """What is known of keys where the same operands are there."""
        there = tuple((~form.problems.operands[0].isnan()).tolist())
        if there not in self.meanings:
            machine, given = self.environment.machine, self.environment.masks
            self.meanings[there] = Meaning(machine, given=given)
        return self.meanings[there]

    def _follow(self, form: Form, breadth: Breadth, presses: int) -> None:
        """Follow all key sequences, shortest first, until one of them is right."""
        walk = Walk(self.environment, form.few, breadth, self._meaning(form))
        for _ in range(self.task.max_presses(form.few) - len(breadth.start)):
            programs = walk.press(presses)[:MOST]
            form.programs = self._right(form, programs) if programs else []
            if form.programs or not len(walk):
                break
        if not walk.cut:
            form.closed.add(breadth)
        self.presses += walk.presses
        if form.programs:
            form.after = self.presses
            self._share(form.programs[0])
            return
        if not self._breadths(form) and form.follow_more():
            form.closed.clear()
        form.follow_others()

    def _right(self, form: Form, programs: Sequence[Program]) -> list[Program]:
        """Those programs that are right on further problems."""
        others, keys = form.others, self._keys_of(programs)
        given = Scripted(keys.repeat(len(others), 1).T)
        right = play(given, self.environment, others.repeat(len(keys)))
        self.presses += keys.numel() * len(others)
        always = right.view(len(others), len(keys)).all(0).tolist()
        return [program for program, each in zip(programs, always, strict=True) if each]

    def _keys_of(self, programs: Sequence[Program]) -> Int[Tensor, "n T"]:
        padding, length = self.environment.padding, max(map(len, programs))
        rows = [[*keys, *[padding] * (length - len(keys))] for keys in programs]
        return torch.tensor(rows, device=self.environment.device)

    def _looks(self, form: Form) -> Int[Tensor, " n"]:
        """The first problem of each kind that an agent can tell apart."""
        return distinct(self.task.identity(form.problems))[0]

    def note(self, found: Discoveries, before: int) -> None:
        """Record the forms that have a program, and the number of episodes played before."""
        for form in sorted(self.forms, key=lambda each: each.after):
            if form.programs:
                first = form.problems.part(slice(1))
                found.add(SEARCH, first.level, first.identity, before + form.after)

    def episodes(self, environment: Environment | None = None) -> Trajectory | None:
        """The solved episodes of one program of each form, in another environment if one is given;
        None if no form has one."""
        solved = [form for form in self.forms if form.programs]
        short = [form for form in solved if len(form.programs[0]) <= LONG]
        solved = short if len(short) >= ENOUGH_SHORT else solved
        if not solved:
            return None
        parts = [form.problems.select(self._looks(form)[:KEPT]) for form in solved]
        keys = self._keys_of([form.programs[0] for form in solved])
        row = torch.arange(len(parts)).repeat_interleave(torch.tensor([*map(len, parts)]))
        problems = joined(parts)
        episodes, _ = rollout(Scripted(keys[row].T), environment or self.environment, problems)
        return episodes.select(episodes.right.nonzero()[:, 0]).trimmed()


def search_programs(
    environment: Environment,
    presses: int,
    generator: torch.Generator,
    found: Discoveries | None = None,
    *,
    looks: bool | None = None,
) -> tuple[Trajectory | None, int]:
    """Search for programs, unless the learner will find them by itself.

    Args:
        environment: where; its state is overwritten.
        presses: how many presses the search may take.
        generator: draws problems and random keys, on the CPU.
        found: takes note of what is found.
        looks: whether keys depend on what is seen; by default wherever anything is.

    Returns:
        The solved episodes, None if there are none; and how many episodes were played.
    """
    task, played, found = environment.task, 0, found or Discoveries(environment.task)
    if tools := uncached(task):
        LOG.info("no search: %s may answer differently each time", tools[0])
        return None, played
    if task.reveals_operands if looks is None else looks:
        chance, played = solved_at_random(environment, generator, found)
        if chance >= ENOUGH:
            LOG.info("no search: random presses solve %.1f %% of the hardest level", 100 * chance)
            return None, played
    search, shown = ProgramSearch(environment, generator), time.monotonic()
    with doing("search for programs"):
        for _ in search.run(presses):
            if time.monotonic() - shown > PAUSE and search.solved < len(search.forms):
                shown = time.monotonic()
                LOG.info("%s of at most %s", search, f"{presses:,}")
    if search.late:
        LOG.warning("the search was stopped after %.0f s", LONGEST)
    search.note(found, played)
    LOG.info("%s", search)
    for form in search.impossible[:NAMED]:
        LOG.warning("%s", search.why(form))
    return search.episodes(), played + search.presses


def uncached(task: Task) -> list[str]:
    """The tools that may answer the same call differently: what they computed says nothing."""
    tools = task.rules.tools
    return [tool.name for tool in tools if not getattr(tool.function, "cached", True)]
