"""Audit three tasks before training: a published one, one with a slip, and a sound one.

The published tutorial pays for the wrong goals, and its last stage cannot be solved. The second
task is ours, with an off-by-one error in its verifier. The audit finds both faults from the task
alone, and says what a good score on the sound task will not prove.

    python examples/04_audit_before_training.py
"""

from dataclasses import dataclass

from inwit.auditing.exhaustive import Audit, Verdict, audit_task, percent
from inwit.tasks import Stages, Tutorial


@dataclass(frozen=True, kw_only=True)
class Slip(Stages):
    """The stages, with a verifier that is off by one."""

    def score(self, answer, problems):
        """Right if the answer is one more than it should be."""
        return super().score(answer - 1, problems)


def show(title: str, audit: Audit, least: Verdict) -> None:
    """The findings that are not as they should be."""
    print(f"{title}: {audit.verdict}")
    for finding in audit.findings:
        if finding.verdict is least:
            where = "" if finding.level is None else f" at level {finding.level}"
            print(f"  {finding.verdict}  {finding.name}{where}: {finding.message}")


def main() -> None:
    tutorial = audit_task(Tutorial(), problems=500)
    show("the tutorial, as it was published", tutorial, Verdict.FAIL)
    assert tutorial.at(2).solvable.value < 0.85

    slip = audit_task(Slip(), levels=[0], problems=200)
    show("\nthe stages, with a slip in the verifier", slip, Verdict.FAIL)
    assert slip.find("verifier: stated answer", 0).verdict is Verdict.FAIL

    stages = audit_task(Stages(once=True), problems=500)
    show("\nthe stages", stages, Verdict.WARN)
    assert stages.verdict is Verdict.WARN
    hardest = stages.at(2)
    print(f"\n{hardest.form} without STO and RCL: one program for all problems answers")
    print(f"{hardest.blind_without['memory']}, one for each problem {hardest.without['memory']}")
    for trap in stages.traps:
        if trap.level == 2:
            print(f"{trap.program} is right on {percent(trap.share)}, {trap.distance} keys off")


if __name__ == "__main__":
    main()
