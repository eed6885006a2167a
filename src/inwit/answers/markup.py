r"""Removes markup from replies: thoughts, LaTeX, markdown, HTML, quotes.

Removed markup leaves a space, so two numbers never merge: `1**0**` is not 10.
"""

import re
from collections.abc import Callable

from .numerals import plain

HAIR = "\u200a"
"""A space that never stands inside a number."""
MAX_CHARACTERS = 10_000
"""Only this many characters at the end of a reply are read."""
CLAIM = 1_000
"""Maximum characters of an answer."""
CLAIMS = 8
"""Only this many answers, the last ones, are considered."""
_BOX = re.compile(r"\\(?:f?boxed|fbox)\s?\{")
_THOUGHT = re.compile(
    r"<(?:think|thinking|reasoning|seed:think)>|\[THINK\]|<\|START_THINKING\|>", re.I
)
_THOUGHT_END = re.compile(
    r"</(?:think|thinking|reasoning|seed:think)>|\[/THINK\]|<\|END_THINKING\|>", re.I
)
_ANALYSIS = re.compile(
    r"<\|channel\|>analysis<\|message\|>.*?(?:<\|end\|>(?:<\|start\|>assistant)?|$)"
    r"|\Aanalysis.*?assistantfinal",
    re.S,
)
"""The thoughts of gpt-oss, with its marks or where a server took their brackets away."""
_CHANNEL = re.compile(r"<\|channel\|>(?:final|commentary)<\|message\|>|<\|return\|>\Z")
_TAGS = re.compile(r"</?(?:b|i|em|strong|code|p|br|span|div|pre)\s*/?>|</answer>", re.I)
_FENCE = re.compile(r"^[ \t]*```\w*[ \t]*$", re.M)
_EMPHASIS = re.compile(
    r"(?<![\w\\*_`])(\*{1,3}|_{1,3}|`{1,3})(?=\S)([^\n]{1,300}?)(?<=\S)\1(?![\w*_`(])"
)
_HEADING = re.compile(r"^[ \t]{0,3}#{1,3}[ \t]+", re.M)
_TEXT = re.compile(
    r"\\(?:text(?:bf|it|rm|sf|tt)?|math(?:rm|bf|it|sf)|mbox|emph|boldsymbol)\s?\{([^{}]*)\}"
    r"((?:\^(?:[23]|\{[23]\}))?)"
)
"""Text in a formula, and the power of a unit."""
_LATEX: tuple[tuple["re.Pattern[str]", str | Callable[["re.Match[str]"], str]], ...] = (
    (re.compile(r"\{,\}"), ","),
    (re.compile(r"\\!"), ""),
    (re.compile(r"\\[,;:]|\\q?quad(?![a-z])"), "\u2009"),
    (re.compile(r"\\ |~"), " "),
    (re.compile(r"\\(?:left|right|[Bb]igg?|displaystyle)(?![a-z])\.?"), ""),
    (re.compile(r"\\[()\[\]]|\$\$"), f" {HAIR}"),
    (re.compile(r"\\\$"), "$"),
    (re.compile(r"\\(?:approx|simeq|doteq)(?![a-z])"), " \u2248 "),
    (re.compile(r"\^\{?\\circ\}?"), "\u00b0"),
    (re.compile(r"\{\s+|(?<!\s)\s+\}"), lambda brace: brace[0].strip()),
    (_TEXT, lambda text: f" {HAIR}{text[1]}{'' if text[1].strip().isalpha() else text[2]}{HAIR} "),
)


def spoken(reply: str) -> str:
    """The end of a reply after its thoughts; empty if the thoughts never end."""
    return plain(after_thoughts(reply)[-MAX_CHARACTERS:])


def after_thoughts(reply: str) -> str:
    """A reply after its thoughts; empty if the thoughts never end."""
    if "<|channel|>" in reply or reply.startswith("analysis"):
        reply = _CHANNEL.sub("", _ANALYSIS.sub("", reply))
    ends = [found.end() for found in _THOUGHT_END.finditer(reply)]
    said = reply[ends[-1] :] if ends else reply
    return "" if _THOUGHT.search(said) else said


def undressed(text: str) -> str:
    """A text without markup."""
    text = _without_emphasis(text)
    for pattern, instead in _LATEX:
        text = pattern.sub(instead, text)
    text = _FENCE.sub("", _TAGS.sub(f" {HAIR}", text))
    return _HEADING.sub("", _without_emphasis(text))


def _without_emphasis(text: str) -> str:
    for _ in range(3):  # nested
        text = _EMPHASIS.sub(rf"{HAIR}\2{HAIR}", text)
    return text


def unquoted(text: str) -> str:
    """A text without double quotes, if they are paired."""
    text = re.sub("[\u201c\u201d\u00ab\u00bb\u201e]", HAIR, text)
    return text.replace('"', HAIR) if text.count('"') % 2 == 0 else text


def boxed(text: str) -> list[tuple[int, str]]:
    r"""Start and content of each of the last `\boxed{...}`."""
    found = []
    for box in list(_BOX.finditer(text))[-CLAIMS:]:
        depth, place = 1, box.end()
        while place < min(len(text), box.end() + CLAIM) and depth:
            depth += {"{": 1, "}": -1}.get(text[place], 0) * (text[place - 1] != "\\")
            place += 1
        found.append((box.start(), text[box.end() : place - 1] if not depth else "?"))
    return found
