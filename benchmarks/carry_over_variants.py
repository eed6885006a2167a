"""The variants of `carry_over.py`: small tasks that differ from one another in one respect.

Most ask for one, two or three calls of tools that take one number. `ONE_TOOL` is the plain form:
one call of the only tool. `TRIAL` is none of the variants: settings were chosen on it.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import reduce

import torch

import inwit
from inwit.tasks import FunctionTask, Problems
from inwit.tools import Tool

Numbers = Callable[[int], int]
LARGEST = 99
"""Operands are whole numbers from 1 to this."""


@inwit.tool
def double(number: int) -> int:
    """Twice the number."""
    return 2 * number


@inwit.tool
def flip(number: int) -> int:
    """What is missing to 100."""
    return 100 - number


@inwit.tool
def following(number: int) -> int:
    """The number after it."""
    return number + 1


@inwit.tool
def minus(first: int, second: int) -> int:
    """The first number less the second."""
    return first - second


@inwit.tool
def triple(number: int) -> int:
    """Three times the number."""
    return 3 * number


@inwit.tool
def tens(number: int) -> int:
    """Ten times the number."""
    return 10 * number


@inwit.tool
def before(number: int) -> int:
    """The number before it."""
    return number - 1


@inwit.tool
def digits(number: int) -> int:
    """The sum of its digits."""
    return sum(map(int, str(abs(number))))


@inwit.tool
def remainder(number: int) -> int:
    """What is left after division by seven."""
    return number % 7


@inwit.tool
def half(number: int) -> int:
    """Half of it, rounded down."""
    return number // 2


@inwit.tool
def twenty(number: int) -> int:
    """Twenty more."""
    return number + 20


TEN = (double, flip, following, triple, tens, before, digits, remainder, half, twenty)


@dataclass(frozen=True, kw_only=True)
class Variant:
    """One task, and how it is trained on."""

    kind: str
    """What is varied."""
    task: FunctionTask
    """The task object that both agents get."""
    shaping: float = 0.0
    """Weight of the rewards of sub-goals."""
    in_order: bool = False
    """The levels are trained one after the other."""
    lure: Numbers | None = None
    """Computes, from the first operand, the answer of a program that is right by luck."""
    learnable: bool = True
    """Some program solves a problem of it."""


@dataclass(frozen=True, kw_only=True, eq=False)
class WithSubGoals(FunctionTask):
    """A task that pays for steps on the way, where shaping is on."""

    steps: Sequence[Numbers] = ()
    """The calls, in order, from the first operand on; all but the last are sub-goals."""

    def subgoals(self, problems: Problems) -> tuple[torch.Tensor, torch.Tensor]:
        """The values on the way (P, S), and what each earns."""
        value, values = problems.operands[:, 0], []
        for step in self.steps[:-1]:
            value = torch.tensor([step(int(each)) for each in value.tolist()], dtype=torch.double)
            values.append(value)
        earned = torch.arange(1, len(values) + 1, dtype=torch.double) / len(self.steps)
        return torch.stack(values, 1), earned.expand(len(problems), -1)


Form = tuple[str, Sequence[Numbers]]
"""The words of a question, and the calls that answer it; none where no tool can."""


def chain(
    name: str,
    forms: Sequence[Form],
    tools: Sequence[Tool],
    *,
    levels: bool = False,
    **options: object,
) -> FunctionTask:
    """A task that asks for calls of tools of one number.

    Args:
        name: of the task.
        forms: what is asked; each is a level of its own with `levels`.
        tools: what can be called.
        levels: the forms are levels.
        options: of `inwit.task`.
    """

    def draw(source: random.Random) -> inwit.Problem:
        place = source.randrange(len(forms))
        words, calls = forms[place]
        number = source.randint(1, LARGEST)
        answer = reduce(lambda value, call: call(value), calls, number)
        keys = " ".join(call.name for call in calls if isinstance(call, Tool))
        return inwit.Problem(
            prompt=f"{words} {{0}}",
            operands=(number,),
            answer=answer if calls else hashed(number),
            level=place if levels else 0,
            oracle=f"0 {keys} ANS" if calls else "",
        )

    draw.__name__ = name
    limits = {"presses": 6, "memory": 0, "once": False}
    return inwit.task(tools=tools, **limits | options)(draw)


def hashed(number: int) -> int:
    """An answer that no program computes."""
    return random.Random(number).randint(1000, 9999)


def with_sub_goals(task: FunctionTask, steps: Sequence[Numbers]) -> WithSubGoals:
    """The task, with the values on the way as sub-goals."""
    parts = {each.name: getattr(task, each.name) for each in fields(FunctionTask)}
    return WithSubGoals(steps=steps, **parts)


def failing(rate: float) -> FunctionTask:
    """`double`, with a tool that fails at random; who sees a failure may call again."""
    luck = random.Random(0)

    def fragile(number: int) -> int:
        """Twice the number; it may fail."""
        if luck.random() < rate:
            raise TimeoutError("no reply")
        return 2 * number

    made = inwit.tool(name="DOUBLE", cached=False)(fragile)
    name = f"fails_{round(100 * rate)}"
    seen = {"shown": ["number"], "display": lambda value: "number"}
    return chain(name, [DOUBLE], [made], **seen)


def lured(share: float) -> Variant:
    """Two calls are right; one call of another tool is right for a share of the numbers."""
    lucky = set(random.Random(1).sample(range(1, LARGEST + 1), round(share * LARGEST)))

    def answer(number: int) -> int:
        return 100 - 2 * number

    @inwit.tool
    def guess(number: int) -> int:
        """A guess."""
        return answer(number) if number in lucky else 300 + number

    task = chain(
        f"lure_{round(100 * share)}", [("double flip", [double, flip])], [double, flip, guess]
    )
    return Variant(kind="lure", task=task, lure=guess)


def leaking() -> FunctionTask:
    """The answer to three calls stands in the question, as a second number."""

    def leak(source: random.Random) -> inwit.Problem:
        number = source.randint(1, LARGEST)
        answer = 101 - 2 * number
        return inwit.Problem(
            prompt="double flip following {0} is {1}",
            operands=(number, answer),
            answer=answer,
            oracle="0 DOUBLE FLIP FOLLOWING ANS",
        )

    tools = [double, flip, following]
    return inwit.task(tools=tools, presses=6, memory=0, once=False)(leak)


def nested(*, memory: bool) -> FunctionTask:
    """Two subtractions of three numbers, the second one first where memory is needed."""
    prompt = "{0} minus ( {1} minus {2} )" if memory else "( {0} minus {1} ) minus {2}"
    oracle = "0 MINUS STO 1 MINUS 2 RCL ANS" if memory else "0 MINUS 1 MINUS 2 ANS"

    def draw(source: random.Random) -> inwit.Problem:
        a, b, c = (source.randint(1, LARGEST) for _ in range(3))
        answer = a - (b - c) if memory else (a - b) - c
        return inwit.Problem(prompt=prompt, operands=(a, b, c), answer=answer, oracle=oracle)

    draw.__name__ = "memory" if memory else "no_memory"
    return inwit.task(tools=[minus], presses=10, memory=int(memory), once=True)(draw)


def distracting() -> FunctionTask:
    """One call, on one of four numbers; the question says which."""

    def distractors(source: random.Random) -> inwit.Problem:
        numbers = tuple(source.randint(1, LARGEST) for _ in range(4))
        place = source.choice([0, 3])
        word = "last" if place else "first"
        return inwit.Problem(
            prompt=f"double the {word} of {{0}} {{1}} {{2}} {{3}}",
            operands=numbers,
            answer=2 * numbers[place],
            oracle=f"{place} DOUBLE ANS",
        )

    return inwit.task(tools=[double], presses=6, memory=0, once=False)(distractors)


def pays(accepted: Callable[[int], int]) -> Callable[[object, inwit.Problem], bool]:
    """A verifier that pays for the right answer, and for another one."""

    def verify(answer: object, problem: inwit.Problem) -> bool:
        return answer in (problem.answer, accepted(int(problem.operands[0])))

    return verify


DOUBLE: Form = ("double", [double])
FLIP: Form = ("flip", [flip])
UNKNOWN: Form = ("mix", [])
THREE = [double, following, flip]
CLIMB: Sequence[Form] = (
    ("double", [double]),
    ("double following", [double, following]),
    ("double following double", [double, following, double]),
)
TRIAL = Variant(kind="trial", task=chain("trial", [("triple", [triple]), FLIP], [triple, flip]))
ONE_TOOL = chain("one_tool", [DOUBLE], [double])


def climbing(name: str) -> FunctionTask:
    """Three levels of one, two and three calls."""
    return chain(name, CLIMB, [double, following], levels=True)


def variants() -> dict[str, Variant]:
    """All variants by the names of their tasks."""
    long = chain("sparse", [("double following flip", THREE)], THREE)
    shaped = chain("shaped", [("double following flip", THREE)], THREE)
    both = [double, flip]
    made = [
        Variant(kind="tools", task=ONE_TOOL),
        Variant(kind="tools", task=chain("ten_tools", [DOUBLE, FLIP], TEN, presses=4)),
        Variant(
            kind="plan", task=chain("three_calls", [("three more", [following] * 3)], [following])
        ),
        Variant(kind="reachable", task=chain("half_reachable", [DOUBLE, UNKNOWN], both)),
        Variant(kind="reachable", task=chain("unreachable", [UNKNOWN], both), learnable=False),
        Variant(
            kind="verifier",
            task=chain("paid_operand", [DOUBLE, FLIP], both, verify=pays(lambda number: number)),
        ),
        Variant(
            kind="verifier",
            task=chain("paid_other", [DOUBLE, FLIP], both, verify=pays(double)),
        ),
        Variant(
            kind="verifier",
            task=chain(
                "paid_early",
                [("double following", [double, following])],
                [double, following],
                verify=pays(double),
            ),
        ),
        Variant(
            kind="verifier",
            task=chain(
                "paid_far",
                [DOUBLE],
                [double, following],
                verify=pays(lambda number: number + 3),
            ),
        ),
        *(lured(share) for share in (0.1, 0.2, 0.4)),
        Variant(kind="leak", task=leaking()),
        Variant(kind="reward", task=long),
        Variant(kind="reward", task=with_sub_goals(shaped, THREE), shaping=1.0),
        Variant(kind="failing", task=failing(0.1)),
        Variant(kind="failing", task=failing(0.3)),
        Variant(kind="memory", task=nested(memory=False)),
        Variant(kind="memory", task=nested(memory=True)),
        Variant(kind="levels", task=climbing("in_order"), in_order=True),
        Variant(kind="levels", task=climbing("mixed")),
        Variant(kind="distractors", task=distracting()),
    ]
    return {each.task.name: each for each in made}
