"""The value of each part: learners, curricula and ablations, over seeds, at a fixed budget.

    python benchmarks/comparisons.py learners --seeds 5
    python benchmarks/comparisons.py curricula --seeds 5
    python benchmarks/comparisons.py ablations --seeds 5
    python benchmarks/comparisons.py help --seeds 5

Every line is one variant of a recipe, trained on the recipe's budget. It gives the number of seeds
that reached 99 % right answers at every level (greedy, 200 held-out problems per level, evaluated
every ten updates), the median episodes and CPU seconds until then, and the final accuracy at the
hardest level and far beyond training.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor

from inwit.cli.waiting import waiting
from inwit.evaluation.scores import score
from inwit.policies import Memory, Policy
from inwit.progress import one_by_one
from inwit.recipe import Recipe
from inwit.recipes import recipe_for
from inwit.tasks import Stages
from inwit.texts import to_json
from inwit.training.loop import Training
from inwit.trajectory import Observation, Prompt

GOAL, LOOK, COUNT, FAR = 0.99, 10, 200, 100
PERCEPTS = ("symbol under the cursor", "next symbol", "top frame")


class Withheld(Policy):
    """A policy that never sees one of the observations, in training neither."""

    def __init__(self, policy: Policy, column: int) -> None:
        """Blank one column of what is seen."""
        super().__init__()
        self.policy, self.column = policy, column

    def begin(self, prompt: Prompt) -> Memory:
        """The state after reading the prompt."""
        return self.policy.begin(prompt)

    def step(
        self, observation: Observation, memory: Memory
    ) -> tuple[Float[Tensor, "B V"], Float[Tensor, " B"], Memory]:
        """One press without the observation."""
        seen = observation.seen.index_fill(-1, torch.tensor([self.column]), 0)
        return self.policy.step(replace(observation, seen=seen), memory)


@dataclass(frozen=True, kw_only=True)
class Result:
    """One training."""

    variant: str
    """What was changed."""
    seed: int
    """Which seed."""
    episodes: int | None
    """Episodes until every level was at the goal; None if it never came there."""
    seconds: float | None
    """CPU seconds of training until then."""
    hardest: float
    """Accuracy at the hardest level in the end."""
    far: float | None
    """Accuracy at 100 operations in the end, where the task has them."""


def helped(task: str) -> Recipe:
    """The recipe of a task; for the stages the tutorial's schedule with help, without a search.

    Help: the legal keys are given, and each operand is used exactly once.
    """
    return Recipe(task=Stages(once=True)) if task == Stages.name else recipe_for(task)


def training_of(recipe: Recipe, /, **changes: object) -> Callable[[int], Training]:
    """A recipe with some options changed."""
    return lambda seed: Training(recipe.but(seed=seed, **changes))


stages, unhelped, expressions = (
    partial(training_of, recipe)
    for recipe in (helped("stages"), recipe_for("stages"), recipe_for("expressions"))
)


def without(column: int) -> Callable[[int], Training]:
    """The recipe `expressions` with a observation withheld."""

    def make(seed: int) -> Training:
        training = expressions()(seed)
        training.policy = Withheld(training.policy, column)
        return training

    return make


ALONE = {"learner": None, "optimiser.anneal": 0.5}
SOLVED = {"replay": 256, "epsilon": 0.1}
STUDIES: dict[str, dict[str, Callable[[int], Training]]] = {
    "learners": {
        "stages, a2c and replay": stages(),
        "stages, a2c alone": stages(replay=0),
        "stages, ppo alone": stages(replay=0, learner="ppo"),
        "stages, grpo alone": stages(replay=0, learner="grpo"),
        "stages, ppo and replay": stages(learner="ppo"),
        "stages, grpo and replay": stages(learner="grpo"),
        "stages, replay alone": stages(**ALONE),
        "expressions, a2c (the recipe)": expressions(),
        "expressions, ppo": expressions(learner="ppo"),
        "expressions, grpo": expressions(learner="grpo"),
        "expressions, replay alone": expressions(**ALONE, **SOLVED),
    },
    "curricula": {
        "expressions, gated at 0.9 (the recipe)": expressions(),
        "expressions, fixed": expressions(curriculum="fixed"),
        "expressions, uniform": expressions(curriculum="uniform"),
    },
    "ablations": {
        "expressions (the recipe)": expressions(),
        "expressions, no legality masks in training": expressions(masks="none"),
        "expressions, no recurrence": expressions(policy="memoryless"),
        **{f"expressions, no {name}": without(column) for column, name in enumerate(PERCEPTS)},
        "stages": stages(),
        "stages, operands used freely": stages(once=False),
        "stages, no legality masks in training": stages(masks="none"),
        "stages, no recurrence": stages(policy="memoryless"),
        "stages, the tutorial's sub-goals": stages(**{"reward.shaping": 1.0}),
    },
    "help": {
        "stages, legal keys, once, search": unhelped(masks="given", once=True),
        "stages, legal keys, search": unhelped(masks="given"),
        "stages, once, search": unhelped(once=True),
        "stages, legal keys, once": unhelped(masks="given", once=True, search=0),
        "stages, search (the recipe)": unhelped(),
        "stages, search, no second head": unhelped(masks="none"),
        "stages, nothing": unhelped(search=0, updates=600),
        "expressions, legal keys (the recipe)": expressions(),
        "expressions, second head, practice": expressions(masks="learned", updates=450),
        "expressions, second head": expressions(
            masks="learned", updates=450, **{"masks.practice": 0}
        ),
        "expressions, nothing": expressions(masks="none"),
    },
}


def accuracies(training: Training, levels: range | list[int]) -> list[float]:
    """Greedy accuracy at some levels."""
    found = []
    for level in levels:
        task = training.task.at_length(level)
        generator = torch.Generator().manual_seed(2026 + level)
        problems = task.sample(torch.full((COUNT,), level), generator, held_out=True)
        place = training.environment.on(task)
        found.append(score(training.policy, place, problems).accuracy)
    return found


def run(variant: str, make: Callable[[int], Training], seed: int) -> Result:
    """Train one variant with one seed."""
    training = make(seed)
    start, looking = time.process_time(), 0.0
    episodes = seconds = None
    for report in training.reports():
        if episodes is None and report.update % LOOK == 0:
            before = time.process_time()
            if min(accuracies(training, training.task.levels)) >= GOAL:
                episodes, seconds = training.episodes, before - start - looking
            looking += time.process_time() - before
    return Result(
        variant=variant,
        seed=seed,
        episodes=episodes,
        seconds=seconds,
        hardest=accuracies(training, training.task.levels)[-1],
        far=accuracies(training, [FAR])[0] if training.task.rules.stream else None,
    )


def row(variant: str, results: list[Result]) -> str:
    """One line of the table, in Markdown."""
    there = [result for result in results if result.episodes is not None]
    episodes = statistics.median(result.episodes for result in there) if there else None
    seconds = statistics.median(result.seconds for result in there) if there else None
    cells = [
        variant,
        f"{len(there)} of {len(results)}",
        "-" if episodes is None else f"{episodes:,.0f}",
        "-" if seconds is None else f"{seconds:.0f}",
        spread(result.hardest for result in results),
        spread(result.far for result in results if result.far is not None),
    ]
    return "| " + " | ".join(cells) + " |"


def spread(shares: Iterator[float]) -> str:
    """Median, least and most."""
    values = sorted(shares)
    if not values:
        return ""
    return f"{statistics.median(values):.1%} ({values[0]:.1%} to {values[-1]:.1%})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("study", choices=STUDIES)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--only", default="", help="variants whose names contain this")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    torch.set_num_threads(1)
    print("| variant | seeds at 99 % | episodes | CPU s | hardest level | 100 operations |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |", flush=True)
    told = []
    study = STUDIES[given.study]
    for variant in one_by_one("variant", [name for name in study if given.only in name]):
        results = [run(variant, study[variant], seed) for seed in range(given.seeds)]
        print(row(variant, results), flush=True)
        told += [asdict(result) for result in results]
    if given.out is not None:
        given.out.write_text(to_json({"recipe": Recipe().dump(), "runs": told}))


if __name__ == "__main__":
    with waiting("comparing variants"):
        main()
