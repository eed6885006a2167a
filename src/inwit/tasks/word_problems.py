"""Arithmetic word problems, read once as text and learnt from answers only.

The agent reads words. It sees a number's kind and its rank among the numbers of the problem, not
its value. Constants precede every problem as further operands; every operand is used at most once.
A word that occurs only once in training is unknown.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import nan
from pathlib import Path

import torch
from jaxtyping import Int
from torch import Tensor
from torch.nn.functional import pad

from inwit.errors import InvalidOption, InvalidProblem
from inwit.machine.rules import Rules
from inwit.parts import register
from inwit.tasks.base import Task
from inwit.tasks.pool import Pool
from inwit.tasks.problems import Problems, oracles, padded
from inwit.tasks.questions import NUMBER, Question, read_question, read_table
from inwit.tasks.stories import stories
from inwit.tools import ADD, DIV, MUL, SUB
from inwit.tools.numbers import NUMBER_LIMIT

CONSTANTS = (1.0, 2.0, 12.0, 100.0, 0.01)
MAX_NUMBERS = 7
"""Maximum numbers in a problem."""
SORTS = ("whole", "decimal", "small")
"""The kind of a number: whole, with a fraction, or below one."""
RANKS = 4
"""Rank among the distinct numbers of the problem, smallest first; the largest share the last."""
UNKNOWN = "<unknown>"
PRESSES = 9
"""Enough presses for three tools, or for two and a frame in memory."""
Look = tuple[tuple[int, ...], tuple[float, ...], float]
"""The symbols, the numbers and the answer of a question."""


@register
@dataclass(frozen=True, kw_only=True)
class WordProblems(Task):
    """Arithmetic word problems."""

    data: Path | None = None
    """Folder with train.csv and dev.csv, or a path such as `data/fold`, if the files are
    data/fold-train.csv and data/fold-dev.csv; by default small built-in stories."""
    given: tuple[tuple[Question, ...], tuple[Question, ...]] | None = field(
        default=None, repr=False
    )
    """Questions in place of files: training and held-out ones."""

    name = "word-problems"
    fixed = frozenset({"given"})
    tolerance = 1e-4
    constants = len(CONSTANTS)

    def __post_init__(self) -> None:
        """Read the files.

        Raises:
            InvalidOption: a file is missing.
            InvalidProblem: a file cannot be read.
        """
        super().__post_init__()
        for question in (*self.known, *self.apart):
            _check(question)

    @cached_property
    def questions(self) -> tuple[tuple[Question, ...], tuple[Question, ...]]:
        """Training questions and held-out questions."""
        return self.given or _questions(self.data)

    @property
    def known(self) -> tuple[Question, ...]:
        """Training questions."""
        return self.questions[0]

    @property
    def apart(self) -> tuple[Question, ...]:
        """Held-out questions."""
        return self.questions[1]

    @property
    def remarks(self) -> tuple[str, ...]:
        """How many held-out questions are training questions, too."""
        known = {each.text for each in self.known}
        twice = sum(each.text in known for each in self.apart)
        if not twice:
            return ()
        return (
            f"{twice} of {len(self.apart)} held-out questions are training questions, too: their "
            "answers may be remembered",
        )

    @property
    def rules(self) -> Rules:
        """The four operations; constants and numbers, each at most once."""
        operands = len(CONSTANTS) + MAX_NUMBERS
        return Rules(tools=(ADD, SUB, MUL, DIV), operands=operands, once=True, allow_unused=True)

    @property
    def operand_symbols(self) -> tuple[str, ...]:
        """The constants, then the kinds and ranks of numbers."""
        kinds = (f"{sort} {rank}" for sort in SORTS for rank in range(RANKS))
        return (*(f"constant {value:g}" for value in CONSTANTS), *kinds)

    @cached_property
    def symbols(self) -> tuple[str, ...]:
        """Operands, and the words that occur at least twice in training."""
        count = Counter(word for question in self.known for word in question.words)
        words = sorted(word for word in count if word is not NUMBER and count[word] > 1)
        return (*self.operand_symbols, UNKNOWN, *words)

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {symbol: number for number, symbol in enumerate(self.symbols)}

    @cached_property
    def _pools(self) -> tuple[Pool[Problems], ...]:
        return tuple(self.problems(part).pool for part in self.questions)

    def sample(
        self, level: Int[Tensor, " P"], generator: torch.Generator, *, held_out: bool = False
    ) -> Problems:
        """Questions in random order; none repeats before all have been drawn."""
        return _trimmed(self._pools[held_out].shuffled(len(level), generator))

    def problems(self, questions: Sequence[Question]) -> Problems:
        """Questions as tensors."""
        values = torch.tensor(CONSTANTS, dtype=torch.double)
        numbers = padded([question.numbers for question in questions], nan, torch.double)
        return Problems(
            symbols=padded([self._read(question) for question in questions], -1),
            operands=torch.cat(
                [
                    values.expand(len(questions), -1),
                    pad(numbers, [0, MAX_NUMBERS - numbers.shape[1]], value=nan),
                ],
                1,
            ),
            answer=torch.tensor([question.answer for question in questions], dtype=torch.double),
            level=torch.zeros(len(questions), dtype=torch.long),
            oracle=oracles(self.rules.vocabulary, [each.oracle for each in questions]),
        )

    def _read(self, question: Question) -> list[int]:
        """The symbols that the agent sees: the constants, then word by word."""
        looks, unknown = iter(_looks(question.numbers)), self._numbers[UNKNOWN]
        words = [next(looks) if word is NUMBER else word for word in question.words]
        return [*range(len(CONSTANTS)), *(self._numbers.get(word, unknown) for word in words)]

    def max_presses(self, problems: Problems) -> int:
        """Three tools."""
        return PRESSES

    def max_depth(self, problems: Problems) -> int:
        """One frame: one part of a calculation."""
        return 1

    def parse(self, text: str) -> Problems:
        """Read a question in plain text; its answer is known if it is one of the list.

        Raises:
            InvalidProblem: it has no number, too many, or something that may or may not be one.
        """
        typed = self._typed(text)
        _check(typed)
        same = (typed.words, typed.numbers)
        known = (each for each in (*self.known, *self.apart) if (each.words, each.numbers) == same)
        return self.problems([next(known, typed)])

    def _typed(self, text: str) -> Question:
        """The listed question with this text, or the question read from it."""
        listed = self._by_text.get(" ".join(text.lower().split()))
        return listed or read_question(text, self._numbers)

    @cached_property
    def _by_text(self) -> dict[str, Question]:
        """The listed questions by description."""
        return {question.text: question for question in (*self.apart, *self.known)}

    @cached_property
    def _by_look(self) -> dict[Look, Question]:
        """The listed questions by their tensors."""
        return {
            (tuple(self._read(question)), question.numbers, question.answer): question
            for question in (*self.apart, *self.known)
        }

    def note(self, text: str) -> str:
        """A note on number words that are read as words, as in the training texts."""
        left = self._typed(text).left
        return f"read as words, not as numbers: {', '.join(left)}" if left else ""

    def form(self, level: int) -> str:
        """What they are."""
        return "word problems"

    def describe(self, problems: Problems, row: int) -> str:
        """The words with the numbers filled in, including words unknown to the agent."""
        symbols = [number for number in problems.symbols[row].tolist() if number >= 0]
        given = problems.operands[row, len(CONSTANTS) :].tolist()
        numbers = tuple(value for value in given if value == value)
        listed = self._by_look.get((tuple(symbols), numbers, float(problems.answer[row])))
        places = set(self.operand_symbols)
        names = [self.symbols[number] for number in symbols[len(CONSTANTS) :]]
        words = tuple(NUMBER if name in places else name for name in names)
        return (listed or Question(words=words, numbers=numbers, answer=nan)).text


def _questions(data: Path | None) -> tuple[tuple[Question, ...], tuple[Question, ...]]:
    """Training questions and held-out questions."""
    if data is None:
        return stories()
    known, apart = (tuple(read_table(path)) for path in table_paths(data))
    return known, apart


def table_paths(data: Path) -> tuple[Path, Path]:
    """The training and held-out files: in a folder, or with a common prefix.

    Raises:
        InvalidOption: one of them is not there.
    """
    parts, folder = ("train", "dev"), data.is_dir()
    inside = [data / f"{part}.csv" for part in parts]
    beside = [data.with_name(f"{data.name}-{part}.csv") for part in parts]
    paths = inside if folder else beside
    for path in paths:
        if not path.is_file():
            missing = "" if folder else f"folder {data} and no "
            where = "" if data.is_absolute() else f" (looked for in {Path.cwd()})"
            raise InvalidOption(
                f"--data {data}: there is no {missing}{path}{where}; give a folder with train.csv "
                "and dev.csv, or the prefix of -train.csv and -dev.csv"
            )
    return paths[0], paths[1]


def _check(question: Question) -> None:
    if len(question.numbers) > MAX_NUMBERS:
        raise InvalidProblem(
            f"{_shown(question)} has {len(question.numbers)} numbers: at most {MAX_NUMBERS}"
        )
    if not all(abs(number) < NUMBER_LIMIT for number in question.numbers):
        raise InvalidProblem(f"{_shown(question)}: a number must be below 2^1000 (about 1.07e301)")


def _shown(question: Question) -> str:
    """The beginning of a question and its place."""
    where = f"{question.place}: Numbers: " if question.place else ""
    return f"{where}'{question.text:.60}'"


def _looks(numbers: Sequence[float]) -> list[str]:
    """The symbol of each number."""
    order = sorted(set(numbers))
    sorts = ["whole" if value.is_integer() else SORTS[1 + (value < 1)] for value in numbers]
    ranks = [min(order.index(value), RANKS - 1) for value in numbers]
    return [f"{sort} {rank}" for sort, rank in zip(sorts, ranks, strict=True)]


def _trimmed(problems: Problems) -> Problems:
    """Remove common padding."""
    longest = int((problems.symbols >= 0).sum(1).max())
    return replace(problems, symbols=problems.symbols[:, :longest])
