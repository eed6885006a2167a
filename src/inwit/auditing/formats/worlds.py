"""What adapters of interactive environments share: ranges of seeds, arguments from a schema."""

import itertools
import random
from collections.abc import Mapping, Sequence
from typing import Any

from inwit.errors import InvalidOption

RANGES = ("train_seeds", "held_out_seeds")
WORDS = ("", "a", "0", "banana")
MOST = 24


def ranges(given: Mapping[str, Any]) -> dict[str, list[int]]:
    """Ranges of seeds: `--set train_seeds=0:1000 --set held_out_seeds=1000:1100`.

    Raises:
        InvalidOption: a range is no `FIRST:END`, or only one is given.
    """
    found = {}
    for name in RANGES:
        if name in given:
            found[name] = seeds(name, given[name])
    if len(found) == 1:
        other = next(name for name in RANGES if name not in found)
        raise InvalidOption(f"{next(iter(found))} is given and {other} is not: both, or none")
    return found


def seeds(name: str, value: object) -> list[int]:
    """The first seed of a range, and the one behind its last.

    Raises:
        InvalidOption: it is no `FIRST:END`.
    """
    first, colon, end = str(value).partition(":")
    if not (colon and first.isdecimal() and end.isdecimal() and int(first) < int(end)):
        raise InvalidOption(f"{name}={value}: seeds must be FIRST:END, such as 0:1000")
    return [int(first), int(end)]


def rest(given: Mapping[str, Any]) -> dict[str, Any]:
    """The options that are not ranges of seeds: those of the environment."""
    return {name: value for name, value in given.items() if name not in RANGES}


def values(schema: Mapping[str, Any]) -> list[Any]:
    """Some values of a JSON schema: all of a closed list, a few of others."""
    if "const" in schema:
        return [schema["const"]]
    if "enum" in schema:
        return list(schema["enum"])
    for name in ("anyOf", "oneOf"):
        if name in schema:
            return [value for each in schema[name] for value in values(each)]
    kind = schema.get("type")
    if kind in ("integer", "number"):
        low, high = schema.get("minimum", 0), schema.get("maximum", 4)
        return [*range(int(low), min(int(high), int(low) + 9) + 1)]
    simple: dict[str, list[Any]] = {"boolean": [False, True], "null": [None], "array": [[]]}
    simple["object"] = [{}]
    return simple.get(str(kind), list(WORDS))


def records(schema: Mapping[str, Any], skipped: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Some objects of a JSON schema, at most 24: required fields, and those without a default."""
    definitions = schema.get("$defs", {})
    fields = {}
    for name, field in schema.get("properties", {}).items():
        place = str(field.get("$ref", "")).rpartition("/")[2]
        needed = name in schema.get("required", ()) or "default" not in field
        if name not in skipped and needed:
            fields[name] = values(definitions.get(place, field))
    made = [
        dict(zip(fields, each, strict=True))
        for each in itertools.islice(itertools.product(*fields.values()), 10 * MOST)
    ]
    return made if len(made) <= MOST else random.Random(0).sample(made, MOST)
