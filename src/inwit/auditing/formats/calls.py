"""Calling other people's functions: the arguments that they take, and some to try."""

import asyncio
import inspect
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any, get_type_hints

from inwit.errors import UnknownName

WORDS = ("", "banana", "a", "1", "yes", "north", "x" * 2000)
NUMBERS = (0, 1, -1, 2, 3, 5, 10**9)
GUESSES: Mapping[object, Sequence[object]] = {
    int: NUMBERS,
    float: (*NUMBERS, 0.5),
    bool: (True, False),
    list: ([], ["a"], [1, 2]),
    dict: ({}, {"a": 1}),
}
"""Arguments by the type that a function states; a word for any other."""


def takes_all(function: Callable[..., Any]) -> bool:
    """Whether it takes arguments of any name."""
    known = inspect.signature(function).parameters.values()
    return any(each.kind is each.VAR_KEYWORD for each in known)


def known_arguments(
    kind: Callable[..., Any], given: Mapping[str, Any], owner: str, also: Sequence[str] = ()
) -> None:
    """Refuse options that a class does not take.

    Args:
        kind: the class.
        given: the options.
        owner: what they are for, for messages.
        also: options that are taken besides.

    Raises:
        UnknownName: there is one.
    """
    try:
        known = [*inspect.signature(kind).parameters, *also]
    except (TypeError, ValueError):
        return
    for name in given:
        if name not in known and not takes_all(kind):
            raise UnknownName(f"option of {owner}", name, known or ["(it takes none)"])


def accepted(function: Callable[..., Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments that a function takes."""
    known = inspect.signature(function).parameters
    return {name: value for name, value in given.items() if takes_all(function) or name in known}


def parameters(function: Callable[..., Any]) -> dict[str, object]:
    """The arguments that must be given, and their types."""
    hints = get_type_hints(function)
    needed = inspect.signature(function).parameters.values()
    named = [
        each for each in needed if each.kind in (each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY)
    ]
    return {each.name: hints.get(each.name, str) for each in named if each.default is each.empty}


def guessed(
    hints: Mapping[str, object], words: Sequence[object], draw: random.Random
) -> dict[str, object]:
    """An argument of the stated type for each name."""
    return {name: draw.choice(list(GUESSES.get(hint, words))) for name, hint in hints.items()}


def awaited(value: Any) -> Any:
    """What a function returned; a coroutine is run first."""
    return asyncio.run(value) if inspect.iscoroutine(value) else value
