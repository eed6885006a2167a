"""Targeted edit: one choice of the plan is written into the state, and has to be executed.

To transplant a whole state is nearly a tautology, and to read a plan off a state proves little.
Here one choice is changed: which operand is entered first, or which tool is called first. Another
choice is *named* before the test, with a plan that is valid: either the agent's own presses after
it has been forced to begin so, or its own plan with the two keys exchanged, and in both cases the
machine has found the answer right. What is written is a difference of means: of the states after
reading *other* problems, those at which the agent makes the one choice less those at which it makes
its own. All these differences span one dimension less than there are choices. The length of what is
written (1, 2 or 4 differences) is taken from further problems that are used for nothing else. The
agent then presses by itself, and a trial counts as a success where it presses the named plan, key
by key. The control is a random direction of equal length, a new one for each trial.

The first operand is the press right after the edit; the first tool has to be remembered for one
press. Neither says how far ahead the agent plans.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn.functional import pad

from inwit.environment import Environment
from inwit.evaluation.scores import Score
from inwit.policies import Policy, Scripted
from inwit.probes.card import Line, Verdict
from inwit.probes.steering import Steered, state_of
from inwit.probes.subject import Subject, draw, pick
from inwit.tasks import Problems, join_problems
from inwit.training.rollout import rollout
from inwit.trajectory import Trajectory

LEAST, MARGIN = 0.5, 0.3
"""The bars: the share of trials in which the named plan is executed, and how far the lower end of
its interval is above the share with a random direction."""
CHOICES = {"first operand": 0, "first tool": 1}
"""What is chosen, by the press that does it."""
SCALES = (1.0, 2.0, 4.0)
"""Lengths that are tried on further problems."""
MEMBERS, TRIALS = 20, 30
"""Least number of episodes of a choice, and of trials of a line."""
LEVELS = 2
"""So many levels, the hardest first, are tried until the line applies."""
OTHERS = 5
"""So many times as many other problems: the last fifth of them is for the length."""


@dataclass(frozen=True, kw_only=True)
class Named:
    """Valid plans that an agent does not choose, one for each of some problems."""

    choice: Int[Tensor, " B"]
    """The key that it is to choose."""
    own: Int[Tensor, " B"]
    """The key that it chooses."""
    keys: Int[Tensor, "T B"]
    """The plan; -1 after its end."""
    counts: Bool[Tensor, " B"]
    """Where there is such a plan."""


@dataclass(frozen=True, kw_only=True)
class Edit:
    """How often a plan that was written into the state was executed."""

    edited: Score
    """With the choice's own direction."""
    random: Score
    """With a random direction of equal length."""
    right: Score
    """How often the answer was right, whichever plan was executed."""
    scale: float
    """How many differences of means were written."""
    choices: tuple[str, ...]
    """The keys among which was chosen."""


@torch.no_grad()
def edit(
    policy: Policy,
    environment: Environment,
    others: Problems,
    problems: Problems,
    generator: torch.Generator,
    *,
    press: int = 0,
) -> Edit | None:
    """Write another choice into the state after reading each problem.

    Args:
        policy: the agent, greedy.
        environment: where it presses.
        others: other problems, from which the directions and their length are taken.
        problems: those that are tried.
        generator: chooses among several plans, and draws the random directions.
        press: the press that makes the choice, from 0.

    Returns:
        None where right episodes at other problems all make the same choice. Nothing is written
        where too few of the problems have a valid plan with another choice.
    """
    both = join_problems([others, problems], environment.padding)  # prompts of one length
    last = len(others) - len(others) // OTHERS
    rows = torch.arange(len(both)).tensor_split((last, len(others)))
    known, further, asked = (both.select(each) for each in rows)
    found = means(policy, environment, known, press)
    if found is None:
        return None
    centres, usual = found
    plans = name_plans(policy, environment, asked, usual, generator, press=press)
    if int(plans.counts.sum()) < TRIALS:
        none = Score(right=0, count=int(plans.counts.sum()))
        return Edit(edited=none, random=none, right=none, scale=0.0, choices=())
    scale = _scale(policy, environment, further, found, generator, press=press)
    change = scale * _difference(centres, plans)
    noise = torch.randn(change.shape, generator=generator)
    noise = noise * change.norm(dim=1, keepdim=True) / noise.norm(dim=1, keepdim=True)
    edited, right = _executed(policy, environment, asked, plans, change)
    random, _ = _executed(policy, environment, asked, plans, noise)
    names = environment.machine.vocabulary.names
    return Edit(
        edited=edited,
        random=random,
        right=right,
        scale=scale,
        choices=tuple(names[key] for key in usual),
    )


def _scale(
    policy: Policy,
    environment: Environment,
    problems: Problems,
    found: tuple[Float[Tensor, "V W"], list[int]],
    generator: torch.Generator,
    *,
    press: int,
) -> float:
    """The length with which most named plans are executed, the shortest of several."""
    centres, usual = found
    plans = name_plans(policy, environment, problems, usual, generator, press=press)
    change = _difference(centres, plans)
    executed = {
        scale: _executed(policy, environment, problems, plans, scale * change)[0].right
        for scale in SCALES
    }
    return max(SCALES, key=executed.__getitem__)


def means(
    policy: Policy, environment: Environment, problems: Problems, press: int
) -> tuple[Float[Tensor, "V W"], list[int]] | None:
    """The mean state after reading by the key chosen, in right episodes; and the usual choices.

    None where there are not two.
    """
    made, _ = rollout(policy, environment, problems)
    if press >= len(made.key):
        return None
    state, key = state_of(policy, made.prompt), made.key[press]
    right = made.right & made.pressed[press]
    keys = made.observation.legal.shape[2]
    count = torch.zeros(keys, dtype=torch.long).index_add(0, key, right.long())
    usual = (count >= MEMBERS).nonzero()[:, 0].tolist()
    if len(usual) < 2:
        return None
    total = state.new_zeros(keys, state.shape[1]).index_add(0, key[right], state[right])
    return total / count.clamp(min=1)[:, None], usual


def name_plans(
    policy: Policy,
    environment: Environment,
    problems: Problems,
    usual: Sequence[int],
    generator: torch.Generator,
    *,
    press: int,
) -> Named:
    """A valid plan with another choice for each problem that is solved, where one is known."""
    own, _ = rollout(policy, environment, problems)
    mine = own.key[press]
    found = [_plans(policy, environment, problems, own, key, press) for key in usual]
    allowed = torch.stack([valid for _, valid in found], 1)  # (B, choices)
    allowed &= torch.isin(mine, torch.tensor(usual))[:, None]
    chosen = pick(allowed, generator)
    return Named(
        choice=torch.tensor(usual)[chosen],
        own=mine,
        keys=torch.stack([keys for keys, _ in found])[chosen, :, torch.arange(len(problems))].T,
        counts=allowed.any(1),
    )


def valid_choices(
    policy: Policy, environment: Environment, problems: Problems
) -> Int[Tensor, "B V"]:
    """Whether a valid plan is known that begins with each key; -1 where the agent begins so.

    It is -1 of problems that the agent does not solve, and of keys that are not legal, too.
    """
    own, _ = rollout(policy, environment, problems)
    legal = own.observation.legal[0] & own.right[:, None]
    found = torch.full_like(legal, -1, dtype=torch.long)
    for key in legal.any(0).nonzero()[:, 0].tolist():
        _, valid = _plans(policy, environment, problems, own, key, 0)
        found[:, key] = valid.long().masked_fill(~legal[:, key] | (own.key[0] == key), -1)
    return found


def _plans(
    policy: Policy,
    environment: Environment,
    problems: Problems,
    own: Trajectory,
    key: int,
    press: int,
) -> tuple[Int[Tensor, "T B"], Bool[Tensor, " B"]]:
    """A plan with this choice for each problem, and whether it is valid."""
    mine, length = own.key[press], environment.limit
    forced = torch.cat([own.key[:press], torch.full_like(mine, key)[None]])
    made, _ = rollout(Steered(policy, keys=forced), environment, problems)
    script = _exchanged(own, mine, key, environment.padding)
    other, _ = rollout(Scripted(script), environment, problems)
    first, second = (_holds(each, own, key, press) for each in (made, other))
    keys = torch.where(first, _keys(made, length), _keys(other, length))
    return keys, (first | second) & own.right


def _exchanged(
    own: Trajectory, mine: Int[Tensor, " B"], key: int, padding: int
) -> Int[Tensor, "T B"]:
    """The agent's plan with two keys exchanged wherever they are pressed."""
    keys = own.key.where(own.pressed, padding)
    return torch.where(keys == key, mine, torch.where(keys == mine, key, keys))


def _holds(made: Trajectory, own: Trajectory, key: int, press: int) -> Bool[Tensor, " B"]:
    """Whether an episode is right, and first differs from the agent's own by this choice."""
    before = (made.key[:press] == own.key[:press]).all(0)
    return made.right & before & (made.key[press] == key) & (own.key[press] != key)


def _keys(made: Trajectory, length: int) -> Int[Tensor, "T B"]:
    """The keys pressed, of one length; -1 after the end."""
    keys = made.key.where(made.pressed, -1)
    return pad(keys, (0, 0, 0, length - len(keys)), value=-1)


def _difference(centres: Float[Tensor, "V W"], plans: Named) -> Float[Tensor, "B W"]:
    """The direction of each choice: its mean less that of the agent's own."""
    return centres[plans.choice] - centres[plans.own]


def _executed(
    policy: Policy,
    environment: Environment,
    problems: Problems,
    plans: Named,
    change: Float[Tensor, "B W"],
) -> tuple[Score, Score]:
    """After a change: how often the named plan is pressed, and how often the answer is right."""
    made, _ = rollout(Steered(policy, change=change), environment, problems)
    same = (_keys(made, len(plans.keys)) == plans.keys).all(0)
    count = int(plans.counts.sum())
    return tuple(  # type: ignore[return-value]
        Score(right=int((each & plans.counts).sum()), count=count) for each in (same, made.right)
    )


def edits(subject: Subject) -> Iterator[Line]:
    """Is a choice that is written into the state executed, with a valid plan named before?"""
    reason = no_plan(subject)
    for choice, press in CHOICES.items():
        name = f"{choice} written into the state: a plan named before is executed"
        if reason:
            yield Line(part="edit", name=name, verdict=Verdict.NONE, note=reason)
            continue
        yield _line(subject, name, choice, press)


def no_plan(subject: Subject) -> str:
    """Why there is nothing to edit; empty if there is something."""
    if subject.stream:
        return "nothing is read before the first press: there is no plan to edit"
    if subject.task.press_values and not subject.policy.recurrent:
        return (
            "this policy keeps nothing from press to press and sees everything anew: "
            "it has no state that could hold a plan"
        )
    return ""


def _line(subject: Subject, name: str, choice: str, press: int) -> Line:
    """The line of one choice, at the hardest of some levels at which it applies."""
    reasons = list[str]()
    for level in reversed(subject.task.levels[-LEVELS:]):
        others, problems = (
            draw(subject.task, [level], size, subject.seed + more, held_out=bool(not more))
            for size, more in ((OTHERS * subject.count, 1), (subject.count, 0))
        )
        generator = subject.generator()
        found = edit(subject.policy, subject.environment, others, problems, generator, press=press)
        reason = _nothing(found, choice)
        if found is not None and not reason:
            return _judged(subject, name, found, level)
        reasons.append(f"level {level}: {reason}")
    return Line(part="edit", name=name, verdict=Verdict.NONE, note="; ".join(reasons))


def _nothing(found: Edit | None, choice: str) -> str:
    """Why nothing can be shown at a level; empty if something can."""
    if found is None:
        return f"right episodes all have the same {choice}, or nearly all"
    if found.edited.count < TRIALS:
        few = f"{found.edited.count} problems have a valid plan with another {choice}"
        return f"{few}, of {TRIALS} that it takes"
    if found.random.accuracy > 1 - MARGIN:
        return f"a random direction does it in {found.random.percent}: no more can be shown"
    return ""


def _judged(subject: Subject, name: str, found: Edit, level: int) -> Line:
    """The line of an edit."""
    above = found.edited.interval[0] - found.random.accuracy
    return subject.line(
        "edit",
        name,
        found.edited,
        "what is written into the state is not executed, or anything else does as well",
        holds=found.edited.accuracy >= LEAST and above >= MARGIN,
        needs=f"at least {LEAST:.0%}, lower end {MARGIN:.0%} above random",
        beside={"random direction": found.random.accuracy, "right": found.right.accuracy},
        note=f"level {level}; {found.scale:g} differences of means of {len(found.choices)} "
        f"choices: {', '.join(found.choices)}",
    )
