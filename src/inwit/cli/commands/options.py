"""The options of `inwit train`, made from a recipe and its parts."""

from collections.abc import Sequence
from dataclasses import field, fields, make_dataclass
from functools import cache
from typing import Annotated, Any, cast

import docstring_parser
import tyro

from inwit.errors import InvalidOption
from inwit.parts import NONE
from inwit.recipe import Option, RunRecipe, differing, options_of

FIRST = (
    "seed",
    "updates",
    "batch",
    "window",
    "policy",
    "learner",
    "curriculum",
    "replay",
    "search",
    "search_by",
    "epsilon",
    "early_stopping",
    "masks",
    "normalise_observations",
    "normalise_rewards",
    "processes",
    "device",
    "compile",
    "out",
)
"""The recipe's own options in help order; those of the parts follow."""
WITH_POLICY = ("race",)
"""Those that stand beside the options of the policy."""
STATES = ("True", "False", "None")
"""Values of a switch that may stay open."""
CHOICES = {
    "policy": "The network.",
    "learner": "The loss of an update; with `none`, only replay learns.",
    "curriculum": "The choice of levels.",
    "replay": "Solved episodes replayed in each gradient step; 0 for none.",
}


def options_class(recipe: RunRecipe, beside: type) -> type:
    """A dataclass for tyro: the recipe's options with its values as defaults.

    Args:
        recipe: decides which options exist.
        beside: a dataclass of options outside the recipe.
    """
    known = options_of(recipe)
    documented = documentation(cast(Any, type(recipe))) | CHOICES
    own = _group("own", [_field(known[name], documented) for name in FIRST if name in known])
    flat = tyro.conf.arg(name="")
    taken = {each.name for each in fields(beside)} & {*known}
    if taken:
        raise InvalidOption(
            f"{recipe.label}: --{min(taken)} is taken, call the option something else"
        )
    groups: list[Any] = [
        ("own", Annotated[own, flat], field(default_factory=own)),
        ("beside", Annotated[beside, flat], field(default_factory=beside)),
    ]
    for part, kind in recipe.parts.items():
        options = [each for each in known.values() if each.part == part]
        if kind is None or not options:
            continue
        documented = documentation(cast(Any, type(kind)))
        shown = [_field(each, documented) for each in options]
        if part == "policy":
            beside_it = [known[name] for name in WITH_POLICY if name in known]
            shown += [
                _field(each, documentation(cast(Any, type(recipe))), bare=True)
                for each in beside_it
            ]
        group = _group(part, shown)
        group.__doc__ = f"{kind.name}: {(type(kind).__doc__ or '').partition(chr(10))[0]}"
        markers = [tyro.conf.OmitArgPrefixes] if part == recipe.subject else []
        groups.append(
            (part, Annotated[group, tyro.conf.arg(), *markers], field(default_factory=group))
        )
    whole = make_dataclass("Options", groups, kw_only=True)
    whole.__doc__ = "Train an agent, score it and show some of its episodes."
    return whole


def check_owners(recipe: RunRecipe, arguments: Sequence[str]) -> None:
    """Refuse an option that only another part has, and say which.

    Raises:
        InvalidOption: there is one.
    """
    known = options_of(recipe)
    for word in arguments:
        flag = word.partition("=")[0]
        name = flag.removeprefix("--").replace("-", "_")
        part, _, option = name.rpartition(".")
        kind = recipe.kinds.get(part or recipe.subject)
        if not word.startswith("--") or name in known or kind is None:
            continue
        owners = [each.name for each in kind.registered.values() if option in each.options()]
        if owners:
            chosen = recipe.parts[part or recipe.subject]
            noun, has = part or recipe.subject, chosen.name if chosen else NONE
            raise InvalidOption(
                f"{flag}: {noun} {has} has no such option, it is one of {' and '.join(owners)}"
            )


def with_values(recipe: RunRecipe, arguments: Sequence[str]) -> list[str]:
    """Arguments in which switches that may stay open, such as `--no-once`, have values."""
    known, found = options_of(recipe), list[str]()
    open_switches = {
        name.replace("_", "-") for name, each in known.items() if each.kind == bool | None
    }
    for place, word in enumerate(arguments):
        after = arguments[place + 1] if place + 1 < len(arguments) else ""
        name, equals, given = word.removeprefix("--").partition("=")
        if name in open_switches and (equals or after not in STATES):
            found += [f"--{name}", given if equals else "True"]
        elif name.removeprefix("no-") in open_switches and name.startswith("no-"):
            found += [f"--{name.removeprefix('no-')}", "False"]
        else:
            found.append(word)
    return found


def chosen(recipe: RunRecipe, parsed: Any) -> dict[str, object]:
    """The options whose values differ from the recipe's, by name."""
    known = options_of(recipe)
    groups = {
        name: "policy" if name in WITH_POLICY else known[name].part or "own" for name in known
    }
    given = {name: getattr(getattr(parsed, groups[name]), known[name].field) for name in known}
    return differing(known, given)


@cache
def documentation(kind: type) -> dict[str, str]:
    """The docstrings under the fields of a class and of its bases."""
    docstrings: dict[str, str] = {}
    for base in reversed(kind.__mro__[:-1]):
        try:
            parsed = docstring_parser.parse_from_object(base)
        except (OSError, TypeError, SyntaxError):  # a class defined interactively has no source
            continue
        docstrings |= {
            each.arg_name: " ".join((each.description or "").split()) for each in parsed.params
        }
    return docstrings


def _field(option: Option, documented: dict[str, str], *, bare: bool = False) -> Any:
    kind: Any = option.kind
    described = tyro.conf.arg(
        help=documented.get(option.field, ""), prefix_name=False if bare else None
    )
    return (option.field, Annotated[kind, described], field(default=option.value))


def _group(name: str, fields: list[Any]) -> type:
    return make_dataclass(name, fields, kw_only=True)
