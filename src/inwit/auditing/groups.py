"""Findings that say one thing together: a strict grader refuses a right answer in many forms.

Each form is a finding of its own, in JSON and JUnit, so that a single one can be let stand. For a
person they are one line, under the name of their group, which stands for all of them wherever a
finding is named: `--ignore`, `--replay`, a baseline.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from inwit.auditing.base import Finding, Verdict

FORMS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "right/wrapped": (
        "inside something else",
        {
            "right/boxed": "\\boxed{}",
            "right/latex": "dollars",
            "right/answer-tags": "<answer> tags",
            "right/markdown": "bold markdown",
        },
    ),
    "right/around": (
        "with other text around it",
        {
            "right/after-reasoning": "400 characters before it",
            "right/after-numbers": "other numbers before it",
            "right/thinking": "thinking tags before it",
            "right/corrected": "a wrong answer, taken back, before it",
            "right/tail": "400 characters behind it",
        },
    ),
    "right/written": (
        "written in another way",
        {
            "right/full-stop": "a full stop",
            "right/white-space": "white space around it",
            "right/number": "another spelling of the number",
            "right/case": "upper or lower case",
            "right/stripped": "no white space of the gold",
        },
    ),
}
"""For each group what its findings have in common, and what each of them is."""
GROUP = {member: name for name, (_, members) in FORMS.items() for member in members}
"""The group of a finding that has one."""


def members(name: str) -> tuple[str, ...]:
    """The findings that a name stands for: itself, or those of a group."""
    return tuple(FORMS[name][1]) if name in FORMS else (name,)


def named(names: Iterable[str]) -> list[str]:
    """Names of findings, and of the groups that hold one of them."""
    known = list(names)
    return [*known, *dict.fromkeys(GROUP[each] for each in known if each in GROUP)]


def grouped(findings: Sequence[Finding]) -> list[Finding]:
    """The same findings, but those of a group that warn are one, where the first of them stood."""
    made: list[Finding] = []
    for name, found in _by_group(findings).items():
        made.append(found[0] if name not in FORMS else _together(name, found))
    return made


def _by_group(findings: Sequence[Finding]) -> dict[str, list[Finding]]:
    """Each finding under its name, and those that warn under that of their group."""
    listed: dict[str, list[Finding]] = {}
    for each in findings:
        joins = each.verdict is Verdict.WARN and not each.ignored
        listed.setdefault(GROUP.get(each.id, each.id) if joins else each.id, []).append(each)
    return listed


def _together(name: str, found: Sequence[Finding]) -> Finding:
    """One finding for those of a group, with what shows the first."""
    what, words = FORMS[name]
    forms = ", ".join(f"{words[each.id]} ({each.hits:g} of {each.count})" for each in found)
    return replace(
        found[0],
        id=name,
        message=f"a right answer {what} is refused: {forms}",
        hits=sum(each.hits for each in found),
        count=sum(each.count for each in found),
        reply=None if len(found) > 1 else found[0].reply,
    )
