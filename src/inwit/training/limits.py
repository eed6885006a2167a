"""What the author of a task leaves open: how many presses, how much memory, each operand once?

A search of a few seconds finds a shortest program for every form of problem, with many presses and
some memory. What these programs need is what an agent needs. The same task gets the same limits in
every run, whatever its seed; a run folder records them.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from jaxtyping import Float
from torch import Tensor

from inwit.environment import Environment
from inwit.machine.machine import Machine
from inwit.progress import Deadline
from inwit.tasks import FunctionTask, Task
from inwit.tokens import PADDING, RECALL, STORE
from inwit.training.program_search import Form, ProgramSearch, uncached
from inwit.training.walk import Program

LOG = logging.getLogger("inwit")
WIDE = {"presses": 64, "memory": 2, "once": False}
"""Limits of the search."""
BUDGET, SECONDS = (500_000, 3_000_000, 4_000_000), 60.0
"""Presses of the search with no, one and two frames, all before included, a quarter where values
are seen; and seconds after which it stops."""
ALONE = 48
"""Problems that are searched one by one where values are seen."""
LEAST, SPARE, UNKNOWN = 8, 2, 16
"""Presses that are allowed at least, beyond the longest program, and where programs are missing."""
SHOWN = 6
"""Lengths that are listed."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Limits of a task that its author left open."""

    task: FunctionTask
    """The task with all of its limits."""
    inferred: tuple[str, ...]
    """The options that were left open."""
    reason: str
    """What they were inferred from."""
    search: ProgramSearch | None
    """The search; None where tools may answer differently each time."""

    @property
    def programs(self) -> list[Program]:
        """One program for each form that has some, those of single problems included."""
        forms = self.search.forms if self.search else ()
        return [form.programs[0] for form in forms if form.programs]

    @property
    def remark(self) -> str:
        """Which share of the problems may stay wrong, and what to do; empty if none.

        It is measured on the problems that the search has drawn, or on those tried one by one.
        """
        search = self.search
        if search is None:
            return ""
        forms = [form for form in search.forms if not search.split or len(form.problems) == 1]
        missing = [form for form in forms if not _known(search, form)]
        if not missing:
            return ""
        drawn, lack, certain = (
            sum(len(form.problems) for form in part) for part in (forms, missing, search.impossible)
        )
        room = f"{self.task.presses} presses and {self.task.memory} frames"
        found = f"within {room} no program was found for {_share(lack, drawn)}"
        known = f" (for {_share(certain, drawn)} there is none)" if certain else ""
        later = "training searches further; if in vain, " if certain < lack else ""
        return f"{found}{known}: {later}{self._remedy()}"

    def _remedy(self) -> str:
        """What may make more problems solvable."""
        stated = {name for name in ("presses", "memory") if name not in self.inferred}
        more = {"presses": 2 * (self.task.presses or 1), "memory": (self.task.memory or 0) + 1}
        options = " or ".join(f"--{name} {value}" for name, value in more.items() if name in stated)
        tools = "check that the tools can reach the answer; inwit audit names such problems"
        return f"allow more with {options}, or {tools}" if options else tools

    def __str__(self) -> str:
        task = self.task
        words = {
            "once": "each operand once" if task.once else "operands as often as needed",
            "presses": f"at most {task.presses} keys",
            "memory": f"memory {task.memory}" if task.memory else "no memory",
        }
        found = [words[name] for name in words if name in self.inferred]
        return f"inferred: {', '.join(found)}: {self.reason}"


def with_limits(task: Task) -> Task:
    """A task with all of its limits: those that are left open are inferred, and logged.

    Raises:
        InvalidOption: its function draws no problems.
    """
    if not isinstance(task, FunctionTask) or not task.left_open:
        return task
    found = infer_limits(task)
    LOG.info("%s", found)
    return found.task


def infer_limits(task: FunctionTask, *, seconds: float = SECONDS) -> Limits:
    """Search for programs, and infer what the task leaves open.

    Args:
        task: a task.
        seconds: after which the search stops.

    Raises:
        InvalidOption: its function draws no problems.
    """
    assert task.pool  # drawn once, for all copies
    left_open = {name: WIDE[name] for name in task.left_open}
    wide = task.but(**left_open) if left_open else task
    if tools := uncached(wide):
        reason = f"{tools[0]} may answer differently each time, so nothing was searched"
        return _limits(task, {**WIDE, "memory": 0}, reason, None)
    source = torch.Generator().manual_seed(0)
    search, deadline = ProgramSearch(Environment(wide), source, alone=ALONE), Deadline(seconds)
    budget = (BUDGET[-1],) if task.displays else BUDGET
    for search.frames, presses in enumerate(budget):
        allowed = presses // 4 if task.reveals_operands and not task.displays else presses
        for _ in search.run(allowed, seconds=deadline.left):
            pass
        if not left_open and search.frames == wide.memory:
            break
    return _limits(task, _needed(search), _reason(search), search)


def _share(count: int, drawn: int) -> str:
    return f"{100 * count / drawn:.1f} % of {drawn:,} problems"


def _limits(
    task: FunctionTask, values: Mapping[str, object], reason: str, search: ProgramSearch | None
) -> Limits:
    found = {name: values[name] for name in task.left_open}
    whole = task.but(**found) if found else task
    return Limits(task=whole, inferred=task.left_open, reason=reason, search=search)


def _needed(search: ProgramSearch) -> dict[str, object]:
    """What the programs that were found need, and some room."""
    programs = [known for form in search.forms if (known := _known(search, form))]
    names = search.environment.machine.vocabulary.names
    longest = max(map(len, programs), default=0)
    frames = max((_frames(program, names) for program in programs), default=0)
    if search.noun != "forms":  # who looks may have to try again
        return {"presses": max(LEAST, 2 * longest), "memory": frames, "once": False}
    if len(programs) < len(search.forms):
        presses = max(UNKNOWN, 2 * longest)
        return {"presses": presses, "memory": max(1, frames), "once": False}
    presses = max(LEAST, longest + SPARE)
    return {"presses": presses, "memory": frames, "once": _once(search, frames)}


def _known(search: ProgramSearch, form: Form) -> Program:
    """A program of a form: found, or given with its problems; empty if there is none."""
    if form.programs:
        names = search.environment.machine.vocabulary.names
        return min(form.programs, key=lambda program: _frames(program, names))
    padding = search.environment.machine.vocabulary[PADDING]
    return tuple(key for key in form.problems.oracle[0].tolist() if key != padding)


def _frames(program: Program, names: Sequence[str]) -> int:
    """How many frames a program sets aside at most."""
    depth = most = 0
    for key in program:
        depth += (names[key] == STORE) - (names[key] == RECALL)
        most = max(most, depth)
    return most


def _once(search: ProgramSearch, frames: int) -> bool:
    """Whether every form has a program whose keys are legal where each operand is used once."""
    task, rules = search.task, search.environment.machine.rules
    assert isinstance(task, FunctionTask)
    kinds = {(each.level, each.prompt, len(each.operands)) for each in task.pool}
    if len(kinds) > len(search.forms):
        return False  # nobody knows what the others need
    strict = Machine(replace(rules, once=True))
    return all(
        any(_legal(strict, form.problems.operands[:1], program, frames) for program in programs)
        for form in search.forms
        for programs in [form.programs or [_known(search, form)]]
    )


def _legal(machine: Machine, operands: Float[Tensor, "1 N"], program: Program, frames: int) -> bool:
    """Whether all keys of a program mean something to a machine."""
    state = machine.reset(operands, depth=frames)
    for key in program:
        state = machine.press(state, torch.tensor([key]))
        if not bool(state.meant):
            return False
    return True


def _reason(search: ProgramSearch) -> str:
    """What was found, in a few words."""
    lengths = lengths_of(search)
    missing = len(search.forms) - len(lengths)
    if not lengths:
        return f"no program was found for any of {len(search.forms)} {search.noun}"
    which = f"{len(lengths)} of {len(search.forms)}" if missing else f"{len(lengths)}"
    noun = search.noun if len(search.forms) > 1 else search.noun.removesuffix("s")
    return f"from the shortest programs of {which} {noun} ({spread(lengths)} keys)"


def lengths_of(search: ProgramSearch) -> list[int]:
    """How many keys the known programs have."""
    return [len(known) for form in search.forms if (known := _known(search, form))]


def spread(lengths: Sequence[int]) -> str:
    """Lengths, each once; the range where they are many."""
    distinct = sorted(set(lengths))
    few = len(distinct) <= SHOWN
    return ", ".join(map(str, distinct)) if few else f"{distinct[0]} to {distinct[-1]}"
