"""The options of `inwit train`: made from a recipe, so that each part brings its own."""

from dataclasses import field, make_dataclass
from functools import cache
from typing import Annotated, Any, cast

import docstring_parser
import tyro

from inwit.recipe import Option, Recipe, options_of

FIRST = (
    "seed",
    "updates",
    "batch",
    "policy",
    "learner",
    "curriculum",
    "replay",
    "search",
    "epsilon",
    "masks",
    "device",
    "compile",
    "out",
)
"""The recipe's own options in the order of the help; the parts' come after them."""
CHOICES = {
    "policy": "Which network.",
    "learner": "How episodes become a loss; `none` leaves it to the replay.",
    "curriculum": "How levels are chosen.",
    "replay": "Solved episodes that are learnt from again in each gradient step; 0 for none.",
}


def options_class(recipe: Recipe, beside: type) -> type:
    """A dataclass that tyro reads: the recipe's options with its values as defaults.

    Args:
        recipe: what decides which options there are.
        beside: a dataclass of options that are no part of the recipe.
    """
    known = options_of(recipe)
    documented = documentation(Recipe) | CHOICES
    own = _group("own", [_field(known[name], documented) for name in FIRST])
    flat = tyro.conf.arg(name="")
    groups: list[Any] = [
        ("own", Annotated[own, flat], field(default_factory=own)),
        ("beside", Annotated[beside, flat], field(default_factory=beside)),
    ]
    for part, kind in recipe.parts.items():
        options = [each for each in known.values() if each.part == part]
        if kind is None or not options:
            continue
        documented = documentation(cast(Any, type(kind)))
        group = _group(part, [_field(each, documented) for each in options])
        group.__doc__ = f"{kind.name}: {(type(kind).__doc__ or '').partition(chr(10))[0]}"
        markers = [tyro.conf.OmitArgPrefixes] if part == "task" else []
        groups.append(
            (part, Annotated[group, tyro.conf.arg(), *markers], field(default_factory=group))
        )
    whole = make_dataclass("Options", groups, kw_only=True)
    whole.__doc__ = "Train an agent, then score it and show some of its episodes."
    return whole


def chosen(recipe: Recipe, parsed: Any) -> dict[str, object]:
    """The options that were given another value than the recipe's, by name."""
    changes: dict[str, object] = {}
    for name, option in options_of(recipe).items():
        group = getattr(parsed, option.part or "own")
        value = getattr(group, option.field)
        if value != option.value:
            changes[name] = value
    return changes


@cache
def documentation(kind: type) -> dict[str, str]:
    """What the docstrings under the fields of a class say, those of its bases included."""
    told: dict[str, str] = {}
    for base in reversed(kind.__mro__[:-1]):
        try:
            parsed = docstring_parser.parse_from_object(base)
        except (OSError, TypeError, SyntaxError):  # a class that was typed in has no source
            continue
        told |= {
            each.arg_name: " ".join((each.description or "").split()) for each in parsed.params
        }
    return told


def _field(option: Option, documented: dict[str, str]) -> Any:
    kind: Any = option.kind
    told = tyro.conf.arg(help=documented.get(option.field, ""))
    return (option.field, Annotated[kind, told], field(default=option.value))


def _group(name: str, fields: list[Any]) -> type:
    return make_dataclass(name, fields, kw_only=True)
