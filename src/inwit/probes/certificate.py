"""The certificate of an agent: every claim beside what would have refuted it.

A line is judged only where the audit of the task says that what it looks for is needed: an agent
that does without memory is not to blame where memory is of no use.
"""

from collections.abc import Mapping

from inwit.auditing.exhaustive import Audit, audit_task
from inwit.environment import Environment
from inwit.errors import InvalidOption
from inwit.policies import Policy
from inwit.probes.card import Certificate
from inwit.probes.information import inputs
from inwit.probes.lesion import lesions
from inwit.probes.linear import planning
from inwit.probes.patch import memory, transplants
from inwit.probes.scores import competence, generalisation, robustness
from inwit.probes.subject import Subject
from inwit.progress import steps
from inwit.provenance import commit
from inwit.recipe import Recipe

PARTS = (
    competence,
    generalisation,
    lesions,
    memory,
    planning,
    transplants,
    inputs,
    robustness,
)
AUDITED, BUDGET = 1000, 60_000
"""How closely the task is audited: problems of a level, presses that a search follows."""


def certify(
    recipe: Recipe,
    policy: Policy,
    environment: Environment,
    *,
    audit: Audit | None = None,
    made: Mapping[str, str | int] | None = None,
    problems: int = 1000,
    seed: int = 0,
) -> Certificate:
    """Examine an agent. The same arguments give the same certificate, to the digit.

    Args:
        recipe: what it was trained with; the untrained control is made from it.
        policy: the agent, on the CPU.
        environment: where it presses.
        audit: of the task; made here if none is given.
        made: what the run was made with.
        problems: how many problems of each level.
        seed: fixes all that is drawn.

    Raises:
        InvalidOption: there are no problems.
    """
    if problems < 1:
        raise InvalidOption(f"{problems} problems: it must be at least 1")
    subject = Subject(
        recipe=recipe,
        policy=policy,
        environment=environment,
        audit=audit or audit_task(environment.task, problems=AUDITED, budget=BUDGET, seed=seed),
        count=problems,
        seed=seed,
    )
    names = [part.__name__ for part in PARTS]
    return Certificate(
        task=recipe.label,
        policy=recipe.policy.name,
        made=made or {},
        commit=commit(),
        seed=seed,
        problems=problems,
        lines=tuple(line for part in steps(PARTS, names) for line in part(subject)),
    )
