"""Options of `--set`, as adapters read them."""

import json
from collections.abc import Collection, Mapping
from typing import Any

from inwit.errors import InvalidOption, UnknownName


def read(value: object) -> Any:
    """An option as written: JSON if it can be read as JSON, otherwise a text."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return value


def known(given: Mapping[str, Any], allowed: Collection[str]) -> None:
    """Refuse options that nobody reads.

    Raises:
        UnknownName: there is one.
    """
    for name in given:
        if name not in allowed:
            raise UnknownName("option of --set", name, allowed)


def numbers(given: Mapping[str, Any], name: str, count: int) -> list[float] | None:
    """A list of `count` numbers; None if the option is not given.

    Raises:
        InvalidOption: it is something else.
    """
    if name not in given:
        return None
    found = read(given[name])
    listed = isinstance(found, (list, tuple)) and len(found) == count
    if listed and all(type(each) in (int, float) for each in found):
        return [float(each) for each in found]
    example = [1.0, 0.5, *[0.5] * count][:count] if name == "weights" else [0, 1]
    raise InvalidOption(
        f"--set {name}={given[name]}: a list of {count} numbers such as {name}={example}"
    )


def stated_range(given: Mapping[str, Any]) -> dict[str, Any]:
    """`range=[low,high]`, as an adapter describes its target; empty if it is not given.

    Raises:
        InvalidOption: it is not a pair of numbers, the lower one first.
    """
    found = numbers(given, "range", 2)
    if found is None:
        return {}
    if found[0] >= found[1]:
        raise InvalidOption(f"--set range={given['range']}: the lower number comes first: [0, 1]")
    return {"range": found}
