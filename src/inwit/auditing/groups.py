"""Groups of findings with one meaning: a strict grader refuses a right answer in many forms.

Each form is its own finding in JSON and JUnit, so that a single one can be accepted. Tables show
one line under the name of the group, which stands for all of them wherever a finding is named:
`--ignore`, `--replay`, a baseline.
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
            "right/after-reasoning": "375 characters before it",
            "right/after-numbers": "other numbers before it",
            "right/thinking": "thinking tags before it",
            "right/corrected": "a wrong answer, taken back, before it",
            "right/tail": "375 characters after it",
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
"""For each group, the common property of its findings, and each of them."""
GROUP = {member: name for name, (_, members) in FORMS.items() for member in members}
"""The group of a finding that has one."""


def members(name: str) -> tuple[str, ...]:
    """The findings meant by a name: itself, or those of a group."""
    return tuple(FORMS[name][1]) if name in FORMS else (name,)


def named(names: Iterable[str]) -> list[str]:
    """Names of findings and of their groups."""
    known = list(names)
    return [*known, *dict.fromkeys(GROUP[each] for each in known if each in GROUP)]


def grouped(findings: Sequence[Finding]) -> list[Finding]:
    """The findings, with the warnings of a group merged at the place of the first."""
    made: list[Finding] = []
    for name, found in _by_group(findings).items():
        made.append(found[0] if name not in FORMS else _together(name, found))
    return made


def _by_group(findings: Sequence[Finding]) -> dict[str, list[Finding]]:
    """Each finding by its name; warnings by that of their group."""
    listed: dict[str, list[Finding]] = {}
    for each in findings:
        joins = each.verdict is Verdict.WARN and not each.ignored
        listed.setdefault(GROUP.get(each.id, each.id) if joins else each.id, []).append(each)
    return listed


def _together(name: str, found: Sequence[Finding]) -> Finding:
    """One finding for a group, with the evidence of the first."""
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
