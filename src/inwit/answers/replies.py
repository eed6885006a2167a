r"""The number that a reply gives as its answer, if that is certain.

Markup is removed first (`markup`). Then the last of these counts:

- `\boxed{18}`, `#### 18`, `<answer>18</answer>`;
- `answer is 18`, `Answer: 18`, `the answer to this question would be 18`.

Without any of them the reply must contain a single number (`She has 18 apples left.`), the same
number several times, one calculation with its result (`3*5+3 = 18`), or end in a line that is just
one number or one such calculation.

Words around a number are units or an introduction. A number is unread if it is denied (`not 18`),
compared (`more than 18`), asked (`18?`), an alternative (`18 or 19`), taken back (`Wait, ...`) or
only part of something (`10-7`, `18!`, `2x`, `3 hours 20`).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from .markup import CLAIM, CLAIMS, boxed, spoken, undressed, unquoted
from .numerals import Chunk, Kind, chunks, number
from .words import PARTS, Token, fold, listed

_MARK = re.compile(
    r"""\banswers?\b
    (?:\s+(?:to|of|for)\b[^.:=?!\n]{1,80}?)?
    ["'\s]*(?::|=|\b(?:is|are|was|equals|becomes|(?:would|should|must|will)\s+be)\b)[:=\s]*
    |^[ \t]*(?:final[ ])?answer[ \t]+(?=[-+$\u2212\u20ac\u00a3\\0-9])
    |^[ \t]*\#{4}[ \t]*
    |<answer>""",
    re.I | re.M | re.X,
)
_NO_CLAIM = re.compile(
    r"\b(?:wrong|incorrect|false|first|previous|initial|other|their|his|her)\s*$", re.I
)
_END = re.compile(
    r"""(?<!\bRs)(?<!\bapprox)[.;!?](?=\s|$) | ,(?=\s) | \s[\u2014\u2013-]\s(?=[A-Za-z]) | \n
    |\b(?:because|since|as|so|which|where|if|when|that|thus|therefore|hence|while|but|given)\b""",
    re.I | re.X,
)
_OTHER = re.compile(
    r"^\W*(?:or|nor|maybe|perhaps|possibly)\b|^[\s,;]*(?:and\s+)?[-+$\u2212]?[0-9\u00bc-\u00be]",
    re.I,
)
_TAKEN_BACK = re.compile(
    r"(?:^|[.!?,;\n])\s*(?:or|wait|no,|nope|actually|sorry|oops|correction|alternatively|hmm)\b",
    re.I,
)
_ASIDE = re.compile(r"(?<=\s)\(([^()\n]{0,200})\)")
_EQUALS = re.compile(r"((?<![<>!:=])=(?!=)|\u2248)")
_PER_CENT = re.compile(r"\bper[ ]cent\b", re.I)
_ARROW = re.compile("[-=]+>")
_OPERATORS = set("+-*/^%<>|~!#&@") | set(
    "\u2212\u2013\u2014\u00d7\u00f7\u00b7\u22c5\u00b1\u2264\u2265\u2260"
)
_VARIABLES = {"x", "y", "z", "n", "k", "e", "K", "M", "B", "T", "bn", "\u03c0"}
_CALCULATED = listed(
    "plus minus multiplied divided squared cubed power root square cube factorial twice double "
    "triple thrice modulo mod point remainder dozens hundreds thousands millions couple"
)
_DENIED = listed(
    "not never neither nor least most either or unless incorrect wrong false unknown impossible "
    "cannot"
)
_COMPARED = listed("than between over under above below almost nearly within exceeds without up")
"""Words that, before a number, change its meaning."""
_MEASURES = listed("m cm mm km in ft yd mi s h kg g inch inches foot feet unit units meter meters")
_POWERED = re.compile(r"([a-z]+)(?:\^[23]|\^\{[23]\}|[\u00b2\u00b3])(/[a-z]+)?[.,;:]?", re.I)
"""A unit such as `cm^2`."""
_INTRODUCTIONS = listed(
    "so then thus therefore hence we get have it is total the result that gives which equals and"
)
PERCENT = {"percent", "pct", "percentage", "%", "\\%"}
NEAR = 40
"""How many characters after an answer may start another one."""
BESIDE = "there is another answer beside it"
UNITS = 3
"""Maximum words after a number on its own line."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The answer of a reply."""

    values: tuple[Fraction, ...] = ()
    """The number; for a percentage its fraction and, above 1, its figure: 0.5 and 50. Or empty."""
    reason: str = ""
    """Why the reply is unread."""


@dataclass(frozen=True, kw_only=True)
class _Item:
    """A part of a statement."""

    token: Token
    percent: bool = False
    operator: bool = False

    @property
    def numeric(self) -> bool:
        return self.token.value is not None or self.token.unclear


def read_number(reply: str) -> Reading:
    """The number that a reply gives as its answer."""
    text = unquoted(undressed(spoken(reply)))
    if not text.strip():
        return Reading(reason="nothing is said")
    for _, claim in reversed(claims(text)[-CLAIMS:]):
        reading = _claimed(claim)
        if reading.values:
            return reading
        if reading.reason:
            below = "\n" in claim.strip() and reading.reason != BESIDE
            last = _last_line(text) if below else reading
            return last if last.values else reading
    return _bare(text)


def read_texts(reply: str) -> tuple[str, ...]:
    """Candidates for a reply's answer as text.

    The whole reply, the part marked as the answer, and the last line; each with and without markup
    and punctuation.
    """
    said = spoken(reply).strip()
    text = unquoted(undressed(said)).strip()
    claimed = [_line(claim) for _, claim in claims(text)[-1:]]
    lines = claimed or text.splitlines()[-1:]
    for line in claimed:
        end = _END.search(line, 1)
        if end and not (
            _OTHER.search(line[end.end() :]) or _TAKEN_BACK.search(line[end.start() :])
        ):
            lines.append(line[: end.start()])
    bare = [line.strip().strip("'\u2018\u2019").rstrip(".!").strip() for line in lines]
    found = [said, *said.splitlines()[-1:], *lines, *bare]
    return tuple(dict.fromkeys(" ".join(each.split()) for each in found if each.strip()))


def _line(text: str) -> str:
    """The first line that is not blank."""
    return (_inside(text).strip().splitlines() or [""])[0]


def claims(text: str) -> list[tuple[int, str]]:
    """The last mark of an answer in plain text: its position, and the text after it."""
    marks = [
        (mark.start(), text[mark.end() : mark.end() + CLAIM])
        for mark in _MARK.finditer(text)
        if not _NO_CLAIM.search(text[max(0, mark.start() - 20) : mark.start()])
    ]
    return sorted(marks + boxed(text), key=lambda claim: claim[0])


def _claimed(claim: str) -> Reading:
    """The claimed answer; neither value nor reason if there is no number at all."""
    claim = _without_asides(_inside(claim).strip())
    end = _END.search(claim, 1)
    clause, after = (claim[: end.start()], claim[end.start() :]) if end else (claim, "")
    items = list(_items(clause))
    if not any(item.numeric for item in items):
        return Reading()
    if after.startswith("?") or (after.startswith("!") and clause[-1:] in "0123456789)}"):
        return Reading(reason="asked, or a factorial")
    if _another(after) or _TAKEN_BACK.search(after):
        return Reading(reason=BESIDE)
    return _stated(items)


def _another(after: str) -> bool:
    """Whether the text after a claim starts with another claim: `, or 19`, `; five`."""
    if after[:1] not in ",;\n":
        return False
    first = list(_items(after[1 : 1 + NEAR]))[:1]
    return any(item.numeric for item in first) or _OTHER.search(after[1:]) is not None


def _inside(claim: str) -> str:
    """A claim up to the end of the braces around it: `18}` in `{"answer": 18}`."""
    depth = 0
    for place, each in enumerate(claim):
        depth += (each == "{") - (each == "}")
        if depth < 0:
            return claim[:place]
    return claim


def _bare(text: str) -> Reading:
    """The answer of a reply without a mark."""
    whole = _without_asides(text.strip())
    items = list(_items(re.sub(r"(?<=[0-9)}%])[!?](?=\s|$)", " ! ", whole)))
    if _TAKEN_BACK.search(whole, 1):
        return Reading(reason="it is taken back")
    if sum(item.numeric for item in items) > 1:  # `one of them`
        items = [item for item in items if item.token.text != "one"]
    numbers = [item for item in items if item.numeric]
    if not numbers:
        return Reading(reason="there is no number")
    same = {item.token.value for item in numbers} if not any(map(_equals, items)) else ()
    if len(numbers) == 1 or (len(same) == 1 and not _adjacent(items)):
        return _stated([item for item in items if not item.numeric or item is numbers[0]])
    lines = [line for line in whole.splitlines() if line.strip()]
    if len(lines) > 1:
        return _last_line(lines[-1])
    return _stated(items) if _is_calculation(items) else Reading(reason="there are several numbers")


def _last_line(text: str) -> Reading:
    """The answer of the last line, if it is just a number or a calculation."""
    lines = [line for line in text.splitlines() if line.strip()]
    items = list(_items(lines[-1].strip())) if lines else []
    alone = len(items) <= 1 + UNITS and bool(items) and items[0].numeric
    if not alone and not _is_calculation(items):
        return Reading(reason="there are several numbers")
    return _stated(items)


def _is_calculation(items: Sequence[_Item]) -> bool:
    """Numbers and operators, then `=`, then a number and its unit."""
    last = max((place for place, item in enumerate(items) if _equals(item)), default=-1)
    right = items[last + 1 :]
    numeric = last >= 0 and bool(right) and right[0].numeric and len(right) <= 1 + UNITS
    return numeric and all(map(_calculates, items[:last]))


def _calculates(item: _Item) -> bool:
    """Whether a part may stand to the left of `=`."""
    word = item.token.text
    short = len(word) == 1 or word in _INTRODUCTIONS
    return item.numeric or item.operator or _equals(item) or short


def _stated(items: Sequence[_Item]) -> Reading:
    """The single number of a statement or of its right-hand side."""
    last = max((place + 1 for place, item in enumerate(items) if _equals(item)), default=0)
    side = items[last:]
    places = [place for place, item in enumerate(side) if item.numeric]
    denied = next((item.token.text for item in items if _denies(item.token.text)), "")
    if denied or len(places) != 1:
        reason = f"'{denied}' stands beside it" if denied else "there are several numbers"
        return Reading(reason=reason if denied or places else "there is no number")
    only, before, behind = side[places[0]], side[: places[0]], side[places[0] + 1 :]
    doubt = next((item.token.text for item in side if item.operator or item.token.unclear), "")
    if doubt or only.token.value is None or _is_compared(before):
        return Reading(reason=f"'{doubt or before[-1].token.text:.40}' makes it another number")
    share = only.percent or (bool(behind) and behind[0].token.text in PERCENT)
    return Reading(values=_percentage(only.token.value) if share else (only.token.value,))


def _is_compared(before: Sequence[_Item]) -> bool:
    """Whether the words before a number rule it out: `more than`, `no`."""
    words = [item.token.text for item in before]
    return not _COMPARED.isdisjoint(words) or words[-1:] == ["no"]


def _adjacent(items: Sequence[_Item]) -> bool:
    """Whether two numbers are adjacent, with no word between them."""
    words = [item for item in items if item.numeric or re.search(r"\w", item.token.text)]
    return any(first.numeric and second.numeric for first, second in pairwise(words))


def _percentage(value: Fraction) -> tuple[Fraction, ...]:
    """Values of a percentage: its fraction, and above 1 also its figure."""
    return (value / 100, value) if abs(value) > 1 else (value / 100,)


def _denies(word: str) -> bool:
    return word in _DENIED or word.endswith(("n't", "n\u2019t"))


def _equals(item: _Item) -> bool:
    return item.token.text in ("=", "\u2248") and item.token.value is None


def _items(statement: str) -> Iterator[_Item]:
    """The words and numbers of a statement."""
    spaced = _EQUALS.sub(r" \1 ", _ARROW.sub(" \u2192 ", statement))
    found = list(chunks(_PER_CENT.sub("percent", spaced)))
    percent = {chunk.start for chunk in found if chunk.kind is Kind.NUMBER and "%" in chunk.unit}
    before = [Kind.WORD, *(chunk.kind for chunk in found)]
    tokens = list[Token]()
    for chunk, kind in zip(found, before, strict=False):
        tokens.append(_token(chunk, kind is Kind.NUMBER))
        if chunk.text[-1] in ",.;:" and tokens[-1].text != chunk.text:  # no number continues there
            tokens.append(Token(text=chunk.text[-1], start=chunk.start + len(chunk.text) - 1))
    for token in fold(tokens):
        word = token.text
        yield _Item(
            token=token,
            percent=token.start in percent,
            operator=token.value is None
            and word not in PERCENT
            and (word in _CALCULATED or word in PARTS or _is_symbol(word)),
        )


def _token(chunk: Chunk, follows: bool) -> Token:
    """Classify a chunk as a word or a number; a chunk that is both is unclear.

    Args:
        chunk: the chunk.
        follows: whether it directly follows a number.
    """
    if chunk.kind is Kind.NUMBER:
        bracket = set("([{)]}") & set(chunk.lead + chunk.tail)
        quote = set(chunk.tail) & set("'\u2019:!?") and not chunk.lead
        unclear = bool(bracket or quote or chunk.unit.startswith("-"))
        value = None if unclear else chunk.value
        return Token(text=chunk.core, start=chunk.start, value=value, unclear=unclear)
    powered = _POWERED.fullmatch(chunk.text) if follows else None
    if powered and powered[1].lower() in _MEASURES:
        return Token(text=powered[1].lower(), start=chunk.start)
    named = chunk.kind is Kind.NAME and len(chunk.text) > 2
    if chunk.kind is not Kind.WORD and not named:
        return Token(text=chunk.text, start=chunk.start, unclear=True)
    if follows and chunk.text.strip(".,;:$)}") in _VARIABLES:
        return Token(text="*", start=chunk.start)
    word = chunk.text.lower()
    if follows and word in ("square", "cubic", "cube"):  # `18 square feet`
        return Token(text="measured", start=chunk.start)
    bare = word.strip(".,;:!?()[]{}'$\u20ac\u00a3\u200a") if re.search(r"\w", word) else word
    return Token(text=bare or word, start=chunk.start)


def _is_symbol(word: str) -> bool:
    """Whether a word calculates or compares: `*`, `-`, `^`, `\\times`, `<sup>`."""
    return word.startswith("\\") or bool(_OPERATORS & set(word) and not re.search("[a-z]{2}", word))


def _without_asides(text: str) -> str:
    """A text without parentheses after words, unless they hold another number."""

    def aside(match: "re.Match[str]") -> str:
        another = number(match[1].strip()) is not None or _OTHER.search(match[1])
        return match[0] if another and not re.search("[-+*/=]", match[1][1:]) else " "

    return _ASIDE.sub(aside, text)
