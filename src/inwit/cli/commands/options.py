"""The options of `inwit train`, made from a recipe and its parts."""

from collections.abc import Sequence
from dataclasses import field, is_dataclass, make_dataclass
from difflib import get_close_matches
from functools import cache
from typing import Annotated, Any, cast, get_args

import docstring_parser
import tyro

from inwit.cli.commands.arguments import default_hint
from inwit.errors import InvalidOption, flag_of
from inwit.parts import NONE, hints
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
RESERVED = ("help", "agent")
"""Words that `inwit train` reads before any options."""
CHOICES = {
    "policy": "Network architecture.",
    "learner": "Learner, which computes the loss of an update.",
    "curriculum": "How training chooses levels.",
    "replay": "Solved episodes replayed in each gradient step; 0 for no replay.",
    "masks": "Which keys are legal is `given` by the machine, `learned`, or not told (`none`).",
}
WITHOUT_LEARNER = "With `none`, only replay learns."
"""What is added where there may be no learner."""


def options_class(recipe: RunRecipe, beside: type) -> type:
    """A dataclass for tyro: the recipe's options with its values as defaults.

    Args:
        recipe: decides which options exist.
        beside: a dataclass of options outside the recipe.
    """
    known = options_of(recipe)
    documented = documentation(cast(Any, type(recipe))) | CHOICES
    own = _group("own", [_field(known[name], documented) for name in FIRST if name in known])
    flat = tyro.conf.arg(name="", help="")
    taken = {*known} & {*RESERVED, *_names_in(beside)}
    taken |= {f"policy.{name}" for name in WITH_POLICY} & {*known}
    if taken:
        given = flag_of(min(taken))
        raise InvalidOption(f"{recipe.label}: {given} is taken, call the option something else")
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
        text = f"{kind.name}: {(type(kind).__doc__ or '').partition(chr(10))[0]}"
        markers = [tyro.conf.OmitArgPrefixes] if part == recipe.subject else []
        groups.append(
            (
                part,
                Annotated[group, tyro.conf.arg(help=text), *markers],
                field(default_factory=group),
            )
        )
    whole = make_dataclass("Options", groups, kw_only=True)
    whole.__doc__ = "Train an agent, score it and show some of its episodes."
    return whole


def _names_in(kind: type) -> set[str]:
    """The fields of a dataclass, and those of the dataclasses in it."""
    names = set[str]()
    for name, inner in hints(kind).items():
        (bare, *_) = get_args(inner) or (inner,)
        names |= _names_in(bare) if isinstance(bare, type) and is_dataclass(bare) else {name}
    return names


def check_owners(recipe: RunRecipe, arguments: Sequence[str]) -> None:
    """Refuse an option that a part does not have, and say which one has it, or what there is.

    Raises:
        InvalidOption: there is one.
    """
    known = options_of(recipe)
    for word in arguments:
        flag = word.partition("=")[0]
        name = flag.removeprefix("--").replace("-", "_")
        name = name if name in known else name.replace(".no_", ".")
        part, _, option = name.rpartition(".")
        kind = recipe.kinds.get(part or recipe.subject)
        if not word.startswith("--") or name in known or kind is None:
            continue
        owners = [each.name for each in kind.registered.values() if option in each.options()]
        chosen, noun = recipe.parts[part or recipe.subject], part or recipe.subject
        has = chosen.name if chosen else NONE
        says = f"{flag}: {noun if has == noun else f'{noun} {has}'} has no such option"
        if owners:
            raise InvalidOption(f"{says}, it is one of {' and '.join(owners)}")
        if part:
            its = [flag_of(each) for each in known if each.startswith(f"{part}.")]
            near = ["--replay"] if name == "replay.size" else get_close_matches(flag, its, 1)
            hint = f"did you mean {near[0]}?" if near else f"allowed: {', '.join(its) or NONE}"
            raise InvalidOption(f"{says}; {hint}")


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
    kind, text = option.kind, documented.get(option.field, "")
    if option.field == "learner" and NONE in get_args(kind):
        text += f" {WITHOUT_LEARNER}"
    kind = cast(Any, tyro.conf.EnumChoicesFromValues)[kind]
    described = tyro.conf.arg(
        help=text, help_behavior_hint=default_hint, prefix_name=False if bare else None
    )
    if option.value is None or kind == bool | None:  # left out, it stays open
        kind = cast(Any, tyro.conf.DisallowNone)[kind]
    return (option.field, Annotated[kind, described], field(default=option.value))


def _group(name: str, fields: list[Any]) -> type:
    return make_dataclass(name, fields, kw_only=True)
