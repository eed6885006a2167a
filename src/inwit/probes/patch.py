"""Causal tests: change one thing inside an episode, and check that its consequences follow.

*Memory.* One operand that was entered before a `STO` is replaced by another number, and the memory
is overwritten with what it would then hold. The episode continues. If the answer comes from the
memory, it must be the exact answer of the problem with the other number, which the parser of
expressions computes with fractions, without the agent or the machine. This is an interchange
intervention (Geiger et al. 2021, arXiv:2106.02997).

*Plan.* The state after reading problem A is transplanted to problem B. If the plan is in the state,
A's plan is executed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import isnan, nan

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from inwit.environment import Environment
from inwit.errors import InvalidProblem
from inwit.evaluation.scores import Score
from inwit.policies import Policy
from inwit.probes.card import Line, Verdict
from inwit.probes.lesion import with_prompt
from inwit.probes.subject import ONE_PROGRAM, RIGHT, Subject, draw, pick
from inwit.tasks import Problems, Task, infix
from inwit.training.rollout import press_probabilities, rollout
from inwit.trajectory import Trajectory


@torch.no_grad()
def overwrite(
    policy: Policy, environment: Environment, problems: Problems, generator: torch.Generator
) -> Score:
    """The share of episodes whose answer becomes that of the overwritten value.

    An episode counts if it was right unchanged, something was stored, and the overwritten value
    and the exact answer both differ.
    """
    trajectory, _ = rollout(policy, environment, problems)
    stored, used = _stores(environment, problems, trajectory.key)
    chosen = stored & trajectory.pressed & trajectory.right
    moment, place = pick(chosen.T, generator), torch.zeros_like(problems.level)
    rows = torch.arange(len(problems))
    place = pick(used[moment, rows], generator)
    shift = torch.randint(1, 10, (len(problems),), generator=generator).double()
    other = replace(problems, operands=problems.operands.clone())
    other.operands[rows, place] += shift
    answer, changed = _answers(policy, environment, problems, other, moment)
    exact = _exact(environment.task, problems, place, other.operands[rows, place])
    counts = chosen.any(0) & changed & exact.isfinite() & ~_close(exact, problems.answer)
    right = _close(answer, exact) & counts
    return Score(right=int(right.sum()), count=int(counts.sum()))


def _stores(
    environment: Environment, problems: Problems, keys: Int[Tensor, "T B"]
) -> tuple[Bool[Tensor, "T B"], Bool[Tensor, "T B N"]]:
    """The presses of `STO`, and the operands entered until then."""
    environment.reset(problems)
    stored, used = [], []
    entered = torch.zeros_like(problems.operands, dtype=torch.bool)
    for key in keys:
        before = environment.state
        environment.press(key)
        state = environment.state
        stored.append((state.depth > before.depth) & ~state.top.accumulator.isnan())
        places = torch.arange(entered.shape[1])
        pressed = state.meant[:, None] & (places == key[:, None])
        stream = environment.task.rules.stream
        entered = entered | (places < state.cursor[:, None] if stream else pressed)
        used.append(entered & ~problems.operands.isnan())
    return torch.stack(stored), torch.stack(used)


def _answers(
    policy: Policy,
    environment: Environment,
    problems: Problems,
    other: Problems,
    moment: Int[Tensor, " B"],
) -> tuple[Float[Tensor, " B"], Bool[Tensor, " B"]]:
    """Greedy answers if the memory is replaced by that of the other problems after press `moment`.

    Returns:
        The answers, NaN where none was submitted; and where the memory was another one.
    """
    shadow = environment.on(environment.task)
    shadow.reset(other)
    prompt, observation = environment.reset(problems)
    memory = policy.begin(prompt)
    changed = torch.zeros_like(moment, dtype=torch.bool)
    for press in range(environment.limit):
        scores, _, memory = policy.step(observation, memory)
        key = press_probabilities(scores, observation.legal).argmax(1)
        observation = environment.press(key)[0]
        shadow.press(key)
        now = moment == press
        changed |= now & _transfer(shadow, environment, now)
    state = environment.state
    return state.frame.accumulator.masked_fill(~state.answered, nan), changed


def _transfer(
    source: Environment, target: Environment, rows: Bool[Tensor, " B"]
) -> Bool[Tensor, " B"]:
    """Write the stored values of one environment into another; where they differ."""
    state, given = target.state, source.state.memory.values
    kept = torch.arange(given.shape[1]) < state.depth[:, None]
    new = kept & rows[:, None]
    differs = (given[..., 0] != state.memory.values[..., 0]) & ~given[..., 0].isnan()
    values = torch.where(new[..., None], given, state.memory.values)
    target.state = replace(state, memory=replace(state.memory, values=values))
    return (differs & new).any(1)


def _exact(
    task: Task, problems: Problems, place: Int[Tensor, " B"], value: Float[Tensor, " B"]
) -> Float[Tensor, " B"]:
    """The exact answers with another number at one place, by fractions; NaN where there is none."""
    order = (~problems.operands.isnan()).long().cumsum(1).gather(1, place[:, None])[:, 0] - 1
    return torch.tensor(
        [
            _value(task.describe(problems, row), int(order[row]), float(value[row]))
            for row in range(len(problems))
        ],
        dtype=torch.double,
    )


def _value(text: str, order: int, value: float) -> float:
    if isnan(value):
        return nan
    try:
        expression = infix.read(text)
        numbers = list(expression.numbers)
        numbers[order] = repr(value)
        return float(replace(expression, numbers=tuple(numbers)).value())
    except (InvalidProblem, ZeroDivisionError):
        return nan


def _close(first: Float[Tensor, " B"], second: Float[Tensor, " B"]) -> Bool[Tensor, " B"]:
    return torch.isclose(first, second, rtol=Task.tolerance, atol=Task.tolerance)


@dataclass(frozen=True, kw_only=True)
class Transplant:
    """The presses at B with the state of A."""

    given: Score
    """The share that follow A's plan."""
    own: Score
    """The share that follow B's plan."""


@torch.no_grad()
def transplant(
    policy: Policy, environment: Environment, first: Problems, second: Problems
) -> Transplant:
    """Transplant the state after reading each first problem to the second.

    A pair counts if both are solved unchanged, their plans diverge, and A's key is legal where they
    do. A plan is followed if every key of it is pressed, up to one that is illegal.

    Args:
        policy: the agent.
        environment: where it presses.
        first: A; read, never solved.
        second: B; as many as A.
    """
    plan, _ = rollout(policy, environment, first)
    own, _ = rollout(policy, environment, second)
    mixed, _ = rollout(with_prompt(policy, plan.prompt), environment, second)
    presses = min(len(plan.key), len(own.key))
    differ = (plan.key[:presses] != own.key[:presses]) & plan.pressed[:presses]
    parting = differ.long().argmax(0)  # (B,)
    wanted = plan.key.gather(0, parting[None])[0]
    allowed = own.observation.legal[parting, torch.arange(len(wanted)), wanted]
    counts = differ.any(0) & plan.right & own.right & allowed
    return Transplant(given=_followed(plan, mixed, counts), own=_followed(own, mixed, counts))


def _followed(plan: Trajectory, made: Trajectory, counts: Bool[Tensor, " B"]) -> Score:
    presses = min(len(plan.key), len(made.key))
    key, pressed = plan.key[:presses], plan.pressed[:presses]
    legal = made.observation.legal[:presses].gather(2, key[..., None])[..., 0]
    required = pressed & (legal.long().cumprod(0) > 0)
    followed = ((key == made.key[:presses]) | ~required).all(0) & counts
    return Score(right=int(followed.sum()), count=int(counts.sum()))


def memory(subject: Subject) -> Iterator[Line]:
    """Does the answer follow a value that is overwritten during the episode?"""
    found = overwrite(subject.policy, subject.environment, subject.problems, subject.generator())
    without = subject.audit.at(subject.hardest).without.get("memory")  # None: there is no memory
    if not found.count and (without is None or without.value >= 1):
        note = "nothing is stored; the audit: nothing need be"
        yield Line(part="memory", name="stored value", verdict=Verdict.NONE, note=note)
        return
    name = "stored value overwritten: the answer is that of the new value"
    wrong = "answers do not come from what was stored, or nothing is stored in right episodes"
    yield subject.line("memory", name, found, wrong, least=RIGHT)


def transplants(subject: Subject) -> Iterator[Line]:
    """Is the plan that was read executed, whatever the problem?"""
    name = "state of problem A before problem B: A's plan is executed"
    if subject.stream:
        note = "there is no prompt to transplant"
        yield Line(part="planning", name=name, verdict=Verdict.NONE, note=note)
        return
    count = subject.count * len(subject.levels)
    first, second = (
        draw(subject.task, subject.levels, count, subject.seed + more) for more in (0, 1)
    )
    order = torch.randperm(count, generator=subject.generator())
    found = transplant(subject.policy, subject.environment, first, second.select(order))
    yield subject.line(
        "planning",
        name,
        found.given,
        "what is pressed is not what was read, or whatever is read leads to the same",
        least=RIGHT if subject.must_read else None,
        beside={"B's plan": found.own.accuracy} if found.own.count else {},
        note="" if subject.must_read else ONE_PROGRAM,
    )
