"""The options of training a language model on a task."""

import json
from dataclasses import asdict, dataclass
from math import inf
from pathlib import Path

from inwit.errors import InvalidOption
from inwit.parts import check_seed
from inwit.texts import to_json

PREFIX, TINY = "llm:", "tiny"
"""What names a language model; and instead of a path, a small random model made in the process."""


@dataclass(frozen=True, kw_only=True)
class ModelRecipe:
    """How a language model is trained: a supervised warm-up on demonstrations, then GRPO."""

    task: str = "stages"
    """The task: a built-in one or FILE.py, whose code is run."""
    agent: str
    """The model: `llm:FOLDER` of transformers, `llm:FILE.gguf`, or `llm:tiny`, a small random one
    that is made here (with `--lora 0 --warm-up-rate 1e-2 --learning-rate 1e-3`)."""
    out: Path = Path()
    """The run folder; by default `runs/llm-TASK-SEED`."""
    levels: tuple[int, ...] = ()
    """Levels to train on; by default those of the task."""
    right: int = 600
    """Demonstrations with the oracle's programs, over all levels."""
    random: int = 0
    """Demonstrations with uniform random legal keys, which show only the form of a call."""
    passes: int = 1
    """Passes of the warm-up over the demonstrations."""
    warm_up_rate: float = 5e-4
    """Learning rate of the warm-up, at its peak."""
    steps: int = 60
    """Steps of GRPO; 0 ends after the warm-up."""
    batch: int = 32
    """Chats per step of the warm-up, and episodes per step of GRPO."""
    group: int = 8
    """Episodes per problem."""
    learning_rate: float = 1e-4
    """Learning rate of GRPO."""
    at_once: int = 8
    """Episodes per pass forward and backward, on each process."""
    lora: int = 16
    """Rank of LoRA's adapters; 0 trains all weights."""
    tokens: int = 48
    """Maximum tokens of a message."""
    count: int = 100
    """Held-out problems of each level; 0 scores nothing."""
    minutes: float = 3.0
    """Time between checkpoints."""
    patience: int = 10
    """GRPO stops after this many steps in a row in which no group has a signal."""
    seed: int = 0
    """Fixes the problems, the sampling and the order."""
    device: str = "cpu"
    """Where it runs."""
    audit: bool = True
    """Audit the task first; a task that fails is not trained on."""

    @property
    def model(self) -> str:
        """The path of the model, or `tiny`."""
        return self.agent.removeprefix(PREFIX)

    def to_json(self) -> str:
        """The recipe as text."""
        return to_json(asdict(self), indent=2, default=str)

    @classmethod
    def from_json(cls, text: str) -> "ModelRecipe":
        """Read a recipe.

        Raises:
            ValueError: it is not JSON, or a value is out of range.
            TypeError: it has other fields.
        """
        content = json.loads(text)
        try:
            paths = {"out": Path(content["out"]), "levels": tuple(content["levels"])}
        except LookupError as error:
            raise ValueError(f"{error} is missing") from error
        recipe = cls(**{**content, **paths})
        recipe.check()
        return recipe

    def check(self) -> None:
        """Check the options.

        Raises:
            InvalidOption: one is out of range.
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
            if getattr(self, name) < lowest:
                flag = name.replace("_", "-")
                raise InvalidOption(f"--{flag} {getattr(self, name)}: it must be {lowest} or more")
        for name in ("warm_up_rate", "learning_rate", "minutes"):
            if not 0 < getattr(self, name) < inf:
                flag = name.replace("_", "-")
                raise InvalidOption(
                    f"--{flag} {getattr(self, name)}: it must be above 0, and finite"
                )
        if len({*self.levels}) < len(self.levels):
            levels = " ".join(map(str, self.levels))
            raise InvalidOption(f"--levels {levels}: give each level once")
        if self.group < 2 or self.batch % self.group:
            raise InvalidOption(
                f"--group {self.group}: at least 2, and a divisor of --batch {self.batch}"
            )
        if self.right + self.random == 0 and self.steps == 0:
            raise InvalidOption("no demonstrations and no steps: nothing would be trained")
