"""The functions of a language model: parameters, JSON schema, and results."""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import reduce
from numbers import Integral
from operator import or_
from typing import Annotated, Any, Literal, get_args, get_origin

import torch
from docstring_parser import parse
from pydantic import Field, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from inwit.llm.values import Fault
from inwit.tools import FAULT, Rows, Tool, error_text, is_number, to_float
from inwit.tools.functions import EachRow
from inwit.tools.numbers import converter, plain
from inwit.tools.signatures import MISSING, Argument, members

DESCRIPTIONS = {float: "A number.", int: "A whole number.", bool: "True or false.", str: "A text."}


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One parameter of a function."""

    name: str
    """Its name."""
    kind: Any
    """The type of the tool's parameter."""
    summary: str = ""
    """What it is."""
    default: Any = MISSING
    """Its default, if it has one."""

    @property
    def annotation(self) -> Any:
        """The type in JSON."""
        return in_json(self.kind)

    @property
    def description(self) -> str:
        """Its summary, or a description of its type."""
        held, name = self.annotation, inspect.formatannotation(self.kind)
        if self.summary:
            return self.summary
        if get_origin(held) is Literal:
            return f"One of {', '.join(map(str, get_args(held)))}."
        if held is str and self.kind is not str:
            return f"A {name.rpartition('.')[2]}, as text."
        return DESCRIPTIONS.get(held, f"A value of type {name}.")


@dataclass(frozen=True, kw_only=True)
class Function:
    """A function that a language model can call."""

    name: str
    """Its name, in lower case."""
    summary: str
    """What it does."""
    parameters: tuple[Parameter, ...]
    """Its parameters; optional ones come last."""
    result: Any = str
    """The type of its result."""
    tool: Tool | None = None
    """The tool behind it; none for the memory and the answer."""

    @property
    def kinds(self) -> list[Any]:
        """The types of its parameters and of its result."""
        return [*(parameter.kind for parameter in self.parameters), self.result]

    @property
    def docstring(self) -> str:
        """Summary and parameters, as a docstring in Google's style."""
        if not self.parameters:
            return self.summary
        rows = "\n".join(f"    {each.name}: {each.description}" for each in self.parameters)
        return f"{self.summary}\n\nArgs:\n{rows}"

    @property
    def signature(self) -> inspect.Signature:
        """Its Python signature."""
        parameters = [
            inspect.Parameter(
                each.name,
                inspect.Parameter.POSITIONAL_OR_KEYWORD,
                annotation=each.annotation,
                default=inspect.Parameter.empty if each.default is MISSING else each.default,
            )
            for each in self.parameters
        ]
        return inspect.Signature(parameters, return_annotation=in_json(self.result))

    @property
    def schema(self) -> dict[str, object]:
        """The function in the JSON schema of chat protocols, as pydantic writes it."""

        def described() -> None: ...

        texts = {each.name: each.description for each in self.parameters}
        kinds = [
            each.replace(annotation=Annotated[each.annotation, Field(description=texts[each.name])])
            for each in self.signature.parameters.values()
        ]
        described.__signature__ = inspect.Signature(kinds)  # type: ignore[attr-defined]
        described.__annotations__ = {each.name: each.annotation for each in kinds}
        schema_of: Any = described
        parameters = TypeAdapter(schema_of).json_schema(schema_generator=_Schema)
        about = {"name": self.name, "description": self.summary, "parameters": parameters}
        return {"type": "function", "function": about}

    def run(self, given: Mapping[str, object]) -> object:
        """The result of the tool: a float, or an object.

        Args:
            given: values by the names of parameters.

        Raises:
            Fault: the call failed; the message says why.
        """
        assert self.tool is not None
        rows = self.tool.function
        try:
            if isinstance(rows, EachRow):
                return rows.apply(given)
            row = [to_float(given.get(each.name, each.default)) for each in self.parameters]
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            raise Fault(error_text(error)) from error
        result = float(self.tool.call(torch.tensor([row], dtype=torch.double))[0])
        if result == FAULT:
            raise Fault(self.tool.explain(row).partition(": ")[2])
        return result


def function_of(tool: Tool) -> Function:
    """The tool as a language model sees it."""
    rows, about = tool.function, None
    arguments = tuple(
        Argument(name=chr(ord("a") + place), kind=float) for place in range(tool.arity)
    )
    if isinstance(rows, Rows):
        about = parse(rows.signature.doc)
        rowwise = isinstance(rows, EachRow)
        arguments = tuple(each for each in rows.signature.arguments if rowwise or not each.keyword)
    summaries = {each.arg_name: each.description or "" for each in about.params} if about else {}
    return Function(
        name=tool.name.lower(),
        summary=tool.summary or f"{tool.name.lower()} of its arguments.",
        parameters=tuple(
            Parameter(
                name=each.name,
                kind=each.kind,
                summary=summaries.get(each.name, ""),
                default=_default(each.default),
            )
            for each in arguments
        ),
        result=rows.signature.result if isinstance(rows, Rows) else float,
        tool=tool,
    )


def numeric(kind: Any) -> bool:
    """All values of this type are numbers in JSON."""
    kinds = [type(each) for part in members(in_json(kind)) for each in get_args(part)]
    plain = [each for each in members(in_json(kind)) if not get_args(each)]
    return {*kinds, *plain} <= {int, float, bool}


def in_json(kind: Any) -> Any:
    """The JSON type for a Python type; text where JSON has none."""
    kinds = tuple(dict.fromkeys(map(_in_json, members(kind))))
    return reduce(or_, kinds)


def _in_json(kind: Any) -> Any:
    if get_origin(kind) is Literal:
        return kind if all(isinstance(each, (int, str)) for each in get_args(kind)) else str
    if not isinstance(kind, type):
        return str
    if kind is type(None):
        return kind
    if issubclass(kind, Enum):
        values = tuple(each.value for each in kind)
        return Literal[values] if all(isinstance(each, (int, str)) for each in values) else str
    if kind is bool or converter(kind) is None:
        return kind if kind is bool else str
    return int if issubclass(kind, Integral) else float


def _default(value: object) -> object:
    """A default in JSON, if JSON can express it."""
    if value is MISSING:
        return value
    value = value.value if isinstance(value, Enum) else value
    number = is_number(value) and not isinstance(value, bool)
    return plain(to_float(value)) if number else value


class _Schema(GenerateJsonSchema):
    """The schema in the form of chat protocols: no titles, in the order of definition."""

    ignored_warning_kinds = {"skipped-choice", "non-serializable-default"}  # noqa: RUF012

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def sort(self, value: Any, parent_key: str | None = None) -> Any:
        return value

    def kw_arguments_schema(self, arguments: Any, var_kwargs_schema: Any) -> dict[str, Any]:
        made = super().kw_arguments_schema(arguments, var_kwargs_schema)
        made.pop("additionalProperties", None)
        return made
