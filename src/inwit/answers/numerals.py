r"""Numbers in digits, as people and language models write them.

A text is split into chunks at its spaces; a space inside a number belongs to the number. A chunk is
a number only if all of it can be read. A chunk that merely contains digits is unclear: no part of
it counts as a number.

| form | examples | value |
| --- | --- | --- |
| sign | `-7`, `+7`, a minus sign (U+2212), a hyphen (U+2010, U+2011), a dash (U+2013) | -7, 7 |
| thousands | `1,234`, `12,34,567`, `1 234`, `1'234`, `1_234`, thin and fixed spaces | 1234, ... |
| decimals | `3.5`, `.5`, `1,234.5`; a comma never begins decimals | 3.5, 0.5, 1234.5 |
| powers of ten | `1.5e3`, `1.5 x 10^3`, `10**3`, with superscripts, with `\times` | 1500, 1000 |
| fractions | `3/4`, a fraction sign such as U+00BE, `\frac{3}{4}`, `\frac34` | 0.75 |
| mixed numbers | `1 3/4`, `1\frac{3}{4}`; the fraction is below 1 | 1.75 |
| money, before or after | `$18`, `-$18`, `18 EUR` | 18, -18 |
| units, after | `18kg`, `18%`, `18-year`, `18/hour` | 18; the unit is kept apart |
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from sys import float_info
from unicodedata import decimal, normalize

MAX_DIGITS = 400
"""Maximum digits of a number and maximum power of ten; anything beyond is unclear."""
MAX_FLOAT = Fraction(float_info.max)
"""Larger numbers are unclear."""
MINUS = "\\-\u2010\u2011\u2012\u2013\u2212\ufe63\uff0d"
GAP = "[ \u00a0\u2007\u2009\u202f]"
_VULGAR = "[\u00bc-\u00be\u2150-\u215e\u2189]"
RAISED = "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079\u207a\u207b"
MONEY = "[$\u20ac\u00a3\u00a5\u20b9\u20a9\u20bd]"
OPENING, CLOSING = "(\\[{\"'\u201c\u2018\u00ab", ".,;:!?)\\]}\"'\u201d\u2019\u00bb\u3002"
UNITS = (
    "kg g mg lb lbs oz km cm mm ft in mi yd l ml L mL sec secs min mins h hr hrs mph kmh km/h "
    "USD EUR GBP INR JPY CNY CHF"
)

_FIRST = "[1-9][0-9]{0,2}"
_WHOLE = (
    f"(?:{_FIRST}(?:,[0-9]{{3}})+|[1-9][0-9]?(?:,[0-9]{{2}})+,[0-9]{{3}}"
    f"|{_FIRST}(?:{GAP}[0-9]{{3}})+|{_FIRST}(?:['\u2019][0-9]{{3}})+"
    f"|{_FIRST}(?:_[0-9]{{3}})+|0|[1-9][0-9]*)"
)
_DECIMAL = rf"(?:{_WHOLE}(?:\.[0-9]+)?|\.[0-9]+)"
_CARET, _EXPONENT = r"(?:\^|\*\*)\{?", f"[+{MINUS}]?[0-9]{{1,4}}"
_POWER = rf"10(?:{_CARET}{_EXPONENT}\}}?|[{RAISED}]+)"
_TIMES = r"\s?(?:[\u00d7x*\u00b7\u22c5]|\\times|\\cdot)\s?"
_RATIO = f"{_WHOLE}[/\u2044\u2215]{_WHOLE}"
_OVER, _UNDER = rf"[0-9]|\{{[+{MINUS}]?[0-9]+\}}", r"[0-9]|\{[0-9]+\}"
_FRAC = rf"\\[dtc]?frac\s?(?:{_OVER})\s?(?:{_UNDER})"
_MIXED = rf"[1-9][0-9]*(?:{GAP}?(?:{_VULGAR}|{_FRAC})|{GAP}{_RATIO})"
_CORE = (
    f"(?:{_MIXED}|{_VULGAR}|{_FRAC}|{_RATIO}|(?:{_DECIMAL}{_TIMES})?{_POWER}"
    f"|{_DECIMAL}(?:[eE][+{MINUS}]?[0-9]{{1,4}})?)"
)
_SIGN = f"[+{MINUS}]?"
_BEFORE = f"(?:(?:US|CA|AU|A|C)?{MONEY}{GAP}?|(?:USD|EUR|GBP|Rs\\.?){GAP}?)?"
_UNIT = (
    f"(?:\\\\?%\\$?|\u00b0[CF]?|\u00a2|{MONEY}|{'|'.join(UNITS.split())}|/[A-Za-z]{{2,}}|/h"
    "|-[A-Za-z][A-Za-z-]*)?"
)
_LEAD = f"(?P<lead>[{OPENING}]*)(?P<sign>{_SIGN})(?P<money>{_BEFORE})(?P<inner>{_SIGN})"
_CHUNK = re.compile(rf"(?:{_LEAD}{_CORE}(?![0-9])\S*)|\S+")
_NUMBER = re.compile(
    rf"{_LEAD}(?P<core>{_CORE})(?P<unit>{_UNIT})(?P<tail>(?!.*\.\.)[{CLOSING}]*)", re.DOTALL
)
_NAME = re.compile(rf"[{OPENING}]*[A-Za-z]+[A-Za-z0-9_'\u2019-]*[{CLOSING}]*")
_ORDINAL = re.compile(rf"[{OPENING}]*[0-9,]+(?:st|nd|rd|th)(?:-[A-Za-z-]+)?[{CLOSING}]*", re.I)
_DIGIT = re.compile(rf"[0-9{RAISED}\u2080-\u2089\u215f\u2460-\u249b]|{_VULGAR}|\\[dtc]?frac")
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff]")


class Kind(Enum):
    """Kinds of chunks."""

    WORD = "word"
    """It has no digits."""
    NAME = "name"
    """It begins with a letter: `mp3`."""
    ORDINAL = "ordinal"
    """An ordinal: `8th`."""
    NUMBER = "number"
    """It is one number."""
    UNCLEAR = "unclear"
    """It has digits, but may not be one number: `3,5`, `10-7`, `3:30`."""


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """A part of a text: a word between spaces, or a number with spaces inside."""

    text: str
    """Its text as written."""
    start: int
    """Index of its first character."""
    kind: Kind
    """Its kind."""
    value: Fraction = Fraction(0)
    """The number, if it is one."""
    lead: str = ""
    """Prefix of the number: brackets, quotes, currency."""
    core: str = ""
    """The digits without their sign."""
    unit: str = ""
    """Unit attached to the number."""
    tail: str = ""
    """Punctuation after it."""


def plain(text: str) -> str:
    """The text with digits of all scripts mapped to 0-9 and invisible characters removed."""
    shown = _INVISIBLE.sub("", text)
    if shown.isascii():
        return shown
    return "".join(str(decimal(each)) if each.isdecimal() else each for each in shown)


def chunks(text: str) -> Iterator[Chunk]:
    """The chunks of a plain text, in order."""
    for found in _CHUNK.finditer(text):
        yield _classify(found[0], found.start())


def number(text: str) -> Fraction | None:
    """The value of a text that is one number in digits, with or without a currency or a unit.

    Args:
        text: for example `1,234.5`, `-3/4` or `$18`; a percentage is divided by 100.

    Returns:
        The exact value; None if the text is not certainly one number.
    """
    found = list(chunks(plain(text)))
    if len(found) != 1 or found[0].kind is not Kind.NUMBER:
        return None
    (only,) = found
    if only.tail not in ("", ".") or set(only.lead) & set(OPENING):
        return None
    return only.value / 100 if "%" in only.unit else only.value


def _classify(text: str, start: int) -> Chunk:
    if not _DIGIT.search(text):
        return Chunk(text=text, start=start, kind=Kind.WORD)
    match = _NUMBER.fullmatch(text)
    value = _signed(match) if match else None
    if match is None or value is None:
        forms = {Kind.NAME: _NAME, Kind.ORDINAL: _ORDINAL}
        kind = next((kind for kind, form in forms.items() if form.fullmatch(text)), Kind.UNCLEAR)
        return Chunk(text=text, start=start, kind=kind)
    return Chunk(
        text=text,
        start=start,
        kind=Kind.NUMBER,
        value=value,
        lead=match["lead"] + match["money"].rstrip(),
        core=match["core"],
        unit=match["unit"],
        tail=match["tail"],
    )


def _signed(match: "re.Match[str]") -> Fraction | None:
    """The value of a match; None if it is too large, divides by zero or has two signs."""
    signs = match["sign"] + match["inner"]
    if len(signs) > 1 or len(match["core"]) > MAX_DIGITS:
        return None
    value = _value(match["core"])
    if value is None or not -MAX_FLOAT <= value <= MAX_FLOAT:
        return None
    return value if signs in ("", "+") else -value


def _value(core: str) -> Fraction | None:
    """The value of a number without a sign."""
    form, read = next((form, read) for form, read in _FORMS if form.fullmatch(core))
    match = form.fullmatch(core)
    assert match is not None
    return read(match)


def _mixed(match: "re.Match[str]") -> Fraction | None:
    part = _value(match[2])
    return Fraction(match[1]) + part if part is not None and 0 < part < 1 else None


def _ratio(match: "re.Match[str]") -> Fraction | None:
    if re.search(GAP, match[0]):  # `1 100/101` may be 1100/101, or 1 and 100/101
        return None
    over, under = map(_whole, match.groups())
    return Fraction(over, under) if under else None


def _frac(match: "re.Match[str]") -> Fraction | None:
    over, under = (_whole(part.strip("{}")) for part in match.groups())
    return Fraction(over, under) if under else None


def _vulgar(match: "re.Match[str]") -> Fraction:
    over, _, under = normalize("NFKC", match[0]).partition("\u2044")
    return Fraction(int(over), int(under))


def _power(match: "re.Match[str]") -> Fraction | None:
    raised = match[4] and normalize("NFKC", match[4]).replace("\u2212", "-")
    return _scaled(match[1] or "1", match[3] or raised)


def _plain(match: "re.Match[str]") -> Fraction | None:
    return _scaled(match[1], match[2] or "0")


def _scaled(front: str, power: str) -> Fraction | None:
    """A decimal number times a power of ten."""
    exponent = _whole(power)
    if abs(exponent) > MAX_DIGITS:
        return None
    value = Fraction(_UNWANTED.sub("", front))
    return value * Fraction(10) ** exponent if exponent else value


def _whole(text: str) -> int:
    """A whole number with a sign."""
    size = int(_UNWANTED.sub("", text))
    return -size if text[0] in MINUS else size


_UNWANTED = re.compile("[^0-9.]")
_FORMS: tuple[tuple["re.Pattern[str]", Callable[["re.Match[str]"], Fraction | None]], ...] = (
    (re.compile(rf"({_DECIMAL})(?:[eE]([+{MINUS}]?[0-9]+))?"), _plain),
    (re.compile(f"({_WHOLE})[/\u2044\u2215]({_WHOLE})"), _ratio),
    (re.compile(rf"\\[dtc]?frac\s?({_OVER})\s?({_UNDER})"), _frac),
    (re.compile(_VULGAR), _vulgar),
    (re.compile(rf"([0-9]+){GAP}?({_VULGAR}|{_FRAC}|{_RATIO})"), _mixed),
    (
        re.compile(rf"(?:({_DECIMAL}){_TIMES})?10(?:({_CARET})({_EXPONENT})\}}?|([{RAISED}]+))"),
        _power,
    ),
)
