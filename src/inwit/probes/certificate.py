"""The certificate of an agent: every claim with what would refute it.

A line is judged only if the audit of the task says that what it tests is needed: an agent without
memory is not at fault on a task that needs none.
"""

from collections.abc import Mapping

from inwit.auditing.exhaustive import Audit, audit_task
from inwit.environment import Environment
from inwit.errors import InvalidOption
from inwit.policies import Policy
from inwit.probes.alternatives import alternatives
from inwit.probes.card import Certificate
from inwit.probes.information import inputs
from inwit.probes.lesion import lesions
from inwit.probes.linear import planning
from inwit.probes.meaning import meaning
from inwit.probes.patch import memory, transplants
from inwit.probes.scores import competence, generalisation, robustness
from inwit.probes.subject import Subject
from inwit.probes.targeted import edits
from inwit.probes.thinking import thinking
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
    edits,
    alternatives,
    thinking,
    inputs,
    robustness,
    meaning,
)
AUDITED, BUDGET = 1000, 60_000
"""The size of the audit: problems of a level, presses of the search."""


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
        recipe: of its training; the untrained control is made from it.
        policy: the agent, on the CPU.
        environment: the task's environment.
        audit: of the task; made here by default.
        made: what the run was made with.
        problems: how many problems of each level.
        seed: fixes all randomness.

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
