"""Numbers in English words, alone or after digits: `three hundred`, `2.5 million`, `3 and a half`.

| form | examples | value |
| --- | --- | --- |
| cardinals | `zero`, `twenty-five`, `a hundred and five`, `two million` | 0, 25, 105, 2000000 |
| digits and a scale | `3 hundred`, `1.5 million`, `2 lakh` | 300, 1500000, 200000 |
| decimals | `three point one four` | 3.14 |
| fractions | `half`, `two thirds`, `three-quarters`, `a third of`, `3 and a half` | 0.5 ... 3.5 |
| dozens | `a dozen`, `two dozen`, `half a dozen` | 12, 24, 6 |
| a sign | `minus five`, `negative 5` | -5 |

`Three quarters` may be coins and `the second half` a part of a game: they stay words. Adjacent
numbers (`nineteen eighty four`) are unclear.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
)
SMALL = {name: value for value, name in enumerate(_SMALL.split())} | {"nought": 0}
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
TENS = {
    name: value
    for value, name in zip(
        range(20, 100, 10),
        _TENS.split(),
        strict=True,
    )
}
SCALES = {"thousand": 3, "million": 6, "billion": 9, "trillion": 12, "lakh": 5, "crore": 7}
"""Powers of ten."""
MULTIPLIERS = {"dozen", "hundred", *SCALES}
_PARTS_LISTED = "third quarter fourth fifth sixth seventh eighth ninth tenth hundredth thousandth"
_NTHS = _PARTS_LISTED.split()
_UNDER = (3, 4, 4, 5, 6, 7, 8, 9, 10, 100, 1000)
SINGULAR = dict(zip(["half", *_NTHS], (2, *_UNDER), strict=True))
PLURAL = dict(zip(["halves", *(f"{name}s" for name in _NTHS)], (2, *_UNDER), strict=True))
ORDINALS = {"first", "second", *_NTHS[:1], *_NTHS[2:8]}
PARTS = {*SINGULAR, *PLURAL}
"""After a number they may form a fraction, or be coins or ordinals."""
BEFORE_A_PART = {"first", "second", "third", "fourth", "last", "other", "each", "every", "either"}
"""Before `half`: it is then a part of a game or a day, not a number."""
VAGUE = {
    "dozens",
    "hundreds",
    "thousands",
    "millions",
    "billions",
    "trillions",
    "couple",
    "several",
}
LOOSE = {
    *VAGUE,
    *SINGULAR,
    *PLURAL,
    "one",
    "dozen",
    "hundred",
    *SCALES,
    "twice",
    "double",
    "triple",
}
"""Number words that may also be ordinary words."""


def listed(words: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(words.split())


@dataclass(frozen=True, kw_only=True)
class Token:
    """A word, or a number."""

    text: str
    """The text in lower case."""
    start: int = 0
    """Index of its first character."""
    value: Fraction | None = None
    """The number; None for a word."""
    unclear: bool = False
    """It looks like a number, but may not be one."""


_PLURALS = dict(zip(SINGULAR, PLURAL, strict=True)) | {"quarter": "fourths", "quarters": "fourths"}
Read = tuple[Fraction | None, int]
"""A value (None if unclear), and the number of words it spans."""


@dataclass(frozen=True, kw_only=True)
class _Part:
    """A token, or a part of one with hyphens."""

    word: str | Fraction
    token: Token
    joined: bool


def fold(tokens: Sequence[Token], kept: Collection[str] = ()) -> list[Token]:
    """Replace the words of each number by one token.

    Args:
        tokens: words in lower case, and numbers in digits.
        kept: number words that stay words unless they are part of a longer number.
    """
    parts = [part for token in tokens for part in _parts(token)]
    reader = _Reader([part.word for part in parts], kept)
    done, place, in_words = list[Token](), 0, False
    while place < len(parts):
        read = reader.phrase(place)
        if read and read[1] == 1 and parts[place].word in kept:
            read = None
        end = place + (read[1] if read else 1)
        rest = next((at for at in range(end, len(parts)) if not parts[at].joined), len(parts))
        hyphen = [part.word for part in parts[end:rest]] if read else []
        token = _token(parts[place:end], read)
        follows, in_words = in_words, token.value is not None and any(map(str.isalpha, token.text))
        done.append(replace(token, unclear=True) if follows and in_words and not hyphen else token)
        if hyphen:
            done += [Token(text="-"), Token(text="-".join(map(str, hyphen)))]
        place = rest
    return done


def _parts(token: Token) -> Iterator[_Part]:
    words = token.text.split("-")
    ordinal = len(words) > 1 and words[-2] in TENS and words[-1] in ORDINALS  # `twenty-third`
    if token.value is not None or token.unclear or ordinal or not all(words):
        word = token.text if token.value is None else token.value
        yield _Part(word=word, token=token, joined=False)
        return
    for place, word in enumerate(words):
        part = _PLURALS.get(word, word) if place else word  # `three-quarters` are not coins
        yield _Part(word=part, token=token, joined=place > 0)


def _token(parts: Sequence[_Part], read: Read | None) -> Token:
    first = parts[0].token
    if read is None:
        return first
    text = " ".join(dict.fromkeys(part.token.text for part in parts))
    return Token(text=text, start=first.start, value=read[0], unclear=read[0] is None)


class _Reader:
    """Reads numbers out of words."""

    def __init__(self, words: Sequence[str | Fraction], kept: Collection[str]) -> None:
        self.words, self.kept = words, kept

    def at(self, place: int) -> str | Fraction:
        """The word at an index; empty outside the text and for a unit that stays a word."""
        word = self.words[place] if 0 <= place < len(self.words) else ""
        return "" if word in MULTIPLIERS and word in self.kept else word

    def keeps_unit(self, place: int) -> bool:
        """Whether `dozen` or a scale at this index stays a word (`a dozen` does)."""
        return place < len(self.words) and self.words[place] in MULTIPLIERS and not self.at(place)

    def phrase(self, place: int) -> Read | None:
        """The longest number that starts at an index."""
        if self.at(place) not in ("minus", "negative"):
            return self.unsigned(place)
        before, read = self.at(place - 1), self.unsigned(place + 1)
        number = isinstance(before, Fraction) or before in {*SMALL, *TENS, "hundred", *SCALES}
        return None if number or not read or read[0] is None else (-read[0], read[1] + 1)

    def unsigned(self, place: int) -> Read | None:
        """A number without a sign."""
        word, after = self.at(place), self.at(place + 1)
        if word == "half":
            return self.half(place)
        if word in SINGULAR and self.at(place - 1) == "a" and after == "of":
            return Fraction(1, SINGULAR[str(word)]), 1
        read = self.digits(place) or self.cardinal(place)
        if read is None and word == "a" and (after == "dozen" or self.keeps_unit(place + 1)):
            read = Fraction(1), 1
        return self.dozens(place, self.with_part(place, *read)) if read else None

    def half(self, place: int) -> Read | None:
        """`half`, `half a dozen`, `half a million`."""
        if self.at(place - 1) in BEFORE_A_PART:
            return None
        count = 2 if self.at(place + 1) in ("a", "an") else 1
        scaled = self.scaled(place + count, Fraction(1, 2))
        dozen = self.dozens(place, (Fraction(1, 2), count))
        if count == 2 and self.keeps_unit(place + 2):
            return Fraction(1, 2), 2
        if scaled[1]:
            return scaled[0], count + scaled[1]
        return dozen if dozen[1] > count else (Fraction(1, 2), 1)

    def scaled(self, place: int, value: Fraction) -> tuple[Fraction, int]:
        """The value times the scales (hundred, thousand, ...) that follow."""
        count = 0
        while (word := self.at(place + count)) in {"hundred", *SCALES}:
            value, count = value * 10 ** SCALES.get(str(word), 2), count + 1
        return value, count

    def digits(self, place: int) -> tuple[Fraction, int] | None:
        """Digits, and a scale."""
        word = self.at(place)
        if not isinstance(word, Fraction):
            return None
        value, count = self.scaled(place + 1, word)
        return value, 1 + count

    def cardinal(self, place: int) -> tuple[Fraction, int] | None:
        """Groups with descending scales, and decimals."""
        total, count, bound = Fraction(0), 0, 99
        while bound:
            skip = 1 if count and self.at(place + count) == "and" else 0
            group = self.group(place + count + skip)
            if group is None:
                break
            size, taken = group
            power = SCALES.get(str(self.at(place + count + skip + taken)), 0)
            if power >= bound or not (power or taken):
                break
            total += size * 10**power
            count, bound = count + skip + taken + (power > 0), power
        return self.decimals(place, total, count) if count else None

    def group(self, place: int) -> tuple[int, int] | None:
        """A number below a thousand, or the one before a scale (`a million`, `million`)."""
        read = self.small(place)
        if read is None:
            article = self.at(place) == "a"
            if self.at(place + article) not in {"hundred", *SCALES}:
                return None
            read = 1, int(article)
        size, count = read
        if self.at(place + count) != "hundred" or not 0 < size < 100:
            return read
        size, count = 100 * size, count + 1
        skip = self.at(place + count) == "and"
        rest = self.small(place + count + skip)
        if rest and rest[0] and self.at(place + count + skip + rest[1]) != "hundred":
            return size + rest[0], count + skip + rest[1]
        return size, count

    def small(self, place: int) -> tuple[int, int] | None:
        """A number below a hundred."""
        word, after = str(self.at(place)), str(self.at(place + 1))
        if word in TENS:
            more = SMALL.get(after, 0)
            return (TENS[word] + more, 2) if 0 < more < 10 else (TENS[word], 1)
        return (SMALL[word], 1) if word in SMALL else None

    def decimals(self, place: int, value: Fraction, count: int) -> tuple[Fraction, int]:
        """The value that `point` and digits add."""
        if self.at(place + count) != "point":
            return value, count
        taken, size = 0, Fraction(1, 10)
        while (digit := SMALL.get(str(self.at(place + count + 1 + taken)), 10)) < 10:
            value, size, taken = value + digit * size, size / 10, taken + 1
        return value, count + (1 + taken if taken else 0)

    def with_part(self, place: int, value: Fraction, count: int) -> Read:
        """A fraction of the value, or a fraction added to it."""
        if value.denominator > 1 or value <= 0:
            return value, count
        word, after = str(self.at(place + count)), self.at(place + count + 1)
        if word == "and":
            return self.and_part(place + count + 1, value, count)
        if word.startswith("quarter") and after != "of":  # coins
            return value, count
        under = PLURAL.get(word, SINGULAR.get(word, 0) if value == 1 else 0)
        if not under:
            ordinal = str(self.at(place + count - 1)) in TENS and word in ORDINALS
            return (None, count + 1) if ordinal else (value, count)
        clear = word in PLURAL or word == "half" or after == "of"  # else `one third grader`
        return value / under if clear else None, count + 1

    def and_part(self, place: int, value: Fraction, count: int) -> Read:
        """`3 and a half`, `two and three quarters`."""
        if self.at(place) in ("a", "one") and self.at(place + 1) in SINGULAR:
            return value + Fraction(1, SINGULAR[str(self.at(place + 1))]), count + 3
        part = self.at(place)
        if isinstance(part, Fraction) and 0 < part < 1:  # `3 and 1/2`
            return value + part, count + 2
        over, taken = self.digits(place) or self.cardinal(place) or (Fraction(0), 0)
        under = PLURAL.get(str(self.at(place + taken)), 0)
        if 0 < over < under:
            return value + over / under, count + taken + 2
        return value, count

    def dozens(self, place: int, read: Read) -> Read:
        """Twelve times the value, if `dozen` follows."""
        value, count = read
        if value is None or self.at(place + count) != "dozen":
            return read
        return 12 * value, count + 1
