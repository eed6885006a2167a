"""All levels of a task: draw problems, search for programs, measure, judge."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import torch
from jaxtyping import Bool, Int
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from inwit.auditing.exhaustive.base import Audit, LevelCeilings, Share, Single
from inwit.auditing.exhaustive.ceilings import CALLS, Found, Searcher, restrictions
from inwit.auditing.exhaustive.findings import MORE, Examined, judge
from inwit.auditing.exhaustive.leaks import find_leak
from inwit.auditing.exhaustive.processes import drawn_elsewhere
from inwit.auditing.exhaustive.sampling import (
    Draw,
    agrees,
    draw_levels,
    drawn_again,
    held_apart,
    press,
    submitted,
)
from inwit.auditing.exhaustive.traps import traps
from inwit.auditing.exhaustive.unexamined import unexamined
from inwit.auditing.exhaustive.value_numbering import Allowance
from inwit.auditing.exhaustive.verifier import verify
from inwit.environment import Environment
from inwit.errors import InvalidOption
from inwit.policies import UniformRandom
from inwit.progress import Deadline, OutOfTime, doing, steps
from inwit.records import distinct, fingerprint
from inwit.tasks import Problems, Task, join_problems
from inwit.tokens import PADDING
from inwit.training.rollout import play

SECONDS = 30.0
"""Seconds of an audit."""
SEARCHED = 0.7
"""What part of its seconds a level may search."""
PLAYS = 10
"""Random episodes for every problem that is drawn."""
CANDIDATES = 48
"""Programs that are tried on all levels."""
SHAPES = 8
"""Of these, the number of best ones of a level for one set of legal keys."""
MIXED = 128
"""Problems of each level that they are tried on."""
LEAST = 64
"""The fewest problems of a level that tell anything."""


def audit_task(
    task: Task,
    *,
    levels: Sequence[int] | None = None,
    problems: int = 1000,
    budget: int = 300_000,
    seed: int = 0,
    source: str | None = None,
    programs: Sequence[Sequence[int]] = (),
    seconds: float = SECONDS,
) -> Audit:
    """Whether a task is worth training on, from the task alone.

    Args:
        task: any task.
        levels: the levels to be looked at; those that it has to train on if none are given.
        problems: how many problems of each level are drawn.
        budget: presses that a search follows, at a level and without some keys, before it leaves
            some out; what is found is then said to be the least that there is.
        seed: fixes all that is drawn.
        source: the name or the file from which another process can make the task; without one, the
            split is not compared across processes.
        programs: the keys of programs that are tried in any case, as those of the problems are.
        seconds: of computing, and of waiting by tools, which levels share. Searches leave out what
            takes longer; once the time is over, no tool is called, and what depends on it is
            unknown. This is not repeatable; few tasks take as long, since calls are counted.

    Raises:
        InvalidOption: there is no such level, or a number is out of range.
    """
    levels = tuple(task.levels if levels is None else levels)
    for level in levels:
        task.check_level(level)
    if not levels or problems < LEAST:
        raise InvalidOption(
            f"{problems} problems of {len(levels)} levels: an audit needs {LEAST} of at least one"
        )
    if budget < 1:
        raise InvalidOption(f"a budget of {budget}: it must be at least 1")
    generator, deadline = torch.Generator().manual_seed(seed), Deadline(seconds)
    padding = task.rules.vocabulary[PADDING]
    with task.objects.until(deadline):
        draws = draw_levels(task, levels, problems, generator)
        known = [torch.tensor(keys) for keys in programs]
        known += [keys for draw in draws for keys in draw.originals.oracle]
        given, examined = _listed(known, padding), list[Examined]()
        for draw in steps(draws, [f"level {level}" for level in levels]):
            part = deadline.left / (len(levels) - len(examined))
            allowance = Allowance(CALLS // len(levels), Deadline(SEARCHED * part))
            try:
                found = _examine(draw, given, problems, budget, allowance, generator)
            except OutOfTime:
                found = unexamined(draw, PLAYS, problems, generator)
            examined.append(found)
        best = [keys for each in examined for keys in each.candidates]
        tried = _listed([*best, *given], padding)[:CANDIDATES]
        with doing("one program for all levels"):
            single = _single(draws, tried, padding, generator)
    if source is not None:
        with doing("drawing in another process"):
            elsewhere = drawn_elsewhere(task, source, levels, seed)
        examined = [
            replace(each, elsewhere=Share.of(elsewhere[each.ceilings.level])) for each in examined
        ]
    return Audit(
        task=task.name,
        seed=seed,
        single=single,
        levels=tuple(each.ceilings for each in examined),
        traps=tuple(trap for each in examined for trap in each.traps),
        findings=judge(examined, single),
    )


def _examine(
    draw: Draw,
    given: Int[Tensor, "g K"],
    count: int,
    budget: int,
    allowance: Allowance,
    generator: torch.Generator,
) -> Examined:
    """Measure all there is at one level."""
    task = draw.task
    searcher = Searcher(draw, given, budget, generator, allowance)
    searched = searcher.find(restrictions(task, memory=task.max_depth(draw.originals) > 0))
    exhaustive = min(each.programs.exhaustive for each in searched[""])
    searched[""] = found = _best(searcher, searched)
    played = task.sample(torch.full((PLAYS * count,), draw.level), generator)
    chance, rewarded = _random_play(task, played, generator)
    ceilings = _ceilings(searcher, searched, chance)
    trapped, worst = traps(draw, found, ceilings.solvable.complete, generator)
    longer = None
    if ceilings.solvable.value < 1 and ceilings.solvable.complete:
        more = Searcher(draw, given, budget, generator, allowance, more=MORE)
        longer = more.solvable(more.find({"": ()})[""])
    plans = draw.plans
    return Examined(
        ceilings=ceilings,
        candidates=_candidates(found),
        vocabulary=task.rules.vocabulary,
        rewarded=Share.of(rewarded),
        fits=Share.of(plans <= searcher.limit),
        plan=int(plans.max()),
        limit=searcher.limit,
        exhaustive=exhaustive,
        longer=longer,
        repeated=Share.of(drawn_again(draw)),
        apart=Share.of(held_apart(draw, played, count)),
        trapped=trapped,
        traps=worst,
        checks=verify(draw, found, (rewarded, chance), generator),
        leak=None
        if task.states_answer
        else find_leak(task, played.select(torch.arange(2 * count))),
    )


def _best(searcher: Searcher, searched: Mapping[str, list[Found]]) -> list[Found]:
    """What was found with every key; a search that was cut may have found more without some."""
    reached = {
        name: (searcher.solvable(found).value, searcher.blind(found).value, not name)
        for name, found in searched.items()
    }
    best = max(reached, key=lambda name: reached[name])
    found = searched[best]
    return [replace(each, complete=False) for each in found] if best else found


def _ceilings(
    searcher: Searcher, searched: Mapping[str, Sequence[Found]], chance: Bool[Tensor, " P"]
) -> LevelCeilings:
    """With every key, and without some."""
    draw = searcher.draw
    answers, _ = press(draw.task, draw.originals, draw.originals.oracle)
    solvable = {name: searcher.solvable(found) for name, found in searched.items()}
    blind = {name: searcher.blind(found) for name, found in searched.items()}
    return LevelCeilings(
        level=draw.level,
        form=draw.task.form(draw.level),
        oracle=Share.of(agrees(draw.task, answers, draw.originals)),
        stated=bool(draw.plans.any()),
        chance=Share.of(chance),
        solvable=solvable.pop(""),
        blind=max(blind.values(), key=lambda share: share.value),  # fewer keys can do no better
        without=solvable,
        blind_without={name: share for name, share in blind.items() if name},
    )


def _random_play(
    task: Task, problems: Problems, generator: torch.Generator
) -> tuple[Bool[Tensor, " P"], Bool[Tensor, " P"]]:
    """Which episodes of random legal play are right, and which are paid."""
    environment = Environment(task)
    paid = play(UniformRandom(), environment, problems, generator)
    return agrees(task, submitted(environment), problems), paid


def _candidates(found: Sequence[Found]) -> list[Int[Tensor, " _"]]:
    """The best blind programs, those for the most frequent legal keys first."""
    often = sorted(
        (each for each in found if len(each.hits)), key=lambda each: -each.blind_sizes.sum()
    )
    return [each.programs.keys_of(int(each.blind_hits.sum(1).argmax())) for each in often[:SHAPES]]


def _listed(programs: Sequence[Int[Tensor, " _"]], padding: int) -> Int[Tensor, "g K"]:
    """Programs side by side, each once."""
    keys = pad_sequence(list(programs), batch_first=True, padding_value=padding)
    return keys[distinct(fingerprint(keys))[0]]


def _single(
    draws: Sequence[Draw],
    programs: Int[Tensor, "c K"],
    padding: int,
    generator: torch.Generator,
) -> Single:
    """The best single program for all levels, chosen on one half of some problems."""
    rows = [torch.randperm(len(draw.problems), generator=generator)[:MIXED] for draw in draws]
    mixed = [draw.problems.select(row) for draw, row in zip(draws, rows, strict=True)]
    problems, task = join_problems(mixed, padding), draws[-1].task
    many = problems.select(torch.arange(len(problems)).repeat(len(programs)))
    count = len(problems) // 2
    try:
        answers, _ = press(task, many, programs.repeat_interleave(len(problems), 0))
    except OutOfTime:
        return Single(program="", share=Share(value=0.0, count=count, complete=False), levels=())
    right = agrees(task, answers, many).view(len(programs), -1)
    chosen = int(right[:, ::2].sum(1).argmax())
    wrong = problems.level[~right[chosen]].tolist()
    share = float(right[chosen, 1::2].double().mean())
    return Single(
        program=task.rules.vocabulary.decode(programs[chosen].tolist()),
        share=Share(value=share, count=count, complete=False),
        levels=tuple(draw.level for draw in draws if draw.level not in wrong),
    )
