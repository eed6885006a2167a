"""A level whose tools took all the time of an audit: what is known of it without calling them."""

import torch

from inwit.auditing.exhaustive.base import LevelCeilings, Share
from inwit.auditing.exhaustive.ceilings import restrictions
from inwit.auditing.exhaustive.findings import Examined
from inwit.auditing.exhaustive.leaks import find_leak
from inwit.auditing.exhaustive.sampling import Draw, drawn_again, held_apart
from inwit.auditing.exhaustive.verifier import verify
from inwit.environment import Environment


def unexamined(draw: Draw, plays: int, count: int, generator: torch.Generator) -> Examined:
    """What can be measured at one level without a tool; all else is 0 at least, and unknown.

    Args:
        draw: the problems.
        plays: random episodes for each problem.
        count: how many problems were asked for.
        generator: draws problems.
    """
    task, problems = draw.task, draw.originals
    nothing = Share(value=0.0, count=len(problems), complete=False)
    without = dict.fromkeys(restrictions(task, memory=task.max_depth(problems) > 0), nothing)
    without.pop("")
    played = task.sample(torch.full((plays * count,), draw.level), generator)
    environment = Environment(task)
    environment.reset(problems)
    plans = draw.plans
    again, apart = drawn_again(draw), held_apart(draw, played, count)
    return Examined(
        ceilings=LevelCeilings(
            level=draw.level,
            form=task.form(draw.level),
            oracle=nothing,
            stated=bool(plans.any()),
            chance=nothing,
            solvable=nothing,
            blind=nothing,
            without=without,
            blind_without=without,
        ),
        candidates=(),
        vocabulary=task.rules.vocabulary,
        rewarded=nothing,
        fits=Share.of(plans <= environment.limit),
        plan=int(plans.max()),
        limit=environment.limit,
        exhaustive=0,
        longer=None,
        repeated=Share.of(again),
        apart=Share.of(apart),
        trapped=nothing,
        traps=(),
        checks=verify(draw, (), None, generator),
        leak=None if task.states_answer else find_leak(task, played.part(slice(2 * count))),
    )
