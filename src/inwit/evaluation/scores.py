"""Held-out scores with intervals, beside the oracle and random play.

Accuracy is the share of right answers of greedy episodes at problems that training never draws.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import nan

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from inwit.environment import Environment
from inwit.errors import InvalidProblem
from inwit.evaluation.intervals import percent, wilson
from inwit.policies import Policy, Scripted, UniformRandom
from inwit.progress import steps
from inwit.tabular import Sheet, Tabular
from inwit.tasks import FileProblem, Problems, Task, join_problems
from inwit.tools import show
from inwit.training.rollout import play

BATCH = 256
"""Written problems that are answered at once."""
HEADINGS = (
    "level",
    "form",
    "accuracy",
    "right",
    "95 % interval",
    "error / press",
    "oracle",
    "chance",
)


@dataclass(frozen=True, kw_only=True)
class Score:
    """How many of some problems were answered rightly."""

    right: int
    """Right answers."""
    count: int
    """Problems."""

    @property
    def accuracy(self) -> float:
        """The share of right answers."""
        return self.right / self.count

    @property
    def interval(self) -> tuple[float, float]:
        """Its 95 % Wilson interval."""
        return wilson(self.right, self.count)

    @property
    def percent(self) -> str:
        """The share in words; 100 % only if nothing was wrong."""
        return percent(self.accuracy)

    def __repr__(self) -> str:
        return f"Score({self.percent}, {self.right:,} of {self.count:,})"


@dataclass(frozen=True, kw_only=True, repr=False)
class LevelScore(Tabular):
    """The scores at one level."""

    level: int
    """The level."""
    form: str
    """What its problems look like."""
    agent: Score
    """The agent, greedy."""
    oracle: Score
    """The programs that the problems come with."""
    chance: Score
    """Even over the legal keys."""
    presses: float
    """Presses of the oracle's programs, on average; 0 where nobody knows any."""
    found: str = ""
    """Who found its first right programs, after how many presses or episodes; empty if unknown."""

    @property
    def error_per_press(self) -> float:
        """The rate at which rightness decays: 1 - accuracy^(1 / presses)."""
        return float(1 - self.agent.accuracy ** (1 / self.presses)) if self.presses else nan

    @property
    def headline(self) -> str:
        """Level, form and accuracy."""
        right = f"{self.agent.right:,} of {self.agent.count:,}"
        return f"level {self.level}, {self.form}: {self.agent.percent}, {right}"

    def sheets(self) -> list[Sheet]:
        """A table of one row."""
        return Scores([self]).sheets()

    def rows(self) -> list[dict[str, object]]:
        """Shares are from 0 to 1."""
        low, high = self.agent.interval
        return [
            {
                "level": self.level,
                "form": self.form,
                "accuracy": self.agent.accuracy,
                "right": self.agent.right,
                "count": self.agent.count,
                "low": low,
                "high": high,
                "error_per_press": self.error_per_press,
                "oracle": self.oracle.accuracy if self.presses else nan,
                "chance": self.chance.accuracy,
                "found": self.found,
            }
        ]

    def cells(self) -> tuple[str, ...]:
        """The row of the table."""
        low, high = self.agent.interval
        return (
            str(self.level),
            self.form,
            self.agent.percent,
            f"{self.agent.right} of {self.agent.count}",
            f"{low:.1%} to {high:.1%}",
            f"{self.error_per_press:.1e}" if self.presses else "-",
            self.oracle.percent if self.presses else "-",
            self.chance.percent,
        )


class Scores(Tabular, list[LevelScore]):
    """The scores of all levels: a list, and a table."""

    @property
    def headline(self) -> str:
        """The accuracy of every level."""
        return ", ".join(f"level {each.level}: {each.agent.percent}" for each in self)

    @property
    def found(self) -> str:
        """Who found the first right programs, level by level; empty if unknown."""
        known = [f"level {each.level} by {each.found}" for each in self if each.found]
        return f"first right: {'; '.join(known)}" if known else ""

    def sheets(self) -> list[Sheet]:
        """A row for every level."""
        rows = tuple(each.cells() for each in self)
        return [Sheet(headings=HEADINGS, rows=rows, left=("form",))]

    def rows(self) -> list[dict[str, object]]:
        """A row for every level."""
        return [row for each in self for row in each.rows()]


def evaluate_levels(
    policy: Policy, environment: Environment, levels: Sequence[int], *, count: int, seed: int
) -> Scores:
    """Score a policy on `count` held-out problems of each level, trained on or not."""
    return score_levels(partial(score, policy), environment, levels, count=count, seed=seed)


def score_levels(
    agent: Callable[[Environment, Problems], Score],
    environment: Environment,
    levels: Sequence[int],
    *,
    count: int,
    seed: int,
) -> Scores:
    """Score whatever answers problems, beside the oracle and chance; the same seed asks the same.

    Args:
        agent: makes one episode at every problem.
        environment: where the oracle and chance play.
        levels: the levels, trained on or not.
        count: how many held-out problems of each.
        seed: which ones.
    """
    scores = Scores()
    for level in steps(levels, [f"level {level}" for level in levels]):
        task = environment.task.at_length(level)
        place = environment.on(task)
        generator = torch.Generator().manual_seed((seed * 1_000_003 + level) % 2**63)
        problems = task.sample(torch.full((count,), level), generator, held_out=True)
        oracle = Scripted(problems.oracle.T.to(place.device))
        scores.append(
            LevelScore(
                level=level,
                form=task.form(level),
                agent=agent(place, problems),
                oracle=score(oracle, place, problems),
                chance=score(UniformRandom(), place, problems, generator),
                presses=float((problems.oracle != place.padding).sum(1).double().mean()),
            )
        )
    return scores


@dataclass(frozen=True, kw_only=True)
class Answered:
    """A written problem and what the agent made of it."""

    problem: FileProblem
    """The problem."""
    answer: object
    """The agent's answer, infinite for a fault; None where it gave none or could not read."""
    refusal: str
    """Why it could not."""
    right: bool
    """The answer is the one that the file states."""


def answer_written(
    policy: Policy, environment: Environment, written: Sequence[FileProblem]
) -> list[Answered]:
    """Greedy answers to problems from a file, those of a length together.

    Raises:
        InvalidProblem: a file states an answer that no problem of the task can have.
    """
    task, meaning = environment.task, environment.task.objects.meaning
    stated = [_stated(task, problem) for problem in written]
    read: dict[int, Problems] = {}
    refused: dict[int, str] = {}
    for place, problem in enumerate(written):
        try:
            read[place] = task.parse(problem.question)
        except InvalidProblem as error:
            refused[place] = str(error).splitlines()[0]
            continue
        known = float(read[place].answer[0])
        if show(meaning(known)) == problem.stated:  # of all that the text may be, it is this
            stated[place] = [known]
    order = sorted(read, key=lambda place: read[place].symbols.shape[1])
    answers: dict[int, float] = {}
    right: dict[int, bool] = {}
    for start in range(0, len(order), BATCH):
        places = order[start : start + BATCH]
        batch = join_problems([read[place] for place in places], environment.padding)
        play(policy, environment, batch)
        state = environment.state
        given = state.frame.accumulator.masked_fill(~state.answered, nan).cpu()
        answers |= dict(zip(places, given.tolist(), strict=True))
        verdicts = _agree(task, given, batch, [stated[place] for place in places])
        right |= dict(zip(places, verdicts.tolist(), strict=True))
    return [
        Answered(
            problem=problem,
            answer=meaning(answers.get(place, nan)),
            refusal=refused.get(place, ""),
            right=right.get(place, False),
        )
        for place, problem in enumerate(written)
    ]


def _stated(task: Task, problem: FileProblem) -> list[float]:
    """The readings of the stated answer; none if the task has no such answers."""
    found = task.read_answers(problem.stated)
    if not found and problem.place:
        allowed = f"answers of task '{task.name}' are {task.answer_kinds}"
        raise InvalidProblem(
            f"{problem.place}: answer: '{problem.stated:.60}' cannot be one: {allowed}"
        )
    return found


def _agree(
    task: Task, answer: Float[Tensor, " P"], problems: Problems, stated: Sequence[Sequence[float]]
) -> Bool[Tensor, " P"]:
    """Whether each answer is one of those that are stated for its problem."""
    right = torch.zeros(len(answer), dtype=torch.bool)
    for number in range(max(map(len, stated))):
        rows = torch.tensor([row for row, each in enumerate(stated) if number < len(each)])
        one = torch.tensor([stated[row][number] for row in rows.tolist()], dtype=torch.double)
        asked = replace(problems.select(rows), answer=one)
        right[rows] |= task.agrees(answer[rows], asked)
    return right


def score(
    policy: Policy,
    environment: Environment,
    problems: Problems,
    generator: torch.Generator | None = None,
) -> Score:
    """One episode at every problem, greedy unless a generator is given."""
    right = play(policy, environment, problems, generator)
    return Score(right=int(right.sum()), count=len(problems))
