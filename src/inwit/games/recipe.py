"""The typed parts of a run in an environment; `inwit.recipe` is for tasks."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Annotated, Any, ClassVar

import torch
from pydantic import Field

from inwit.devices import check_device
from inwit.errors import InvalidOption, UnknownName
from inwit.extras import is_module
from inwit.games.base import World, WorldSpec
from inwit.games.live import Live, is_vector_environment
from inwit.games.memory_length import MemoryLength
from inwit.games.normalising import NormalisedPolicy
from inwit.games.processes import AVAILABLE
from inwit.games.registered import PREFIX, Registered, nearest
from inwit.learners import PPO, Adam, Learner
from inwit.parts import Part, checked, parts_in
from inwit.policies import GRU, Architecture, PolicySpec, built
from inwit.recipe import Recipe, RunRecipe
from inwit.recipes import part_of, recipe_for
from inwit.tasks import is_file
from inwit.training.choosing import settled

Rows = Annotated[int, Field(ge=1, le=10**5)]
"""Rows of a window, or episodes side by side."""
NEEDS_A_PROMPT = ("pointer", "transformer", "ensemble")
"""Policies that read a problem once; they do not suit endless episodes."""

WITHOUT_USE = {
    "reader": ("bag", "an environment has no prompt to read"),
    "by_rank": (False, "an environment has no operands"),
    "bfloat16": (False, "in an environment, numbers are float32"),
}
"""Options of policies that an environment would ignore: what they must be, and why."""


@dataclass(frozen=True, kw_only=True)
class GameRecipe(RunRecipe):
    """The parts and options of a run in an environment."""

    environment: World
    """The environment."""
    policy: Architecture = field(default_factory=GRU)
    """The network."""
    learner: Learner = field(default_factory=lambda: PPO(discount=0.99, normalise=True))
    """The loss of an update."""
    optimiser: Adam = field(default_factory=lambda: Adam(learning_rate=1e-3))
    """The optimiser."""

    batch: Rows = 64
    """Number of episodes that are played in parallel."""
    window: Rows = 64
    """Actions per update in each of them; a longer episode continues in the next update."""
    normalise_observations: bool = True
    """Normalise observed numbers to mean 0 and standard deviation 1."""
    normalise_rewards: bool = True
    """Divide rewards by the standard deviation of the discounted returns."""
    processes: Annotated[int, Field(ge=1, le=1024)] | None = None
    """Processes that step the environments, 1 for this one; by default chosen by measurement."""
    compile: bool = False
    """Compile the learner's loss and its gradient; the environment still runs in Python."""

    kinds: ClassVar[Mapping[str, type[Part]]] = {
        "environment": World,
        "policy": Architecture,
        "learner": Learner,
        "optimiser": Adam,
    }
    subject = "environment"
    fixed = frozenset({*kinds, "source"})

    def __post_init__(self) -> None:
        """Check the options against each other.

        Raises:
            InvalidOption: an option is out of range, or a part does not suit environments.
        """
        super().__post_init__()
        if not self.learner.trains_value:
            wanted = "an environment needs a learner with a value, such as ppo or a2c"
            raise InvalidOption(f"--learner {self.learner.name}: {wanted}")
        if self.learner.group_size > 1:
            given = f"--learner {self.learner.name} makes {self.learner.group_size} episodes"
            raise InvalidOption(f"{given} at each problem: an environment has one at a time")
        if self.policy.name in NEEDS_A_PROMPT:
            raise InvalidOption(
                f"--policy {self.policy.name} is for problems that are read once; an environment "
                "needs one whose memory has a fixed size, such as gru or memoryless"
            )
        for option, (usual, why) in WITHOUT_USE.items():
            if getattr(self.policy, option, usual) != usual:
                raise InvalidOption(f"{self.policy.flag(option)}: {why}")
        if isinstance(self.environment, Live) and self.batch != self.environment.count:
            count = f"the live environment has {self.environment.count} episodes side by side"
            raise InvalidOption(f"--batch {self.batch}: {count}")
        self.learner.check_batch(self.batch)
        self._check_processes()

    def _check_processes(self) -> None:
        if self.processes is None or self.processes == 1:
            return
        given = f"--processes {self.processes}"
        if isinstance(self.environment, Live):
            raise InvalidOption(f"{given}: a live vector environment steps its own episodes")
        if self.processes > self.batch:
            raise InvalidOption(f"{given}: there are {self.batch} episodes to step (--batch)")
        if not AVAILABLE:
            raise InvalidOption(f"{given}: on this system environments are stepped in one process")

    @property
    def label(self) -> str:
        """The name that selects the environment."""
        return self.environment.label

    @property
    def discount(self) -> float:
        """Gamma."""
        return float(getattr(self.learner, "discount", 1.0))

    def named(self, kind: type[Part]) -> Part:
        """A learner keeps the discount, since episodes may be endless.

        Not one whose class has a default of its own.
        """
        made = super().named(kind)
        if isinstance(made, Learner) and getattr(made, "discount", None) == PPO.discount:
            return made.but(discount=self.discount)
        return made

    def but(self, **changes: object) -> "GameRecipe":
        """As for any recipe; a window that is not given fits episodes that are all as long."""
        made = super().but(**changes)
        rows = made.environment.rows
        fits = self.window == self.environment.rows  # it was not given before, either
        return replace(made, window=rows) if rows and fits and "window" not in changes else made

    def network(self, spec: WorldSpec) -> NormalisedPolicy:
        """A fresh network in evaluation mode; its weights depend only on the seed.

        Raises:
            InvalidOption: the device cannot be used, or the architecture made no policy.
        """
        check_device(self.device)
        sizes = PolicySpec(
            keys=len(spec.actions) + 1,
            symbols=0,
            levels=1,
            observations=spec.fields,
            values=spec.values,
        )
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed)
            inner = built(self.policy, sizes)
        policy = NormalisedPolicy(
            inner,
            spec.values,
            observations=self.normalise_observations,
            rewards=self.normalise_rewards,
        )
        return policy.to(self.device).eval()


def game_recipe_for(given: object) -> GameRecipe | None:
    """The recipe of an environment; None if it is not an environment.

    Args:
        given: `gymnasium:ID`, `gymnasium:MODULE:ID` or `MODULE:ID` (the module is imported: it may
            also register a policy or a learner), the name of a world of ours, a world, a recipe,
            or a live vector environment of Gymnasium.

    Raises:
        InvalidOption: the module cannot be imported.
    """
    if isinstance(given, GameRecipe):
        return given
    if isinstance(given, MemoryLength):
        return GameRecipe(environment=given, window=given.rows, learner=PPO(discount=0.99))
    if isinstance(given, World):
        return GameRecipe(environment=given)
    if isinstance(given, str):
        named = not is_file(given) and is_module(given.rpartition(":")[0])
        if named or given.startswith(PREFIX):
            return game_recipe_for(Registered(id=given.removeprefix(PREFIX)).imported())
        return game_recipe_for(MemoryLength()) if given == MemoryLength.name else None
    if is_vector_environment(given):
        live = Live(environment=given)
        return GameRecipe(environment=live, batch=live.count)
    return None


def any_recipe_for(name: str) -> RunRecipe:
    """The recipe of a task or of an environment; see `recipe_for` and `game_recipe_for`."""
    try:
        return game_recipe_for(name) or recipe_for(name)
    except UnknownName as error:
        others = [MemoryLength.name, *(nearest(name) or [f"{PREFIX}ID", f"{PREFIX}MODULE:ID"])]
        raise UnknownName("task or environment", name, [*error.allowed, *others]) from None


def ready(recipe: RunRecipe) -> RunRecipe:
    """A recipe that several runs are made from: what is wrong with it is told once, before them.

    Raises:
        InvalidOption: its environment cannot be opened, or its limits cannot be found.
    """
    if isinstance(recipe, Recipe):
        return settled(recipe)
    assert isinstance(recipe, GameRecipe)
    recipe.environment.look()
    return recipe


def read_game_recipe(plain: Mapping[str, Any]) -> GameRecipe:
    """Read a recipe that `GameRecipe.dump` wrote; the module of `MODULE:ID` is imported.

    Raises:
        UnknownName: there is no such part or option.
        InvalidOption: a value is of the wrong type or out of range, the module cannot be imported,
            or the environment was a live one.
        MissingPart: a policy or a learner is not registered.
    """
    values = dict(plain)
    known = [each.name for each in fields(GameRecipe)]
    unknown = [name for name in values if name not in known]
    if unknown:
        raise UnknownName("option", unknown[0], known)
    source, world = str(values.pop("source")), _world(values.pop("environment"))
    parts: dict[str, Part] = {"environment": world}
    for name, kind in GameRecipe.kinds.items():
        if name not in parts:
            parts[name] = part_of(kind, values.pop(name), _remedy(world))
    return GameRecipe(source=source, **parts, **checked(GameRecipe, values))  # type: ignore[arg-type]


def _world(plain: Mapping[str, Any]) -> Part:
    name, options = parts_in(plain)
    if name == Registered.name:
        own = dict(options)
        return Registered(id=str(own.pop("id")), **checked(Registered, own)).imported()
    if name == Live.name:
        raise InvalidOption("the run was made in a live vector environment, which is gone")
    return part_of(World, plain)


def _remedy(world: Part) -> str:
    """What to do where a part of a run in this environment is not registered."""
    if isinstance(world, Registered) and world.module:
        return f"register it in {world.module}, the module of {world.label}"
    script = "load the run in a script that registers it first"
    if isinstance(world, Registered):
        given = f"{PREFIX}MODULE:{world.id}"
        return f"{script}, or train in {given}, whose MODULE registers it for the command line"
    return script
