"""The file of a sweep: the search space and the number of trials; reports all mistakes at once.

pydantic checks the shape of the file. What may be fixed and searched depends on the recipe, and is
checked against its options.
"""

import re
import tomllib
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from itertools import product
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field, ValidationError
from pydantic_core import ErrorDetails

from inwit.errors import InvalidFile, InvalidOption, InwitError
from inwit.games.recipe import any_recipe_for, ready
from inwit.parts import in_words
from inwit.recipe import Option, Recipe, RunRecipe, options_of
from inwit.runs.seeds import read_seeds
from inwit.runs.sweeps.spaces import Choices, Number, Range, Strict, WholeRange, values_of
from inwit.texts import read_text, toml_lines

MAX_BYTES = 2**20
"""Bytes; a larger file is not read."""
NOT_SEARCHED = ("seed", "out", "device", "data")
"""Options of a recipe that a sweep does not search."""
PARTS = ("policy", "learner", "curriculum", "replay", "masks")
"""Options that decide which others there are."""
TOGETHER = ("batch", "processes", "learner.group_size", "learner.minibatches")
"""Options that are checked in all their combinations: some go together only."""

Count = Annotated[int, Field(ge=1, le=10**6)]


class Pruning(Strict):
    """When a trial is ended early, by its accuracy in training at each tenth of a run."""

    kind: Literal["median", "halving", "none"] = "median"
    """Below the median of the others; not among the best quarter; never."""
    startup: Annotated[int, Field(ge=0, le=10**6)] = 4
    """Trials before any is ended, for `median`."""
    warmup: Annotated[int, Field(ge=0, le=10**6)] = 3
    """Tenths of its first run in which none is ended, for `median`."""


def _seeds(given: object) -> tuple[int, ...]:
    """The seeds of a text such as `0-2`, or of a list."""
    try:
        return read_seeds(",".join(map(str, given)) if isinstance(given, list) else str(given))
    except InvalidOption as error:
        raise ValueError('give seeds such as "0-2" or [0, 3, 5]') from error


class _File(Strict):
    """The shape of the file; `Plan` explains the entries."""

    task: str = "stages"
    fixed: dict[str, Any] = Field(default_factory=dict)
    search: dict[str, Any] = Field(default_factory=dict)
    trials: Count = 20
    seeds: Annotated[tuple[int, ...], BeforeValidator(_seeds)] = (0,)
    objective: Literal["accuracy", "return", "cpu-seconds"] | None = None
    threshold: Number | None = None
    problems: Count | None = None
    jobs: Count | None = None
    seed: Annotated[int, Field(ge=0, le=2**31)] = 0
    pruning: Pruning = Pruning()


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The contents of a sweep's file."""

    task: str = "stages"
    """The name of a recipe, a Python file with a task (its code is run), or an environment."""
    recipe: RunRecipe = field(default_factory=Recipe)
    """The options of all trials."""
    fixed: Mapping[str, Any] = field(default_factory=dict)
    """Those of the file, by name; the recipe has them already."""
    search: Mapping[str, Choices | Range] = field(default_factory=dict)
    """The options that trials differ in."""
    trials: int = 20
    """How many."""
    seeds: tuple[int, ...] = (0,)
    """The runs of a trial, one after another."""
    objective: Literal["accuracy", "return", "cpu-seconds"] = "accuracy"
    """Held-out accuracy at the hardest level; in an environment the mean return of fresh episodes
    with drawn actions; or CPU seconds until `threshold` is reached at every level. Means over the
    seeds."""
    threshold: float = 0.99
    """The accuracy or mean return that the CPU seconds are counted to."""
    problems: int | None = None
    """Held-out problems of each level, 1,000 if not given; or fresh episodes, 100."""
    jobs: int | None = None
    """Trials at once; as many as there are usable cores if none is given."""
    seed: int = 0
    """Fixes the search."""
    pruning: Pruning = field(default_factory=Pruning)
    """When a trial is ended early."""

    @property
    def measure(self) -> str:
        """What says how well a run does: `accuracy` or `return`."""
        return "accuracy" if isinstance(self.recipe, Recipe) else "return"

    def recipe_of(self, options: Mapping[str, object]) -> RunRecipe:
        """The recipe of a trial; a part that it chooses has what is fixed, too.

        Raises:
            InvalidOption: these options do not go together.
        """
        return self.recipe.but(**_of_parts(self.fixed, options) | dict(options))

    @property
    def sign(self) -> int:
        """1 where more is better, else -1."""
        return -1 if self.objective == "cpu-seconds" else 1


def read_plan(path: Path) -> Plan:
    """The plan in a TOML file.

    Raises:
        InvalidFile: something in it is wrong; all mistakes are listed, each with its place.
        InvalidOption: it cannot be read.
    """
    text = read_text(path, InvalidOption, MAX_BYTES)
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidFile(path, [f"not TOML: {error}"]) from error
    reader = _Reader(text)
    plan = reader.plan(given)
    arguments = None if reader.mistakes else plan.search.get("arguments")
    if isinstance(arguments, Choices):  # the environment is another one in each trial
        reader.open(plan.recipe, arguments)
    if reader.mistakes:
        raise InvalidFile(path, reader.mistakes)
    return plan if arguments else replace(plan, recipe=ready(plan.recipe))


class _Reader:
    """Reads a plan and collects all mistakes."""

    def __init__(self, text: str) -> None:
        self.lines, self.mistakes = toml_lines(text), list[str]()

    def plan(self, given: dict[str, Any]) -> Plan:
        file = self._file(given)
        task, recipe = self._task(file.task)
        fixed, search = _flat(file.fixed), _flat(file.search)
        if not search and isinstance(given.get("search", {}), dict):
            self._add("search", "nothing is searched: list options with choices or ranges")
        entries = {name: getattr(file, name) for name in _File.model_fields if name != "fixed"}
        entries |= {"task": task, "recipe": self._fixed(recipe, fixed)}
        entries |= {"fixed": fixed} | self._aim(file, entries["recipe"])
        return Plan(**entries | {"search": self._search(entries["recipe"], search, fixed)})

    def open(self, recipe: RunRecipe, arguments: Choices) -> None:
        """Open the environment with each of the arguments that are searched over."""
        for each in arguments.values:
            try:
                ready(recipe.but(arguments=each))
            except InvalidOption as error:
                self._add("search.arguments", f"{each!r:.60}: {error}")

    def _add(self, place: str, what: str) -> None:
        line = self.lines.get(place)
        self.mistakes.append((f"line {line}: " if line else "") + f"{place}: {what}")

    def _file(self, given: dict[str, Any]) -> _File:
        """The file; wrong entries have their defaults."""
        wrong = self._check(_File, given, "")
        return _File.model_validate({key: each for key, each in given.items() if key not in wrong})

    def _check(self, kind: type[Strict], given: Mapping[str, Any], place: str) -> set[str]:
        """Record pydantic's errors about a table; returns the keys concerned."""
        try:
            kind.model_validate(given)
        except ValidationError as error:
            for each in error.errors():
                names = filter(None, (place, *map(str, each["loc"])))
                self._add(".".join(names), _said(kind, each))
            return {str(each["loc"][0]) for each in error.errors() if each["loc"]} or {*given}
        return set()

    def _known(self, given: Mapping[str, Any], names: set[str], table: str) -> None:
        for name in given:
            if name not in names:
                self._add(table + name, _unknown(name, names))

    def _aim(self, file: _File, recipe: RunRecipe) -> dict[str, object]:
        """The objective and its threshold: accuracy on tasks, the return in environments."""
        is_task = isinstance(recipe, Recipe)
        usual, other = ("accuracy", "return") if is_task else ("return", "accuracy")
        if file.objective == other:
            self._add(
                "objective", f"'{other}': for {recipe.subject} {recipe.label} it is '{usual}'"
            )
        if is_task and not 0 <= (file.threshold or 0) <= 1:
            end = "at most 1" if (file.threshold or 0) > 1 else "at least 0"
            self._add("threshold", f"{file.threshold:g}: an accuracy is {end}")
        if not is_task and file.objective == "cpu-seconds" and file.threshold is None:
            self._add("objective", "cpu-seconds in an environment needs a threshold, a mean return")
        threshold = 0.99 if file.threshold is None else file.threshold
        return {"objective": file.objective or usual, "threshold": threshold}

    def _task(self, given: str) -> tuple[str, RunRecipe]:
        try:
            return given, any_recipe_for(given)
        except InwitError as error:
            self._add("task", str(error))
            return "stages", Recipe()

    def _fixed(self, recipe: RunRecipe, given: Mapping[str, Any]) -> RunRecipe:
        with suppress(InwitError):  # some values are allowed together only
            if not {"seed", "out"} & set(given):
                return recipe.but(**given)
        parts = _parts(recipe)
        for name in parts:  # which options there are depends on these
            if name in given and self._allowed(recipe, name, given[name], f"fixed.{name}"):
                recipe = recipe.but(**{name: given[name]})
        names = set(options_of(recipe)) - {"seed", "out"}
        self._known(given, names | set(parts), "fixed.")
        for name, value in given.items():
            if name in names - set(parts) and self._allowed(recipe, name, value, f"fixed.{name}"):
                recipe = recipe.but(**{name: value})
        return recipe

    def _allowed(self, recipe: RunRecipe, name: str, value: object, place: str) -> bool:
        try:
            recipe.but(**{name: value})
        except InvalidOption as error:
            self._add(place, str(error).removeprefix(f"{name}: ") + f" (it is {value!r})")
            return False
        return True

    def _search(
        self, recipe: RunRecipe, given: Mapping[str, Any], fixed: Mapping[str, Any]
    ) -> dict[str, Choices | Range]:
        recipe, *others = self._variants(recipe, given, fixed)
        known = {
            name: option
            for name, option in options_of(recipe).items()
            if name not in NOT_SEARCHED and all(name in options_of(other) for other in others)
        }
        self._known(given, set(known), "search.")
        found: dict[str, Choices | Range] = {}
        for name, what in given.items():
            if name in known:
                space = self._space(recipe, known[name], name, what)
                if space is not None:
                    found[name] = space
                if name in fixed:
                    self._add(f"search.{name}", "it is fixed, too: take it out of one of them")
        together = {name: values_of(found[name]) for name in TOGETHER if name in found}
        for values in product(*together.values()):
            try:
                recipe.but(**dict(zip(together, values, strict=True)))
            except InvalidOption as error:
                self._add(f"search.{[*together][-1]}", str(error))
                break
        return found

    def _variants(
        self, recipe: RunRecipe, given: Mapping[str, Any], fixed: Mapping[str, Any]
    ) -> list[RunRecipe]:
        """The recipe with every combination of the parts that are searched over."""
        variants = [recipe]
        for name in _parts(recipe):
            values = given.get(name)
            if not isinstance(values, list):
                continue
            allowed = [
                each for each in values if self._allowed(recipe, name, each, f"search.{name}")
            ]
            if allowed:
                pairs = product(variants, [{name: value} for value in allowed])
                variants = self._changed(pairs, f"search.{name}") or variants
        kept = _of_parts(fixed, given)
        lost = [name for name in kept if not all(name in options_of(each) for each in variants)]
        for name in lost:
            self._add(f"fixed.{name}", "not every choice of [search] has such an option")
        if lost or not kept:
            return variants
        return self._changed(product(variants, [kept]), f"fixed.{[*kept][-1]}") or variants

    def _changed(
        self, pairs: Iterable[tuple[RunRecipe, Mapping[str, Any]]], place: str
    ) -> list[RunRecipe]:
        """Each recipe with its changes; those that do not go together are a mistake."""
        changed = []
        for recipe, changes in pairs:
            try:
                changed.append(recipe.but(**changes))
            except InvalidOption as error:
                self._add(place, str(error))
        return changed

    def _space(
        self, recipe: RunRecipe, option: Option, name: str, what: Any
    ) -> Choices | Range | None:
        place = f"search.{name}"
        if isinstance(what, list) and what:
            right = name in (*_parts(recipe), *TOGETHER) or all(
                [self._allowed(recipe, name, value, place) for value in what]
            )
            return Choices(values=tuple(what)) if right else None
        if not isinstance(what, dict):
            self._add(place, f"{what!r}: give a list of choices, or {{low = .., high = ..}}")
        elif type(option.value) not in (int, float):
            self._add(place, "it is not a number: give a list of choices")
        else:
            kind = WholeRange if type(option.value) is int else Range
            ends = () if name in TOGETHER else ("low", "high")
            if not self._check(kind, what, place) and all(
                [self._allowed(recipe, name, what[end], f"{place}.{end}") for end in ends]
            ):
                return kind.model_validate(what)
        return None


def _of_parts(fixed: Mapping[str, Any], chosen: Collection[str]) -> dict[str, Any]:
    """What is fixed of the parts that are chosen by name."""
    return {name: value for name, value in fixed.items() if _part_of(name) in chosen}


def _part_of(name: str) -> str:
    part, dot, _ = name.rpartition(".")
    return part if dot else ""


def _parts(recipe: RunRecipe) -> list[str]:
    """Which of `PARTS` a recipe has."""
    return [name for name in PARTS if name in recipe.kinds]


def _said(kind: type[BaseModel], error: ErrorDetails) -> str:
    """An error of pydantic in words: what was given, what is allowed, the nearest choice."""
    given, place = error["input"], error["loc"]
    if error["type"] == "extra_forbidden":
        return _unknown(str(place[-1]), _names_at(kind, place))
    if error["type"] == "literal_error":
        allowed = re.findall(r"'([\w-]+)'", str(error["ctx"]["expected"]))
        return f"{given!r:.60}: it is {_one_of(str(given), allowed)}"
    message = in_words(error).replace("dictionary", "table")
    return message if isinstance(given, dict) else f"{given!r:.60}: {message}"


def _names_at(kind: type[BaseModel], place: tuple[int | str, ...]) -> list[str]:
    """The allowed keys at the place of an error."""
    for name in map(str, place[:-1]):
        inner = kind.model_fields[name].annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            kind = inner
    return sorted(kind.model_fields)


def _unknown(name: str, allowed: Iterable[str]) -> str:
    return "unknown: it is " + _one_of(name, allowed)


def _one_of(name: str, allowed: Iterable[str]) -> str:
    close = get_close_matches(name, sorted(allowed), n=1, cutoff=0.5)
    hint = f"; did you mean '{close[0]}'?" if close else ""
    return f"one of {', '.join(sorted(allowed))}{hint}"


def _flat(table: Mapping[str, object]) -> dict[str, object]:
    """A table in which `[search.learner] clip` has become `learner.clip`."""
    flat: dict[str, object] = {}
    for name, value in table.items():
        is_value = name == "arguments"  # those of an environment, all together
        if isinstance(value, dict) and not is_value and not set(value) & set(Range.model_fields):
            flat |= {f"{name}.{inner}": each for inner, each in value.items()}
        else:
            flat[name] = value
    return flat
