"""The options of training a language model on a task."""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from math import inf
from pathlib import Path
from typing import Annotated

from tyro.conf import DisallowNone, arg

from inwit.errors import InvalidOption, flag_of
from inwit.parts import check_seed, is_whole
from inwit.tasks import is_file
from inwit.texts import to_json

PREFIX, TINY = "llm:", "tiny"
"""What names a language model; and instead of a path, a small random model made in the process."""

MODELS = (
    "The model: `llm:FOLDER` for the library transformers, `llm:FILE.gguf`, or `llm:tiny`, a small "
    "one with random weights (use it with --lora 0 --warm-up-rate 1e-2 --learning-rate 1e-3)."
)
"""Help of `--agent`."""
WARM_UP_ALONE, GRPO_ALONE = ("passes", "warm_up_rate"), ("learning_rate", "group", "patience")
"""The options that only one part reads."""
MADE = "made"
"""Beside the options in a run folder: what the run was made with."""


@dataclass(frozen=True, kw_only=True)
class ModelRecipe:
    """Train a language model: a supervised warm-up on demonstrations, then GRPO."""

    task: Annotated[str, arg(metavar="TASK")] = "stages"
    """A built-in task, or FILE.py, whose code is run; also accepted as the first argument."""
    agent: Annotated[str, arg(metavar="llm:MODEL", help=MODELS)]
    """The model."""
    out: Annotated[Path, arg(help_behavior_hint="")] = Path()
    """Run folder; by default `runs/llm-TASK-SEED`."""
    levels: Annotated[
        tuple[int, ...] | None, DisallowNone, arg(metavar="INT [INT ...]", help_behavior_hint="")
    ] = None
    """Levels to train on; by default all levels of the task."""
    right: int = 600
    """Number of demonstrations of the oracle's programs, over all levels together."""
    random: int = 0
    """Number of demonstrations with random legal keys, which only show the form of a call."""
    passes: int = 1
    """Epochs of the warm-up over the demonstrations."""
    warm_up_rate: float = 5e-4
    """Peak learning rate of the warm-up."""
    steps: int = 60
    """Gradient steps of GRPO; 0 ends after the warm-up."""
    batch: int = 32
    """Chats per step of the warm-up, and episodes per step of GRPO."""
    group: int = 8
    """Episodes per problem in a step of GRPO."""
    learning_rate: float = 1e-4
    """Learning rate of GRPO."""
    at_once: int = 8
    """Episodes per forward and backward pass, in each process."""
    lora: int = 16
    """Rank of the LoRA adapters; 0 trains all weights."""
    tokens: int = 48
    """Maximum tokens per message."""
    count: int = 100
    """Held-out problems per level on which to score; 0 for no scores."""
    minutes: float = 3.0
    """Minutes between checkpoints."""
    patience: int = 10
    """Stop GRPO after this many steps in a row in which no group has a learning signal."""
    seed: int = 0
    """Random seed of the problems, the sampling and the order."""
    device: str = "cpu"
    """Device to train on: `cpu`, `cuda`, `cuda:1`."""
    audit: bool = True
    """Audit the task first, and do not train if it fails."""

    @property
    def model(self) -> str:
        """The path of the model, or `tiny`."""
        return self.agent.removeprefix(PREFIX)

    @property
    def rooted(self) -> "ModelRecipe":
        """The same with absolute paths of the model and the task's file: it holds in any folder."""
        agent = self.agent if self.model == TINY else PREFIX + os.path.abspath(self.model)
        file, colon, name = self.task.partition(":")
        place = os.path.abspath(file)
        task = f"{place}{colon}{name}" if is_file(self.task) and is_file(place) else self.task
        return replace(self, agent=agent, task=task)

    def to_json(self, **made: str) -> str:
        """The recipe as text, beside what the run was made with."""
        return to_json({**asdict(self), MADE: made}, indent=2, default=str)

    @classmethod
    def from_json(cls, text: str) -> "ModelRecipe":
        """Read a recipe; what the run was made with is left out.

        Raises:
            ValueError: it is not JSON, or a value is out of range.
            TypeError: it has other fields.
        """
        content = json.loads(text)
        try:
            levels = tuple(content["levels"] or ()) or None
            options = {name: value for name, value in content.items() if name != MADE}
            recipe = cls(**{**options, "out": Path(content["out"]), "levels": levels})
        except LookupError as error:
            raise ValueError(f"{error} is missing") from error
        recipe.check()
        return recipe

    def check(self) -> None:
        """Check the options.

        Raises:
            InvalidOption: one is out of range, or of a part that does not run.
        """
        check_seed(self.seed)
        if not self.agent.startswith(PREFIX) or "://" in self.agent or not self.model:
            raise InvalidOption(
                f"--agent {self.agent}: give llm:FOLDER, llm:FILE.gguf or llm:{TINY}; a model "
                "behind an endpoint can be scored, but not trained"
            )
        least = {"right": 0, "random": 0, "steps": 0, "lora": 0, "count": 0}
        least |= dict.fromkeys(("passes", "batch", "at_once", "tokens", "patience"), 1)
        for name, lowest in least.items():
            given = getattr(self, name)
            if not is_whole(given) or given < lowest:
                raise InvalidOption(
                    f"{flag_of(name)} {given!s:.60}: it must be a whole number of at least {lowest}"
                )
        for name in ("warm_up_rate", "learning_rate", "minutes"):
            if not 0 < getattr(self, name) < inf:
                raise InvalidOption(
                    f"{flag_of(name)} {getattr(self, name)}: it must be above 0, and finite"
                )
        if self.levels and len({*self.levels}) < len(self.levels):
            levels = " ".join(map(str, self.levels))
            raise InvalidOption(f"--levels {levels}: give each level once")
        self._check_parts()

    def _check_parts(self) -> None:
        """Check that something is trained, and that every option given is used."""
        if self.right + self.random == 0 and self.steps == 0:
            raise InvalidOption("no demonstrations and no steps: nothing would be trained")
        if self.right + self.random == 0:
            self._check_unused(WARM_UP_ALONE, "there is no warm-up with --right 0 and --random 0")
        if self.steps == 0:
            self._check_unused(GRPO_ALONE, "there is no GRPO with --steps 0")
        elif self.group < 2 or self.batch % self.group:
            raise InvalidOption(
                f"--group {self.group}: at least 2, and a divisor of --batch {self.batch}"
            )

    def _check_unused(self, names: Sequence[str], why: str) -> None:
        """Check that no option of a part that does not run was given.

        Raises:
            InvalidOption: one differs from its default.
        """
        for each in fields(self):
            given = getattr(self, each.name)
            if each.name in names and given != each.default:
                raise InvalidOption(f"{flag_of(each.name)} {given}: {why}; leave it out")
