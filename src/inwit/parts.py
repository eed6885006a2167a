"""The typed parts of a run: frozen dataclasses whose fields are their options.

A task, a policy's architecture, a learner and a curriculum are each a `Part`. An option is checked
when its part is made, wherever it comes from: Python, the command line, a sweep or a run folder.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields, replace
from dataclasses import Field as Field_
from functools import cache
from math import isfinite
from numbers import Integral
from typing import Annotated, Any, ClassVar, TypeGuard, TypeVar, cast, get_type_hints

from pydantic import Field, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, to_jsonable_python

from inwit.errors import InvalidOption, UnknownName, explained, flag_of

LARGE = 1e38
"""About the largest number of single precision."""
Finite = Annotated[float, Field(ge=-LARGE, le=LARGE, allow_inf_nan=False)]
"""A number that single precision has."""
Positive = Annotated[float, Field(gt=0, le=LARGE, allow_inf_nan=False)]
"""One above 0."""
NonNegative = Annotated[float, Field(ge=0, le=LARGE, allow_inf_nan=False)]
"""One of at least 0."""
Share = Annotated[float, Field(ge=0, le=1)]
"""A number from 0 to 1."""
Count = Annotated[int, Field(ge=1, le=10**9)]
"""A whole number of at least 1."""
Size = Annotated[int, Field(ge=0, le=10**9)]
"""A whole number; 0 for none."""
NAME, NONE = re.compile(r"[A-Za-z][\w-]*"), "none"
"""Names that can be typed; the name for no part."""
TAKEN = ("type", "name", "noun", "fixed", "registered")
"""Names that a field cannot have; nor those of methods."""
BOUNDS = {
    "greater_than_equal": "at least {ge}",
    "greater_than": "above {gt}",
    "less_than_equal": "at most {le}",
    "less_than": "below {lt}",
}
"""How limits are said, by pydantic's name of the mistake."""


class Part:
    """Base class of the parts of a run."""

    name: str
    """Its name on the command line and in run folders."""
    noun: ClassVar[str] = ""
    """The kind of part and the prefix of its options: `learner.clip`."""
    fixed: ClassVar[frozenset[str]] = frozenset()
    """Fields that are not options."""
    registered: ClassVar[dict[str, type["Part"]]] = {}
    """Registered parts of this kind by name."""

    def __post_init__(self) -> None:
        """Check all options.

        Raises:
            InvalidOption: some are of the wrong type or out of range; all of them are listed.
        """
        values = {option: getattr(self, option) for option in self.options()}
        for option, value in checked(type(self), values).items():
            object.__setattr__(self, option, value)

    @classmethod
    def options(cls) -> tuple[str, ...]:
        """The names of its options."""
        return tuple(each.name for each in fields(cls) if each.name not in cls.fixed)  # type: ignore[arg-type]

    @classmethod
    def flag(cls, option: str) -> str:
        """The flag of an option."""
        return flag_of(f"{cls.noun}.{option}" if cls.noun else option)

    def check_name(self, kind: type["Part"]) -> None:
        """Check that a run folder leads back to this class, as a name stands for one alone.

        Args:
            kind: the base class of such parts.

        Raises:
            InvalidOption: another class is registered under its name, or none but `kind` can be.
        """
        if kind.registered is Part.registered and type(self) is not kind:
            says = f"{type(self).__name__}: a run folder has options of {kind.__name__} alone"
            raise InvalidOption(f"{says}, no {kind.noun} of your own")
        other = self.registered.get(self.name)
        if other is not None and not is_same(other, type(self)):
            raise InvalidOption(
                f"{type(self).__name__} has the name '{self.name}' of {other.__name__}: "
                "give it a name of its own"
            )

    def but(self: "Own", **changes: object) -> "Own":
        """A copy with some options changed.

        Raises:
            UnknownName: there is no such option.
            InvalidOption: a value is of the wrong type or out of range.
        """
        changed: Own = replace(self, **checked(type(self), changes))  # type: ignore[type-var]
        return changed

    def dump(self) -> dict[str, Any]:
        """Its name and options as plain JSON values."""
        plain = {option: getattr(self, option) for option in self.options()}
        return {"type": self.name, **plain_values(plain)}


def plain_values(value: object) -> Any:
    """As JSON has values and options take them: infinity is a text, `inf`."""
    plain = to_jsonable_python(value)
    if isinstance(plain, dict):
        return {name: plain_values(each) for name, each in plain.items()}
    if isinstance(plain, list):
        return list(map(plain_values, plain))
    return str(plain) if isinstance(plain, float) and not isfinite(plain) else plain


Own = TypeVar("Own", bound=Part)
Kind = TypeVar("Kind")


def register(kind: Kind) -> Kind:
    """Register your own part: a class decorator for tasks, architectures and learners.

    Its `name` then works on the command line, in recipes and in run folders.

    Raises:
        InvalidOption: the class is no frozen dataclass or no part, its name is missing, built in or
            none that can be typed, or a field cannot be an option.
    """
    part = part_class(kind)
    if part.registered is Part.registered:
        raise InvalidOption(f"{part.__name__}: there is no {part.noun} of one's own, options alone")
    known = part.registered.get(part.name)
    if known is not None and not is_same(known, part):
        built_in = known.__module__.startswith("inwit.")
        has = "is built in" if built_in else f"is registered already ({known.__name__})"
        raise InvalidOption(f"a {part.noun or 'task'} '{part.name}' {has}: choose another name")
    part.registered[part.name] = part
    return kind


def is_same(known: type, other: type) -> bool:
    """Whether a class is one that is registered, or a newer form of one of the user's own."""
    own = not known.__module__.startswith("inwit.")
    return known is other or (own and known.__qualname__ == other.__qualname__)


def part_class(given: object) -> type[Part]:
    """A class that can be a part of a run.

    Raises:
        InvalidOption: it is none, and why.
    """
    if not (isinstance(given, type) and issubclass(given, Part)):
        wanted = "give a class of a task, architecture, learner or curriculum"
        raise InvalidOption(f"{given!r:.60}: {wanted}")
    missing = missing_members(given) if hasattr(given, "__dataclass_fields__") else []
    if missing:
        raise InvalidOption(f"{given.__name__} has no {', no '.join(missing)}")
    made = vars(given).get("__dataclass_params__")  # not those of a parent
    if made is None or not made.frozen:
        how = "put @dataclass(frozen=True, kw_only=True) above it"
        raise InvalidOption(f"{given.__name__} must be a frozen dataclass: {how}")
    if not NAME.fullmatch(given.name) or (given.noun, given.name) == ("learner", NONE):
        wanted = "letters, digits, - and _ after a letter, and none is no learner"
        raise InvalidOption(f"{given.__name__}.name is {given.name!r:.60}: it must be {wanted}")
    try:
        hints(given)
    except Exception as error:  # a name that is imported for type checkers alone
        wanted = "a type of a field cannot be read at run time"
        raise InvalidOption(f"{given.__name__}: {wanted}: {explained(error)}") from error
    for each in fields(given):  # type: ignore[arg-type]
        if each.name not in given.fixed:
            _check_field(given, each)
    return given


def _check_field(kind: type[Part], given: "Field_[Any]") -> None:
    """A field that is an option has a name of its own, and a default that can be written."""
    place = f"{kind.__name__}.{given.name}"
    root = next(each for each in kind.__mro__ if "registered" in vars(each))
    if given.name in TAKEN or callable(getattr(root, given.name, None)):
        raise InvalidOption(f"{place}: every part has something of this name, choose another one")
    if not given.init:
        raise InvalidOption(f"{place}: an option can be set, so it cannot have init=False")
    if given.default is MISSING and given.default_factory is MISSING:
        raise InvalidOption(f"{place}: give it a default, as every option has one")
    made = given.default if given.default_factory is MISSING else given.default_factory()
    try:
        read = _adapter(cast(Any, kind), given.name).validate_python(made)
        if isinstance(read, frozenset):
            raise TypeError("a set has an order of its own in each process")
        hash(read)
        to_jsonable_python(read)
    except Exception as error:  # of many kinds
        wanted = "an option is a number, a text, a truth value, or a tuple of them"
        raise InvalidOption(f"{place}: {made!r:.40} cannot be one, {wanted}") from error


def missing_members(kind: object) -> list[str]:
    """Missing members of a part or of its class: a name, methods without a default."""
    name, methods = getattr(kind, "name", None), getattr(kind, "__abstractmethods__", ())
    named = isinstance(name, str) and name
    return [*([] if named else ['name = "..."']), *sorted(methods)]


def checked(kind: type[Part], values: Mapping[str, object]) -> dict[str, Any]:
    """Convert and check values of any origin as options of a part.

    Raises:
        UnknownName: there is no such option.
        InvalidOption: some are of the wrong type or out of range; all of them are listed.
    """
    right, mistakes, hashable = dict[str, Any](), list[str](), cast(Any, kind)
    for option, value in values.items():
        if option not in kind.options():
            label = kind.name if isinstance(getattr(kind, "name", None), str) else kind.__name__
            raise UnknownName(f"option of {kind.noun or 'task'} {label}", option, kind.options())
        try:
            read = _adapter(hashable, option).validate_python(value)
        except ValidationError as error:
            mistakes.append(f"{kind.flag(option)} {value!r:.60}: {_reason(error)}")
            continue
        if read != read or (isinstance(value, bool) and type(read) in (int, float)):
            mistakes.append(f"{kind.flag(option)} {value!r:.60}: it must be a number")
        right[option] = read
    if mistakes:
        raise InvalidOption("; ".join(mistakes))
    return right


def parts_in(values: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """A part's name and its options, from what `Part.dump` wrote.

    Raises:
        InvalidOption: it has no name.
    """
    if not isinstance(values.get("type") if isinstance(values, Mapping) else None, str):
        raise InvalidOption(f"{values!r:.60} is not a part: it has no type")
    return values["type"], {name: value for name, value in values.items() if name != "type"}


def read_part(base: type[Part], values: Mapping[str, Any]) -> Part:
    """Read a part that `Part.dump` wrote.

    Raises:
        UnknownName: there is no part of this name, or it has no such option.
        InvalidOption: an option is of the wrong type or out of range.
    """
    name, options = parts_in(values)
    if name not in base.registered:
        raise UnknownName(base.noun, name, base.registered)
    kind = base.registered[name]
    return kind(**checked(kind, options))


def hints(kind: type) -> Mapping[str, Any]:
    """The types of a class's fields, with their limits."""
    return _hints(cast(Any, kind))


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    return get_type_hints(kind, include_extras=True)


def mistakes_of(error: ValidationError) -> Iterator[str]:
    """A validation error in words."""
    return map(in_words, error.errors())


def in_words(error: ErrorDetails) -> str:
    """One mistake that pydantic found, as `it must be at least 1`."""
    if error["type"] in BOUNDS:
        return f"it must be {BOUNDS[error['type']].format(**error['ctx'])}"
    message = error["msg"].removeprefix("Value error, ").replace("Input should", "It must")
    return message[:1].lower() + message[1:]


def check_seed(seed: int) -> None:
    """Check a seed.

    Raises:
        InvalidOption: it is out of range.
    """
    if not is_whole(seed) or not 0 <= seed < 2**63:
        raise InvalidOption(f"--seed {seed!s:.60}: it must be from 0 to 2^63 - 1")


def check_count(noun: str, count: int) -> None:
    """Check how many problems or episodes are asked for.

    Raises:
        InvalidOption: it is not a whole number, less than 1, or above a billion.
    """
    if not is_count(count):
        raise InvalidOption(f"{count!r:.60} {noun}: give a whole number of at least 1")
    if count > 10**9:
        raise InvalidOption(f"{count} {noun}: give at most 1,000,000,000")


def is_count(value: object) -> TypeGuard[int]:
    """Whether a value is a whole number of at least 1."""
    return is_whole(value) and value >= 1


def is_whole(value: object) -> TypeGuard[int]:
    """Whether a value is a whole number of any type."""
    return isinstance(value, Integral) and not isinstance(value, bool)


def _reason(error: ValidationError) -> str:
    return ", ".join(dict.fromkeys(mistakes_of(error)))


@cache
def _adapter(kind: type, option: str) -> Any:
    return TypeAdapter(hints(kind)[option])
