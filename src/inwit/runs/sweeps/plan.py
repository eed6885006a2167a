"""The file of a sweep: what is searched, over how many trials; its mistakes, all at once."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from math import isfinite
from pathlib import Path
from typing import Literal

from inwit.errors import InvalidFile, InvalidOption, InwitError, UnknownName
from inwit.recipe import Option, Recipe, options_of
from inwit.recipes import RECIPES, recipe_for
from inwit.runs.seeds import read_seeds
from inwit.texts import read_text

LARGEST = 2**20
"""Bytes; a larger file is not read."""
OWN = ("seed", "out", "device", "data")
"""Options of a recipe that a sweep does not search."""
RANGE = ("low", "high", "step", "log")
PRUNING = ("kind", "startup", "warmup")

Value = str | int | float | bool


@dataclass(frozen=True, kw_only=True)
class Choices:
    """Some values of an option."""

    values: tuple[Value, ...]
    """What it may be."""


@dataclass(frozen=True, kw_only=True)
class Range:
    """A range of a number, both ends included."""

    low: float
    """The least."""
    high: float
    """The most."""
    step: float | None = None
    """The distance of neighbours, if there is one."""
    log: bool = False
    """Drawn evenly by its logarithm."""
    whole: bool = False
    """Whole numbers alone."""


@dataclass(frozen=True, kw_only=True)
class Pruning:
    """When a trial is ended early, by its accuracy in training at each tenth of a run."""

    kind: Literal["median", "halving", "none"] = "median"
    """Below the median of the others; not among the best quarter; never."""
    startup: int = 4
    """Trials before any is ended, for `median`."""
    warmup: int = 3
    """Tenths of its first run in which none is ended, for `median`."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a file of a sweep says."""

    task: str = "stages"
    """The name of a recipe, or a Python file with a task (its code is run)."""
    recipe: Recipe = field(default_factory=Recipe)
    """The options of all trials."""
    search: Mapping[str, Choices | Range] = field(default_factory=dict)
    """The options that trials differ in."""
    trials: int = 20
    """How many."""
    seeds: tuple[int, ...] = (0,)
    """The runs of a trial, one after another."""
    objective: Literal["accuracy", "cpu-seconds"] = "accuracy"
    """Held-out accuracy at the hardest level, or CPU seconds until every level is at `threshold`;
    means over the seeds."""
    threshold: float = 0.99
    """The held-out accuracy that the CPU seconds are counted to."""
    problems: int = 1000
    """Held-out problems of each level."""
    jobs: int | None = None
    """Trials at once; as many as there are usable cores if none is given."""
    seed: int = 0
    """Fixes what is tried."""
    pruning: Pruning = field(default_factory=Pruning)
    """When a trial is ended early."""


def read_plan(path: Path) -> Plan:
    """The plan in a TOML file.

    Raises:
        InvalidFile: something in it is wrong: all mistakes are told, each with its place.
        InvalidOption: it cannot be read.
    """
    text = read_text(path, InvalidOption, LARGEST)
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidFile(path, [f"no TOML: {error}"]) from error
    reader = _Reader(text)
    plan = reader.plan(given)
    if reader.mistakes:
        raise InvalidFile(path, reader.mistakes)
    return plan


class _Reader:
    """Reads on after a mistake."""

    def __init__(self, text: str) -> None:
        self.lines, self.mistakes = _lines(text), list[str]()

    def plan(self, given: Mapping[str, object]) -> Plan:
        tops = {"fixed", *(each.name for each in fields(Plan) if each.name != "recipe")}
        self._known(given, tops, "")
        values: dict[str, object] = {}
        for name in ("trials", "jobs", "problems"):
            if self._is(given, name, int, 1, 10**6, "a whole number of at least 1"):
                values[name] = given[name]
        if self._is(given, "seed", int, 0, 2**31, "a whole number from 0"):
            values["seed"] = given["seed"]
        if self._is(given, "threshold", (int, float), 0, 1, "a number from 0 to 1"):
            values["threshold"] = given["threshold"]
        if "objective" in given and self._one_of("objective", given["objective"], OBJECTIVES):
            values["objective"] = given["objective"]
        if "seeds" in given:
            values["seeds"] = self._seeds(given["seeds"])
        values["pruning"] = self._pruning(self._table(given, "pruning"))
        values["task"], recipe = self._task(given.get("task", "stages"))
        values["recipe"] = self._fixed(recipe, self._table(given, "fixed"))
        values["search"] = self._search(recipe, self._table(given, "search"), given)
        return Plan(**values)  # type: ignore[arg-type]

    def _wrong(self, place: str, what: str) -> None:
        line = self.lines.get(place)
        self.mistakes.append((f"line {line}: " if line else "") + f"{place}: {what}")

    def _known(self, given: Mapping[str, object], names: set[str], table: str) -> None:
        for name in given:
            if name not in names:
                close = get_close_matches(name, sorted(names), n=1, cutoff=0.5)
                hint = f"; did you mean '{close[0]}'?" if close else ""
                allowed = ", ".join(sorted(names))
                self._wrong(table + name, f"unknown: it is one of {allowed}{hint}")

    def _is(
        self,
        given: Mapping[str, object],
        name: str,
        kind: type | tuple[type, ...],
        low: float,
        high: float,
        allowed: str,
        table: str = "",
    ) -> bool:
        if name not in given:
            return False
        value = given[name]
        if isinstance(value, kind) and not isinstance(value, bool):
            assert isinstance(value, int | float)
            if low <= value <= high:
                return True
        self._wrong(table + name, f"{value!r}: {allowed} is due")
        return False

    def _one_of(self, place: str, value: object, allowed: tuple[str, ...]) -> bool:
        if value in allowed:
            return True
        close = get_close_matches(str(value), allowed, n=1, cutoff=0.5)
        hint = f"; did you mean '{close[0]}'?" if close else ""
        self._wrong(place, f"{value!r}: it is one of {', '.join(allowed)}{hint}")
        return False

    def _table(self, given: Mapping[str, object], name: str) -> Mapping[str, object]:
        table = given.get(name, {})
        if isinstance(table, dict):
            return _flat(table)
        self._wrong(name, f"{table!r}: a table, [{name}], is due")
        return {}

    def _seeds(self, given: object) -> tuple[int, ...]:
        text = ",".join(map(str, given)) if isinstance(given, list) else str(given)
        try:
            return read_seeds(text)
        except InvalidOption:
            self._wrong("seeds", f'{given!r}: seeds such as "0-2" or [0, 3, 5] are due')
            return ()

    def _pruning(self, given: Mapping[str, object]) -> Pruning:
        self._known(given, set(PRUNING), "pruning.")
        kept = {
            name: given[name]
            for name in ("startup", "warmup")
            if self._is(given, name, int, 0, 10**6, "a whole number from 0", "pruning.")
        }
        if "kind" in given and self._one_of("pruning.kind", given["kind"], KINDS):
            kept["kind"] = given["kind"]
        return Pruning(**kept)  # type: ignore[arg-type]

    def _task(self, given: object) -> tuple[str, Recipe]:
        try:
            if not isinstance(given, str):
                raise UnknownName("task", repr(given), [*RECIPES, "FILE.py"])
            return given, recipe_for(given)
        except InwitError as error:
            self._wrong("task", str(error))
            return "stages", Recipe()

    def _fixed(self, recipe: Recipe, given: Mapping[str, object]) -> Recipe:
        for name in CHOSEN:  # which options there are depends on these
            if name in given and self._allowed(recipe, name, given[name], f"fixed.{name}"):
                recipe = recipe.but(**{name: given[name]})
        names = set(options_of(recipe)) - {"seed", "out"}
        self._known(given, names | set(CHOSEN), "fixed.")
        for name, value in given.items():
            if name in names - set(CHOSEN) and self._allowed(recipe, name, value, f"fixed.{name}"):
                recipe = recipe.but(**{name: value})
        return recipe

    def _allowed(self, recipe: Recipe, name: str, value: object, place: str) -> bool:
        try:
            recipe.but(**{name: value})
        except InvalidOption as error:
            self._wrong(place, str(error).removeprefix(f"{name}: ") + f" (it is {value!r})")
            return False
        return True

    def _search(
        self, recipe: Recipe, given: Mapping[str, object], whole: Mapping[str, object]
    ) -> dict[str, Choices | Range]:
        recipe, *others = self._variants(recipe, given)
        known = {
            name: option
            for name, option in options_of(recipe).items()
            if name not in OWN and all(name in options_of(other) for other in others)
        }
        self._known(given, set(known), "search.")
        if not given and isinstance(whole.get("search", {}), dict):
            self._wrong("search", "nothing is searched: options with choices or ranges are due")
        found: dict[str, Choices | Range] = {}
        for name, what in given.items():
            if name in known:
                space = self._space(recipe, known[name], name, what)
                if space is not None:
                    found[name] = space
                if name in self._table(whole, "fixed"):
                    self._wrong(f"search.{name}", "it is fixed, too: take it out of one of them")
        return found

    def _variants(self, recipe: Recipe, given: Mapping[str, object]) -> list[Recipe]:
        """The recipe with every combination of the parts that are searched over."""
        variants = [recipe]
        for name in CHOSEN:
            values = given.get(name)
            if not isinstance(values, list):
                continue
            allowed = [
                each for each in values if self._allowed(recipe, name, each, f"search.{name}")
            ]
            if allowed:
                variants = [each.but(**{name: value}) for each in variants for value in allowed]
        return variants

    def _space(
        self, recipe: Recipe, option: Option, name: str, what: object
    ) -> Choices | Range | None:
        place = f"search.{name}"
        if isinstance(what, list) and what and name in CHOSEN:
            return Choices(values=tuple(what))
        if isinstance(what, list) and what:
            right = [self._allowed(recipe, name, value, place) for value in what]
            return Choices(values=tuple(what)) if all(right) else None
        if isinstance(what, dict) and {"low", "high"} <= set(what):
            return self._range(recipe, option, name, what)
        self._wrong(place, f"{what!r}: a list of choices, or {{low = .., high = ..}}, is due")
        return None

    def _range(
        self, recipe: Recipe, option: Option, name: str, what: Mapping[str, object]
    ) -> Range | None:
        place, before = f"search.{name}", len(self.mistakes)
        self._known(what, set(RANGE), f"{place}.")
        if type(option.value) not in (int, float):
            self._wrong(place, "it is no number: a list of choices is due")
            return None
        for end in ("low", "high"):
            self._allowed(recipe, name, what[end], f"{place}.{end}")
        low, high, step = what["low"], what["high"], what.get("step")
        log = what.get("log", False)
        if not isinstance(log, bool):
            self._wrong(f"{place}.log", f"{log!r}: true or false is due")
        if len(self.mistakes) > before:
            return None
        assert isinstance(low, int | float)
        assert isinstance(high, int | float)
        if low >= high:
            self._wrong(place, f"low {low} is not below high {high}")
        if log and low <= 0:
            self._wrong(place, f"low {low} has no logarithm: it must be above 0")
        whole = type(option.value) is int
        if step is not None and not (_positive(step, whole) and not log):
            reason = "none goes with log" if log else "a number above 0 is due"
            self._wrong(f"{place}.step", f"{step!r}: {reason}")
        if len(self.mistakes) > before:
            return None
        assert step is None or isinstance(step, int | float)
        return Range(low=low, high=high, step=step, log=bool(log), whole=whole)


CHOSEN = ("policy", "learner", "curriculum", "replay")
"""Options that decide which others there are."""
OBJECTIVES, KINDS = ("accuracy", "cpu-seconds"), ("median", "halving", "none")


def _flat(table: Mapping[str, object]) -> dict[str, object]:
    """A table in which `[search.learner] clip` has become `learner.clip`."""
    flat: dict[str, object] = {}
    for name, value in table.items():
        if isinstance(value, dict) and not set(value) & set(RANGE):
            flat |= {f"{name}.{inner}": each for inner, each in value.items()}
        else:
            flat[name] = value
    return flat


def _positive(step: object, whole: bool) -> bool:
    right = isinstance(step, int if whole else int | float) and not isinstance(step, bool)
    return right and isinstance(step, int | float) and isfinite(step) and step > 0


def _lines(text: str) -> dict[str, int]:
    """The line on which each key stands, by its name with that of its table."""
    table, places = "", dict[str, int]()
    for number, line in enumerate(text.splitlines(), 1):
        if heading := re.match(r"\s*\[\s*([\w.-]+)\s*\]", line):
            table = heading[1]
            places.setdefault(table, number)
        elif key := re.match(r"\s*\"?([\w.-]+)\"?\s*=", line):
            name = f"{table}.{key[1]}" if table else key[1]
            places.setdefault(name, number)
            for part in re.findall(r"[{,]\s*(\w+)\s*=", line):
                places.setdefault(f"{name}.{part}", number)
    return places
