"""Is the answer readable from what the agent is shown?"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import one_hot

from inwit.answers import number
from inwit.auditing.exhaustive.base import Share
from inwit.auditing.exhaustive.sampling import agrees
from inwit.tasks import Problems, Task
from inwit.tools import HANDLES

FEATURES = 512
"""With more symbols than these at all places, the weights are by what is written alone."""


@dataclass(frozen=True, kw_only=True)
class Leak:
    """The best simple reader of what is shown."""

    share: Share
    """How often it names the answer."""
    luck: float
    """How often the most frequent answer is right."""
    reader: str
    """What it reads."""
    place: bool
    """It reads one place alone."""


def find_leak(task: Task, problems: Problems) -> Leak:
    """The best of some simple readers of the prompt, or of the whole stream.

    They learn from one half of the problems; the one that does best there is scored on the other.
    """
    even, odd = (problems.select(torch.arange(part, len(problems), 2)) for part in (0, 1))
    usual = even.answer.nan_to_num().mode().values.expand(len(odd))
    luck = float(agrees(task, usual, odd).double().mean())
    scored = []
    for name, place, answers in _readers(task, even, problems):
        right = agrees(task, answers, problems).double()
        scored.append((float(right[::2].mean()), float(right[1::2].mean()), name, place))
    _, value, name, place = max(scored, key=lambda each: each[0])
    share = Share(value=value, count=len(odd))
    return Leak(share=share, luck=luck, reader=name, place=place)


def _readers(
    task: Task, known: Problems, asked: Problems
) -> Iterator[tuple[str, bool, Float[Tensor, " P"]]]:
    """What each reader, having learnt from the known problems, answers to those that are asked.

    With its name, and whether it reads one place alone.
    """
    meant = [*(_written(task, symbol) for symbol in task.symbols), 0.0]
    written = torch.tensor(meant, dtype=torch.double)
    numbers = written.where(written < HANDLES, torch.arange(len(written)))
    places = asked.symbols.shape[1]
    for place in range(places):
        symbol = asked.symbols[:, place]
        yield f"what is written at place {place + 1}", True, written[symbol]
        table = torch.zeros(len(written), dtype=torch.double)
        for each in known.symbols[:, place].unique().tolist():
            table[each] = known.answer[known.symbols[:, place] == each].nan_to_num().mode().values
        yield f"the usual answer for the symbol at place {place + 1}", True, table[symbol]

    def features(problems: Problems) -> Float[Tensor, "P F"]:
        parts = [torch.ones(len(problems), 1), numbers[problems.symbols]]
        if places * len(written) <= FEATURES:
            parts.append(one_hot(problems.symbols + 1, len(written)).flatten(1))
        return torch.cat([part.double() for part in parts], 1)

    answer = known.answer.nan_to_num(posinf=0.0, neginf=0.0)
    answer = answer.masked_fill(answer >= HANDLES, 0.0)
    weights = torch.linalg.lstsq(features(known), answer[:, None], driver="gelsd").solution
    found = (features(asked) @ weights)[:, 0]
    whole = bool((answer == answer.round()).all())
    yield "a weighted sum of what is written", False, found.round() if whole else found


def _written(task: Task, symbol: str) -> float:
    """The number that a symbol is, or the text that it is, where the task knows it."""
    value = number(symbol)
    known = task.objects.find(symbol) if value is None else float(value)
    return torch.nan if known is None else known
