"""What a run is made from: one flat record of plain values, and the named ones.

A recipe is all that a run folder needs to be repeated. The command line overrides its fields.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from math import inf
from pathlib import Path
from typing import Literal, get_args

from pydantic import TypeAdapter, ValidationError

from inwit.errors import InvalidOption, UnknownName

MOST = {"updates": 10**9, "batch": 10**6, "width": 4096, "largest": 100_000}
"""What fits into a large machine: the folder of a stranger may ask for more."""

PolicyName = Literal[
    "gru",
    "gru-recurrent",
    "gru-attentive",
    "pointer",
    "pointer-attentive",
    "pointer-text",
    "committee",
    "memoryless",
    "transformer",
]
LearnerName = Literal["a2c", "ppo", "grpo", "replay"]
NAMES = {"policy": list(get_args(PolicyName)), "learner": list(get_args(LearnerName))}
"""What policies and learners are called; `policies.register` and `learners.register` add some."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """The options of a run."""

    task: str = "stages"
    """What is asked."""
    data: Path | None = None
    """Word problems: a folder with train.csv and dev.csv, or what stands before -train.csv and
    -dev.csv; stories of our own if none is given."""
    largest: int = 4
    """Operations of the longest expressions that are trained on."""
    operators: str = "+-*"
    """The operators in expressions."""
    seed: int = 0
    """Fixes every random draw: the same seed gives the same run, bit for bit."""
    updates: int = 300
    """Number of gradient updates."""
    batch: int = 256
    """Attempts per update."""
    learning_rate: float = 3e-3
    """Step size of Adam."""
    policy: PolicyName | str = "gru"
    """Which network; after the hyphen how it reads a prompt, where that is not its usual way."""
    width: int = 96
    """Units of the network's recurrent state."""
    learner: LearnerName | str = "a2c"
    """How attempts become a loss; `replay` learns from solved attempts alone."""
    replay: int = 256
    """Solved attempts learnt from again in each update; 0 for none."""
    search: int = 0
    """Thousands of attempts by even presses before the first update; what they find is replayed."""
    explore: float = 0.2
    """Share of presses in training that are even over the legal keys: none in the first attempt
    of a batch, twice this share in the last."""
    entropy: float = 0.01
    """Weight of the entropy bonus."""
    shaping: float = 0.0
    """Weight of the task's sub-goals in the reward; 0 leaves right-or-wrong alone."""
    fault_cost: float = 0.0
    """What each call of a tool that fails takes from the reward."""
    curriculum: Literal["fixed", "gated", "uniform"] = "fixed"
    """How levels are chosen: by the task's schedule, by success at the hardest, or all alike."""
    gate: float = 0.9
    """Share of right attempts at the hardest level that opens the next, if gated."""
    once: bool = True
    """Every operand is to be used exactly once: prior knowledge, for tasks read as a prompt."""
    masks: bool = True
    """The agent is told which keys are legal."""
    device: str = "cpu"
    """Where the arithmetic is done: `cpu`, `cuda`, `cuda:1`."""
    compile: bool = False
    """Compile presses, loss and gradient into one program: some minutes once, then a few times as
    fast. See `docs/performance.md` for when it pays."""
    out: Path | None = None
    """The run's folder; a new one under `runs/` if none is given."""

    def __post_init__(self) -> None:
        """Refuse what cannot be run.

        Raises:
            UnknownName: there is no such policy or learner.
            InvalidOption: a number is out of its range.
        """
        for name, names in NAMES.items():
            if getattr(self, name) not in names:
                raise UnknownName(name, getattr(self, name), names)
        for name, most in MOST.items():
            value = getattr(self, name)
            _require(name, value, 1 <= value <= most, f"at least 1 and at most {most:,}")
        for name in ("replay", "search", "entropy", "shaping", "fault_cost"):
            value = getattr(self, name)
            _require(name, value, 0 <= value < inf, "at least 0 and finite")
        check_seed(self.seed)
        _require("gate", self.gate, 0 <= self.gate <= 1, "from 0 to 1")
        # The last attempt of a batch explores twice the share: no more than every press.
        _require("explore", self.explore, 0 <= self.explore < 0.5, "at least 0 and below 0.5")
        _require("learning-rate", self.learning_rate, 0 < self.learning_rate < 1, "between 0 and 1")
        if self.learner == "replay" and not self.replay:
            raise InvalidOption("learner replay needs --replay of at least 1: it was 0")

    def but(self, **changes: object) -> "Recipe":
        """The same with some fields changed.

        Raises:
            UnknownName: there is no such field.
            InvalidOption: a value is of the wrong type or out of range.
        """
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return recipe_of(values | changes)


def recipe_of(values: Mapping[str, object]) -> Recipe:
    """A recipe from values of any origin.

    Raises:
        UnknownName: there is no such field.
        InvalidOption: a value is of the wrong type or out of range; all are told.
    """
    names = [field.name for field in fields(Recipe)]
    for name in values:
        if name not in names:
            raise UnknownName("option", name, names)
    try:
        return TypeAdapter(Recipe).validate_python(values)
    except ValidationError as error:
        told = (f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise InvalidOption("; ".join(told).removeprefix(": Value error, ")) from error


def check_seed(seed: int) -> None:
    """Refuse what no generator can be seeded with.

    Raises:
        InvalidOption: it is out of range.
    """
    _require("seed", seed, 0 <= seed < 2**63, "from 0 to 2^63 - 1")


def _require(name: str, value: object, holds: bool, allowed: str) -> None:
    if not holds:
        raise InvalidOption(f"--{name} {value}: it must be {allowed}")


def stages() -> Recipe:
    """The tutorial's three stages under its fixed schedule."""
    return Recipe()


def expressions() -> Recipe:
    """Expressions symbol by symbol, of at most four operations: exact on 1,000 afterwards."""
    return Recipe(
        task="expressions",
        updates=300,
        replay=0,
        explore=0.0,
        curriculum="gated",
    )


def expressions_prompt() -> Recipe:
    """Expressions read once, then solved blind: the whole plan is in the network's state."""
    return Recipe(
        task="expressions-prompt",
        largest=6,
        policy="pointer",
        width=128,
        updates=1200,
        learning_rate=2e-3,
        learner="replay",
        explore=0.05,
        curriculum="gated",
        gate=0.5,
    )


def own_task(name: str, *, sees_results: bool = False) -> Recipe:
    """A task of the user's: read as a prompt by a network that minds the order of the words.

    Where the agent sees results it learns from its own attempts alone: in what solved one problem,
    the luck of a guess cannot be told from a choice made after looking.
    """
    recipe = Recipe(task=name, policy="gru-recurrent", curriculum="uniform")
    return recipe.but(learner="ppo", replay=0, explore=0.0) if sees_results else recipe


def word_problems() -> Recipe:
    """Word problems from answers only: a search by even presses, then replay of what it found."""
    return Recipe(
        task="word-problems",
        policy="committee",
        width=256,
        updates=50,
        batch=8,
        learning_rate=1e-3,
        learner="replay",
        replay=48,
        search=400,
        explore=0.1,
    )


RECIPES: dict[str, Callable[[], Recipe]] = {
    "stages": stages,
    "expressions": expressions,
    "expressions-prompt": expressions_prompt,
    "word-problems": word_problems,
}
