"""Ways to write an answer: the forms that a grader may want, and changes that it should ignore."""

import json
import re
from collections.abc import Callable
from fractions import Fraction

from inwit.answers import number
from inwit.texts import to_json

REASONING = (
    "Let me think about what is asked. I read the question twice, and I note what is given. "
    "Then I go through it step by step, from the beginning to the end, and I check each step. "
    "First I look at the parts, then at the whole. Nothing seems to be missing here. "
    "I have compared the outcome with what was asked, and it holds. "
    "So the work is done and I can say what comes out of it. "
)
"""Text of 375 characters, without a digit and without an answer."""
TAKEN_BACK = "\n\nNo, that is wrong. I correct myself:\n\n"
STEPS = "Step 1: I read the 2 parts of the question.\nStep 2: I check them 3 times.\n\n"
"""Reasoning that contains numbers."""
DRESSES: dict[str, Callable[[str], str]] = {
    "as it stands": lambda core: core,
    "<answer> tags": lambda core: f"<answer>{core}</answer>",
    "thinking, then <answer> tags": lambda core: (
        f"<think>\n{REASONING}\n</think>\n<answer>\n{core}\n</answer>"
    ),
    "thinking, then bare": lambda core: f"<think>\n{REASONING}\n</think>\n\n{core}",
    "\\boxed": lambda core: f"\\boxed{{{core}}}",
    "thinking, then \\boxed": lambda core: (
        f"<think>\n{REASONING}\n</think>\nThe answer is \\boxed{{{core}}}."
    ),
    "####": lambda core: f"{REASONING}\n#### {core}",
    "Answer:": lambda core: f"Answer: {core}",
    "the answer is": lambda core: f"The answer is {core}",
    "final answer": lambda core: f"Final Answer: {core}",
    "a code block": lambda core: f"```\n{core}\n```",
    "a Python block": lambda core: f"```python\n{core}\n```",
    "a JSON block": lambda core: f"```json\n{core}\n```",
    "JSON": lambda core: to_json({"answer": core}),
    "[answer] tags": lambda core: f"[answer]{core}[/answer]",
    "<solution> tags": lambda core: f"<SOLUTION>{core}</SOLUTION>",
}
"""The forms that a grader may want; a gold is refused if it is refused in all of them."""
_BOXED = re.compile(r"\\boxed\{((?:[^{}]|\{[^{}]*\})*)\}")
_TAGGED = re.compile(r"<answer>(.*?)</answer>", re.S)


def core_of(gold: str) -> str:
    """The answer in a stated solution: after `####`, in a box, in tags; otherwise all of it."""
    if "####" in gold:
        return gold.rpartition("####")[2].strip()
    for pattern in (_TAGGED, _BOXED):
        found = pattern.findall(gold)
        if found:
            return str(found[-1]).strip()
    return gold


def decorated(core: str) -> dict[str, str]:
    """The same answer with additions that most readers ignore."""
    forms = {
        "boxed": f"\\boxed{{{core}}}",
        "latex": f"${core}$",
        "answer-tags": f"<answer>{core}</answer>",
        "markdown": f"**{core}**",
        "full-stop": f"{core}.",
        "white-space": f"  {core} \n",
        "after-reasoning": f"{REASONING}\nThe answer is {core}",
        "after-numbers": f"{STEPS}{core}",
    }
    others = spellings(core)
    forms |= {"number": others[0]} if others else {}
    if re.fullmatch(r"[A-Za-z][A-Za-z ]{0,40}", core):
        forms["case"] = core.lower() if core != core.lower() else core.capitalize()
    return forms | ({"stripped": core.strip()} if core != core.strip() else {})


def spellings(core: str) -> list[str]:
    """Other ways to write the same number."""
    value = number(core.strip())
    if value is None:
        return []
    forms = []
    exact = Fraction(value)
    if exact.denominator == 1:
        whole = exact.numerator
        forms = [f"{whole}.0", f"{whole:,}", f"{whole:+d}", f"{whole}.00"]
    else:
        forms = [f"{core.strip()}0"] if "." in core else [f"{float(exact):.10g}"]
    return [each for each in forms if each != core.strip() and number(each) == value]


def elements(gold: str) -> tuple[list[str], Callable[[list[str]], str]]:
    """The elements of a gold that is a list, and the function that joins them again."""
    gold = gold.strip()
    try:
        found = json.loads(gold.replace("'", '"'))
        if isinstance(found, list):
            quoted = "'" if "'" in gold else '"'
            texts = [to_json(each).replace('"', quoted) for each in found]
            return texts, lambda parts: f"[{', '.join(parts)}]"
    except ValueError:
        pass
    for joint in ("\n", ", ", ",", " "):
        if joint in gold:
            return gold.split(joint), joint.join
    return [], "".join


def with_tail(reply: str) -> str:
    """A reply with a long text after it."""
    return f"{reply}\n\n{REASONING}"
