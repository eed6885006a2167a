"""How the cost of a press grows: with the batch, the problem, the tools, the pool of problems.

    python benchmarks/growth.py                      # all curves, a few minutes of one core
    python benchmarks/growth.py tools depth --plot growth.svg --markdown growth.md

A curve is a table of sizes and CPU times (the minimum of several repeats) and the slope of its
upper half on logarithmic axes. A slope of 0 means that the size costs nothing, 1 that twice the
size costs twice as much. A slope well above the expected one is flagged.
"""

import argparse
import itertools
import math
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import torch

import inwit
from inwit.bench import ours
from inwit.cli.waiting import waiting
from inwit.environment import Environment
from inwit.policies import GRU, Memory, Policy, Scripted
from inwit.progress import one_by_one
from inwit.recipe import Recipe
from inwit.recipes import recipe_for
from inwit.tasks import Expressions, ExpressionsPrompt, Problems, Task, WordProblems, function_task
from inwit.tasks.stories import stories
from inwit.tools import Tool
from inwit.training.loop import Training
from inwit.training.rollout import play
from inwit.trajectory import Observation, Prompt
from pictures import Curve, curves_picture

ROWS, PRESSES, SLACK = 64, 8, 0.15
"""Episodes and presses of most curves; how far a slope may be above what is expected."""
REPEATS, ENOUGH = 7, 6.0
"""How often a size is measured at most, and the seconds after which it is not again."""
Step = Callable[[], object]


@dataclass(frozen=True, kw_only=True)
class Growth:
    """What is measured at several sizes."""

    title: str
    """What grows."""
    size: str
    """What the size counts."""
    unit: str
    """What the time is told for."""
    sizes: tuple[int, ...]
    """At which sizes."""
    prepare: Callable[[int], tuple[Step, float]]
    """From a size to a step, and the units that it is worth."""
    expected: float
    """The slope, at most, of the time of a unit."""
    why: str
    """Why so."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A curve."""

    growth: Growth
    """What was measured."""
    seconds: tuple[float, ...]
    """CPU seconds of a unit, by size."""

    @property
    def slope(self) -> float:
        """Of the upper half of the points on logarithmic axes, by least squares."""
        return slope(self.growth.sizes, self.seconds)

    @property
    def flagged(self) -> bool:
        """It grows faster than is expected."""
        return self.slope > self.growth.expected + SLACK


def slope(sizes: Sequence[float], seconds: Sequence[float]) -> float:
    """The exponent of a power law through the upper half of the points, at least three."""
    count = max(3, math.ceil(len(sizes) / 2))
    xs = [math.log(size) for size in sizes[-count:]]
    ys = [math.log(second) for second in seconds[-count:]]
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((a - x) * (b - y) for a, b in zip(xs, ys, strict=True)) / sum(
        (a - x) ** 2 for a in xs
    )


def measure(growth: Growth) -> Measured:
    """The least CPU time of a unit at every size."""
    seconds = []
    for size in growth.sizes:
        step, units = growth.prepare(size)
        step()
        taken = list[float]()
        while len(taken) < REPEATS and sum(taken) < ENOUGH:
            start = time.process_time()
            step()
            taken.append(time.process_time() - start)
        seconds.append(min(taken) / units)
    return Measured(growth=growth, seconds=tuple(seconds))


def updates(recipe: Recipe) -> Step:
    """The updates of a training, one after the other."""
    reports = Training(recipe.but(updates=10**9)).reports()
    return lambda: next(reports)


def batch(episodes: int) -> tuple[Step, float]:
    """The update that `inwit bench` measures."""
    return ours.build(episodes, 1), ours.PRESSES * episodes


@inwit.tool
def double(value: float) -> float:
    """Twice the value."""
    return 2 * value


def own(
    words: int = 4, memory: int = 0, presses: int = PRESSES, tools: Sequence[Tool] = (double,)
) -> Task:
    """A task of one's own: prompts of so many words, of which one is the operand."""

    def draw(dice: random.Random) -> inwit.Problem:
        value = dice.randint(1, 999)
        prompt = " ".join(["{0}", *(dice.choice("abcdefgh") for _ in range(words - 1))])
        return inwit.Problem(prompt=prompt, operands=(value,), answer=2 * value)

    return inwit.task(tools=tools, presses=presses, memory=memory)(draw)


@contextmanager
def drawn_ahead(problems: int) -> Iterator[None]:
    """Tasks of one's own draw so many problems ahead."""
    usual, function_task.POOL = function_task.POOL, problems
    try:
        yield
    finally:
        function_task.POOL = usual


def prompt(words: int) -> tuple[Step, float]:
    """Updates on prompts that a recurrent network reads word by word."""
    with drawn_ahead(256):
        task = own(words)
        task.sample(torch.zeros(1, dtype=torch.long), torch.Generator())
    recipe = Recipe(task=task, policy=GRU(reader="recurrent"), batch=ROWS, replay=None, epsilon=0.0)
    return updates(recipe), ROWS * PRESSES


def prompt_expression(operations: int) -> tuple[Step, float]:
    """Episodes at expressions read once, by the pointer network, in a batch of one level."""
    task = ExpressionsPrompt(largest=operations)
    environment = Environment(task)
    policy = recipe_for("expressions-prompt").network(environment)
    problems = drawn_of(task, operations)
    return lambda: play(policy, environment, problems), ROWS * task.max_presses(problems)


def drawn_of(task: Task, level: int, rows: int = ROWS) -> Problems:
    """Problems of one level."""
    generator = torch.Generator().manual_seed(0)
    return task.sample(torch.full((rows,), level), generator, held_out=True)


class Led(Policy):
    """A network that is asked at every press, while an oracle's keys are pressed."""

    def __init__(self, network: Policy, keys: torch.Tensor) -> None:
        """Ask one; the keys are (T, B)."""
        super().__init__()
        self.network, self.oracle = network, Scripted(keys)

    def begin(self, prompt: Prompt) -> Memory:
        """The states of both, the oracle's last."""
        return (*self.network.begin(prompt), *self.oracle.begin(prompt))

    def step(
        self, observation: Observation, memory: Memory
    ) -> tuple[torch.Tensor, torch.Tensor, Memory]:
        """Ask both, press the oracle's key."""
        _, value, state = self.network.step(observation, memory[:-1])
        scores, _, place = self.oracle.step(observation, memory[-1:])
        return scores, value, (*state, *place)


def stream(operations: int) -> tuple[Step, float]:
    """One expression symbol by symbol to its end: all presses of a right answer."""
    task = Expressions().at_length(operations)
    environment = Environment(task)
    problems = drawn_of(task, operations, rows=1)
    policy = Led(recipe_for("expressions").network(environment), problems.oracle.T)

    def step() -> None:
        assert bool(play(policy, environment, problems).all())

    return step, operations


def pressing(task: Task) -> tuple[Step, float]:
    """Presses of even keys in an environment, without any network."""
    environment = Environment(task)
    problems = drawn_of(task, 0)
    presses = task.max_presses(problems)
    generator = torch.Generator().manual_seed(0)

    def step() -> None:
        _, observation = environment.reset(problems)
        for _ in range(presses):
            key = torch.multinomial(observation.legal.double() + 1e-9, 1, generator=generator)[:, 0]
            observation = environment.step(key).observation

    return step, ROWS * presses


def depth(frames: int) -> tuple[Step, float]:
    """A memory with room for so many frames."""
    return pressing(own(memory=frames, presses=64))


def tools(count: int) -> tuple[Step, float]:
    """So many tools of one's own, of which every episode calls one at a press."""

    def adding(number: int) -> Tool:
        def function(value: float) -> float:
            return value + number

        function.__name__ = f"add{number}"
        return inwit.tool(function)

    return pressing(own(tools=[adding(number) for number in range(count)]))


def pool(problems: int) -> tuple[Step, float]:
    """A batch from a pool of problems of one's own."""
    with drawn_ahead(problems):
        return sampling(own())


def words(problems: int) -> tuple[Step, float]:
    """A batch from a list of word problems."""
    known, apart = stories()
    more = tuple(itertools.islice(itertools.cycle(known), problems))
    return sampling(WordProblems(given=(more, apart)))


def sampling(task: Task) -> tuple[Step, float]:
    """Batches of a task, drawn again and again."""
    generator, level = torch.Generator().manual_seed(0), torch.zeros(ROWS, dtype=torch.long)
    task.sample(level, generator)

    def step() -> None:
        for _ in range(20):
            task.sample(level, generator)

    return step, 20.0


GROWTHS = {
    "batch": Growth(
        title="the batch",
        size="episodes",
        unit="press of an update",
        sizes=(64, 256, 1024, 4096, 16384, 65536),
        prepare=batch,
        expected=0,
        why="a press costs its own arithmetic",
    ),
    "prompt": Growth(
        title="the prompt, read by a recurrent network",
        size="words",
        unit="press of an update",
        sizes=(8, 32, 128, 512, 1024),
        prepare=prompt,
        expected=1,
        why="every word is read once, before the first press",
    ),
    "prompt-expressions": Growth(
        title="expressions read once, solved by a pointer network",
        size="operations",
        unit="press",
        sizes=(1, 2, 4, 8, 12),
        prepare=prompt_expression,
        expected=1,
        why="every press looks at every symbol",
    ),
    "stream": Growth(
        title="expressions seen symbol by symbol",
        size="operations",
        unit="operation",
        sizes=(10, 30, 100, 300, 1000, 3000, 10000),
        prepare=stream,
        expected=0,
        why="a press sees two symbols, wherever it is",
    ),
    "depth": Growth(
        title="the memory of the machine",
        size="frames that it can hold",
        unit="press without a network",
        sizes=(1, 4, 16, 64, 256, 1024, 4096),
        prepare=depth,
        expected=0,
        why="a press touches the top frame",
    ),
    "tools": Growth(
        title="the number of tools",
        size="tools",
        unit="press without a network",
        sizes=(1, 3, 10, 30, 100, 300, 1000),
        prepare=tools,
        expected=1,
        why="a tool is called on its own rows alone, and at most a batch of them are called; a key "
        "is legal or not",
    ),
    "pool": Growth(
        title="problems drawn ahead for a task of one's own",
        size="problems",
        unit="batch drawn",
        sizes=(100, 1000, 10000, 100000),
        prepare=pool,
        expected=0,
        why="a batch is a choice of rows",
    ),
    "words": Growth(
        title="the list of word problems",
        size="problems",
        unit="batch drawn",
        sizes=(100, 1000, 10000, 100000),
        prepare=words,
        expected=0,
        why="a batch is a choice of rows",
    ),
}


def table(measured: Measured) -> str:
    """A curve in Markdown."""
    growth = measured.growth
    told = [f"{1e6 * second:,.3g}" for second in measured.seconds]
    verdict = "GROWS TOO FAST" if measured.flagged else "as it should"
    lines = [
        [growth.size, *(f"{size:,}" for size in growth.sizes)],
        ["---", *("---:" for _ in growth.sizes)],
        [f"us a {growth.unit}", *told],
    ]
    rows = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    end = f"Slope {measured.slope:.2f}, at most {growth.expected:g} expected: {growth.why}. "
    return f"**{growth.title}**\n\n{rows}\n\n{end}{verdict.capitalize()}."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("curves", nargs="*", choices=[[], *GROWTHS], help="all if none are given")
    parser.add_argument("--plot", type=Path, help="an SVG file")
    parser.add_argument("--markdown", type=Path)
    parser.add_argument("--most", type=float, default=math.inf, help="no size beyond this")
    given = parser.parse_args()
    torch.set_num_threads(1)
    found = []
    for name in one_by_one("curve", given.curves or GROWTHS):
        growth = GROWTHS[name]
        sizes = tuple(size for size in growth.sizes if size <= given.most)
        found.append(measure(replace(growth, sizes=sizes)))
        print(table(found[-1]) + "\n", flush=True)
    if given.markdown is not None:
        given.markdown.write_text("\n\n".join(map(table, found)) + "\n")
    if given.plot is not None:
        curves = [
            Curve(
                label=f"{each.growth.size} (a {each.growth.unit}): {each.slope:.2f}",
                points=list(zip(each.growth.sizes, each.seconds, strict=True)),
            )
            for each in found
        ]
        title = "CPU time by size, and the slope of the upper half"
        given.plot.write_text(curves_picture(title, "size", "seconds", curves) + "\n")


if __name__ == "__main__":
    with waiting("measuring growth"):
        main()
