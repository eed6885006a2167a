"""A recipe: the typed parts of a run, and the options of the training loop.

Every option has one name everywhere (`seed`, `learner.clip`; of the task, bare: `largest`). Python,
the command line and sweeps set it (`Recipe.but`); a run folder has it as JSON (`Recipe.dump`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, TypeVar, get_args

import torch
from pydantic import Field

from inwit.curriculum import Curriculum, Fixed
from inwit.devices import check_device
from inwit.environment import Environment
from inwit.errors import InvalidOption, UnknownName, flag_of
from inwit.learners import A2C, Adam, Learner, Replay
from inwit.parts import NONE, Count, NonNegative, Part, Size, checked, hints, plain_values
from inwit.policies import GRU, Architecture, Given, Masks, Policy, PolicySpec, built
from inwit.tasks import FunctionTask, Stages, Task, facts_of


@dataclass(frozen=True, kw_only=True)
class Reward(Part):
    """Additions to the reward of 1 for a right answer."""

    shaping: NonNegative = 0.0
    """Weight of the task's sub-goal rewards; 0 rewards only right answers."""
    fault_cost: NonNegative = 0.0
    """Cost of each failed tool call."""

    name = "outcome"
    noun = "reward"


@dataclass(frozen=True, kw_only=True)
class RunRecipe(Part):
    """What all recipes share: typed parts, and options that are set by name."""

    kinds: ClassVar[Mapping[str, type[Part]]]
    """The base classes of its parts, by field."""
    subject: ClassVar[str]
    """The part that is trained on; its options have bare names: `largest`."""

    source: str = ""
    """The file of a task that is not built in; loading a run folder never runs it."""
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    """Random seed; the same seed gives the same run, bit for bit."""
    updates: Count = 300
    """Number of training updates."""
    device: str = "cpu"
    """Device to train on: `cpu`, `cuda`, `cuda:1`."""
    out: Path | None = None
    """Run folder; by default a new one under `runs/`."""

    name = "recipe"

    def __post_init__(self) -> None:
        """Check the options, and that every part is one.

        Raises:
            InvalidOption: an option is out of range, or a part is something else.
        """
        super().__post_init__()
        for name, kind in self.kinds.items():
            part = getattr(self, name)
            if not isinstance(part, kind) and not (part is None and self.optional(name)):
                wanted = f"give a {kind.__name__}; names are for `but` and `inwit.train`"
                raise InvalidOption(f"{name}={part!r:.60}: {wanted}")

    @classmethod
    def optional(cls, name: str) -> bool:
        """Whether a run may go without this part."""
        return type(None) in get_args(hints(cls)[name])

    @property
    def parts(self) -> dict[str, Part | None]:
        """The parts by their fields."""
        return {name: getattr(self, name) for name in self.kinds}

    @property
    def label(self) -> str:
        """The name that selects what is trained on: its file, or its name."""
        raise NotImplementedError

    @property
    def facts(self) -> dict[str, str | int]:
        """What a run folder records beside the recipe and the versions."""
        return {}

    def named(self, kind: type[Part]) -> Part:
        """A part of another class than the present one, as its name alone chooses it."""
        return kind()

    def but(self: "Run", **changes: object) -> "Run":
        """A copy with some options or parts changed.

        Args:
            changes: by name, as on the command line: `seed=3`, `learner="ppo"`, `largest=6`,
                `**{"learner.clip": 0.1}`; or whole parts, `learner=PPO(clip=0.1)`.

        Raises:
            UnknownName: there is no such option.
            InvalidOption: a value is of the wrong type or out of range.
        """
        chosen = {
            name: _chosen(self, name, changes.pop(name), part)
            for name, part in self.parts.items()
            if name in changes
        }
        parts = self.parts | chosen
        known, groups = _options(self, parts), dict[str, dict[str, object]]()
        for name, value in changes.items():
            if name not in known:
                raise UnknownName(f"option of {self.subject} {self.label}", name, known)
            groups.setdefault(known[name].part, {})[known[name].field] = value
        own = checked(type(self), groups.pop("", {}))
        for name, given in groups.items():
            part = parts[name]
            assert part is not None  # it has options
            parts[name] = part.but(**given)
        return replace(self, **own, **parts)  # type: ignore[arg-type]

    def dump(self) -> dict[str, Any]:
        """Everything except the folder as plain JSON values."""
        plain = {name: None if part is None else part.dump() for name, part in self.parts.items()}
        own = super().dump()
        del own["type"], own["out"]
        return {"source": self.source, **plain, **own}


Run = TypeVar("Run", bound=RunRecipe)


@dataclass(frozen=True, kw_only=True)
class Recipe(RunRecipe):
    """The parts and options of a run."""

    task: Task = field(default_factory=Stages)
    """Draws and scores the problems."""
    policy: Architecture = field(default_factory=GRU)
    """The network."""
    learner: Learner | None = field(default_factory=A2C)
    """The loss of an update; None to learn from replay alone."""
    replay: Replay | None = field(default_factory=Replay)
    """Replay of solved episodes; None for no replay."""
    curriculum: Curriculum = field(default_factory=Fixed)
    """The choice of levels."""
    optimiser: Adam = field(default_factory=Adam)
    """The optimiser."""
    reward: Reward = field(default_factory=Reward)
    """Additions to the reward."""
    masks: Masks = field(default_factory=Given)
    """Where the agent's knowledge of the meaning of keys comes from."""

    batch: Annotated[int, Field(ge=1, le=10**6)] = 256
    """Episodes per update."""
    search: Annotated[int, Field(ge=0, le=10**6)] = 0
    """Maximum episodes of a search before the first update, in thousands; solved ones are
    replayed; 0 for no search."""
    search_by: Literal["programs", "random"] = "programs"
    """Search among `programs` by what they compute, where each press counts as an episode, or by
    uniformly `random` episodes."""
    epsilon: Annotated[float, Field(ge=0, lt=0.5)] = 0.2
    """Mean share of uniformly random presses in training; it rises over the batch from 0 to twice
    this."""
    early_stopping: bool = False
    """Stop once all of 512 greedy answers to training problems are right, three times in a row."""
    race: bool = False
    """First try a network without memory, if your own task shows values; off if you choose a
    policy."""
    compile: bool = False
    """Compile rollout, loss and gradient; `docs/performance.md` says when this pays off."""

    kinds: ClassVar[Mapping[str, type[Part]]] = {
        "task": Task,
        "policy": Architecture,
        "learner": Learner,
        "curriculum": Curriculum,
        "replay": Replay,
        "optimiser": Adam,
        "reward": Reward,
        "masks": Masks,
    }
    subject = "task"
    fixed = frozenset({*kinds, "source"})

    def __post_init__(self) -> None:
        """Check the options against each other.

        Raises:
            InvalidOption: an option is out of range, or two options conflict.
        """
        super().__post_init__()
        if self.replay is None and (self.learner is None or self.search):
            what = f"--search {self.search}" if self.learner else f"--learner {NONE}"
            hint = "; --search 0 trains without a search" if self.learner else ""
            raise InvalidOption(f"{what} needs --replay of at least 1: it was 0{hint}")
        hindsight = self.replay is not None and self.replay.hindsight > 0
        if hindsight and not self.task.has_hindsight:
            raise InvalidOption(f"--replay.hindsight: '{self.task.name}' has no hindsight")
        if self.reward.shaping and not self.task.has_subgoals:
            raise InvalidOption(f"--reward.shaping: '{self.task.name}' has no sub-goals")
        if hindsight and self.search:
            raise InvalidOption("--search does not go with --replay.hindsight: set one to 0")
        if self.race and not isinstance(self.task, FunctionTask):
            raise InvalidOption(f"--race: it is for tasks of your own, not for '{self.task.name}'")
        if self.learner:
            self.learner.check_batch(self.batch)

    @property
    def label(self) -> str:
        """The name that selects the task: its file, or its name."""
        return self.source or self.task.name

    def but(self, **changes: object) -> "Recipe":
        """As for any recipe; a policy that is named, or whose option is, wins without a race."""
        named = any(name.partition(".")[0] == "policy" for name in changes)
        kept = replace(self, race=False) if named and "race" not in changes else self
        return super(Recipe, kept).but(**changes)

    @property
    def facts(self) -> dict[str, str | int]:
        """The version of the held-out split, and what else of the task may change."""
        return {"split": self.task.split} | facts_of(self.task)

    @property
    def replay_until(self) -> float:
        """How many updates replay solved episodes."""
        return self.replay.until * self.updates if self.replay else 0

    def environment(self) -> Environment:
        """The game that is trained on, on the recipe's device.

        Raises:
            InvalidOption: the device cannot be used.
        """
        check_device(self.device)
        return Environment(
            self.task,
            device=self.device,
            masks=self.masks.given,
            shaping=self.reward.shaping,
            fault_cost=self.reward.fault_cost,
        )

    def network(self, environment: Environment) -> Policy:
        """A fresh network in evaluation mode; its weights depend only on the seed.

        Raises:
            InvalidOption: the architecture does not suit the task, or made no policy.
        """
        task = environment.task
        spec = PolicySpec(
            keys=len(environment.machine.vocabulary),
            symbols=0 if task.rules.stream else len(task.symbols),
            operands=task.rules.operands,
            operand_symbols=tuple(map(task.symbols.index, task.operand_symbols)),
            levels=len(task.levels) if task.shows_level else 1,
            observations=environment.observation_sizes,
            values=task.press_values,
            prompt_values=task.prompt_values,
            heads=self.masks.heads,
        )
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed)
            policy = self.masks.wrap(built(self.policy, spec), spec)
        return policy.to(environment.device).eval()


@dataclass(frozen=True, kw_only=True)
class Option:
    """One option of a recipe."""

    part: str
    """The recipe's field that holds its part; empty for the recipe's own options."""
    field: str
    """Its name within the part."""
    kind: Any
    """Its type, with its limits."""
    value: Any
    """Its value in this recipe."""


def options_of(recipe: RunRecipe) -> dict[str, Option]:
    """All options of a recipe by name; they depend on its parts."""
    return _options(recipe, recipe.parts)


def _options(recipe: RunRecipe, parts: Mapping[str, Part | None]) -> dict[str, Option]:
    own = hints(type(recipe))
    found = {
        name: Option(part="", field=name, kind=own[name], value=getattr(recipe, name))
        for name in recipe.options()
        if name != "race" or isinstance(parts["task"], FunctionTask)
    }
    for name, part in parts.items():
        if choice := _choice(recipe, name, part):
            found[name] = choice
        for each in part.options() if part else ():
            flag = each if name == recipe.subject else f"{name}.{each}"
            if (name, each) == ("replay", "size"):  # it has the name of its part
                continue
            if flag in found:
                taken = f"every run has an option {each}, call this one something else"
                raise InvalidOption(f"{type(part).__name__}.{each}: {taken}")
            kind, value = hints(type(part))[each], getattr(part, each)
            found[flag] = Option(part=name, field=each, kind=kind, value=value)
    return found


def _choice(recipe: RunRecipe, name: str, part: Part | None) -> Option | None:
    """The option that chooses a part: replay by its size, others by name, if there are several."""
    if name == "replay":
        size = part.size if isinstance(part, Replay) else 0
        return Option(part="", field=name, kind=Size, value=size)
    if name == recipe.subject or not recipe.kinds[name].registered:
        return None
    kind: Any = Literal[tuple(_names(recipe, name))]
    return Option(part="", field=name, kind=kind, value=part.name if part else NONE)


def differing(options: Mapping[str, Option], values: Mapping[str, Any]) -> dict[str, Any]:
    """The values, by name, that are not those of these options."""
    return {name: value for name, value in values.items() if value != options[name].value}


def changes(recipe: RunRecipe, base: RunRecipe) -> dict[str, Any]:
    """The options that turn one recipe into another: `base.but(**changes(recipe, base))`."""
    wanted = {name: each.value for name, each in options_of(recipe).items()}
    chosen = {name: value for name, value in wanted.items() if name in recipe.kinds}
    found = differing(options_of(base), chosen)
    # A part of another name brings its own defaults.
    parts = {name: _usual(base, name, recipe.parts[name]) for name in recipe.kinds}
    found |= differing(_options(base, parts), wanted)
    if wanted.get("race") and any(name.partition(".")[0] == "policy" for name in found):
        found["race"] = True  # which the policy would end
    return found


def flags(recipe: RunRecipe, base: RunRecipe) -> list[str]:
    """The flags that turn one recipe into another."""
    words = list[str]()
    for name, value in changes(recipe, base).items():
        if isinstance(value, bool):
            words.append(flag_of(name, value))
        else:
            several = value if isinstance(value, tuple) else (value,)
            words += [flag_of(name), *map(str, plain_values(several))]
    return words


def _usual(base: RunRecipe, name: str, wanted: Part | None) -> Part | None:
    """A part as it is when it is chosen by its name."""
    before = base.parts[name]
    if wanted is None or (before is not None and before.name == wanted.name):
        return before if wanted else None
    return base.named(type(wanted))


def _names(recipe: RunRecipe, part: str) -> list[str]:
    """The names that a part may be chosen by."""
    return [*recipe.kinds[part].registered, *([NONE] if recipe.optional(part) else [])]


def _chosen(recipe: RunRecipe, name: str, value: object, before: Part | None) -> Part | None:
    """A part from a value: a part itself, its name, or for replay its size."""
    kind = recipe.kinds[name]
    if isinstance(value, kind):
        return value
    if name == "replay":
        return _replay(value, before)
    if value in (None, NONE) and recipe.optional(name):
        return None
    if kind.registered and not isinstance(value, Part):
        if before is not None and value == before.name:
            return before
        names = _names(recipe, name)
        if name == recipe.subject:
            hint = f"start from its recipe, inwit.train('{value}')"
            raise InvalidOption(f"{name} {value!r:.60}: {hint}")
        if isinstance(value, type):
            raise InvalidOption(f"{name}: {value.__name__} is a class, give {value.__name__}()")
        if value not in names:
            raise UnknownName(name, str(value), names)
        return recipe.named(kind.registered[str(value)])
    wanted = f"give {kind.__name__}(...), or its options by name: {name}.OPTION"
    raise InvalidOption(f"{name} {value!r:.60}: {wanted}")


def _replay(size: object, before: Part | None) -> Part | None:
    try:
        return None if size in (None, 0, "0") else (before or Replay()).but(size=size)
    except InvalidOption:
        raise InvalidOption(f"--replay {size!r:.60}: it must be from 0 to 1,000,000,000") from None
