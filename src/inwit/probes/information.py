"""The information between problems and key sequences, in bits.

A greedy agent presses the same keys at the same problem, so the information of its keys about the
problem is their entropy: I(problem; keys) = H(keys) - H(keys | problem) = H(keys). An agent that
does not read has 0 bits. Legal keys also carry information about a problem, whether or not the
agent reads; so if there is a prompt, only the prompts differ and the machine is at one fixed
problem.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log

import torch
from jaxtyping import Float, Int
from torch import Tensor

from inwit.environment import Environment
from inwit.policies import Policy
from inwit.probes.card import Line, judged
from inwit.probes.lesion import with_prompt
from inwit.probes.subject import ONE_PROGRAM, Subject, draw
from inwit.records import fingerprint
from inwit.tasks import Problems, Task
from inwit.training.rollout import rollout
from inwit.trajectory import Prompt

MAX_COUNTED, BATCH, DRAWN = 100_000, 4096, 2000
"""Maximum number of prompts of a level that are enumerated, prompts per batch, and problems drawn
of a level with more."""


@dataclass(frozen=True, kw_only=True)
class Information:
    """The information of the keys about the problem."""

    bits: float
    """Exact, or the plug-in estimate with the correction added."""
    exact: bool
    """All problems were enumerated."""
    correction: float
    """Miller and Madow's: (m - 1) / (2 n ln 2) bits for m sequences seen among n problems. Without
    it the estimate is too low on average; it is small if n is far larger than m."""
    sequences: int
    """m: different key sequences."""
    count: int
    """n: problems."""


def key_information(
    policy: Policy, environment: Environment, levels: Sequence[int], *, count: int, seed: int
) -> dict[int | None, Information]:
    """The bits between keys and problems: by level, and under None for all levels together.

    Args:
        policy: the agent, greedy.
        environment: where it presses.
        levels: the levels.
        count: problems of each level to draw if there are too many to enumerate.
        seed: which ones.
    """
    task, found = environment.task, {}
    machine = draw(task, levels[-1:], 1, seed)  # the hardest: no plan is cut short
    for level in levels:
        problems = draw(task, [level], count, seed)
        if task.rules.stream or task.prompt_values:
            found[level] = _sequences(policy, environment, problems), False
            continue
        every = all_prompts(task, level, seed)
        symbols = problems.symbols if every is None else every
        shown = torch.full((len(symbols),), level if task.shows_level else 0)
        parts = [
            _sequences(
                with_prompt(policy, Prompt(symbols=rows, level=shown_level)),
                environment,
                machine.select(torch.zeros_like(shown_level)),
            )
            for rows, shown_level in zip(symbols.split(BATCH), shown.split(BATCH), strict=True)
        ]
        found[level] = torch.cat(parts), every is not None
    sequence = torch.cat([keys for keys, _ in found.values()])
    weight = torch.cat([torch.full(keys.shape, 1 / len(keys)) for keys, _ in found.values()])
    whole = _entropy(sequence, weight, exact=all(exact for _, exact in found.values()))
    each: dict[int | None, Information] = {
        level: _entropy(keys, torch.ones(keys.shape), exact=exact)
        for level, (keys, exact) in found.items()
    }
    return {None: whole, **each}


def all_prompts(task: Task, level: int, seed: int) -> Int[Tensor, "n L"] | None:
    """All prompts of a level, if they differ only in their operands and are few enough."""
    drawn = draw(task, [level], 100, seed).symbols
    alphabet = torch.tensor([task.symbols.index(symbol) for symbol in task.operand_symbols])
    places = torch.isin(drawn[0], alphabet)
    size = len(alphabet) ** int(places.sum())
    if (
        len(alphabet) < 2
        or size > MAX_COUNTED
        or not (drawn[:, ~places] == drawn[0, ~places]).all()
    ):
        return None
    prompts = drawn[:1].repeat(size, 1)
    prompts[:, places] = torch.cartesian_prod(*[alphabet] * int(places.sum())).view(size, -1)
    return prompts


@torch.no_grad()
def _sequences(policy: Policy, environment: Environment, problems: Problems) -> Int[Tensor, " n"]:
    """A number for the keys pressed at each problem, the same for the same keys."""
    made, _ = rollout(policy, environment, problems)
    return fingerprint(made.key.where(made.pressed, -1).T)


def _entropy(
    sequence: Int[Tensor, " n"], weight: Float[Tensor, " n"], *, exact: bool
) -> Information:
    """H = - sum_k p_k log2 p_k over the different sequences."""
    kinds, place = sequence.unique(return_inverse=True)
    share = torch.zeros(len(kinds), dtype=torch.double).scatter_add(0, place, weight.double())
    share = share / share.sum()
    correction = 0.0 if exact else (len(kinds) - 1) / (2 * len(sequence) * log(2))
    return Information(
        bits=abs(float(-(share * share.log2()).sum())) + correction,
        exact=exact,
        correction=correction,
        sequences=len(kinds),
        count=len(sequence),
    )


def inputs(subject: Subject) -> Iterator[Line]:
    """The bits between problems and keys: of all levels, and of only the hardest."""
    found = key_information(
        subject.policy, subject.environment, subject.task.levels, count=DRAWN, seed=subject.seed
    )
    varied = subject.audit.at(subject.hardest).blind.value < 1
    for level, needed in ((None, subject.stream or subject.must_read), (subject.hardest, varied)):
        known = found[level]
        how = "all problems" if known.exact else f"{known.correction:.3f} bits of correction"
        yield Line(
            part="information",
            name="all levels" if level is None else f"level {level} alone",
            verdict=judged(known.bits > 0 if needed else None),
            figure=known.bits,
            unit="bits",
            method="exact" if known.exact else "plug-in, Miller-Madow",
            needs="above 0" if needed else "",
            fails_if="the same keys are pressed whatever the problem is" if needed else "",
            count=known.count,
            seed=subject.seed,
            note=f"{known.sequences} sequences of keys; {how}"
            + ("" if needed else f"; {ONE_PROGRAM}"),
        )
