"""Chat models, and how their calls are parsed: from a chat protocol, or from text."""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from inwit.llm.prompts import Message

NESTED = 200
"""Maximum nesting of brackets in arguments."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A call that a model asks for."""

    name: str
    """The function; empty if it cannot be parsed."""
    arguments: Mapping[str, Any]
    """What with."""
    mistake: str = ""
    """Why it cannot be parsed; empty if it can."""
    text: str = ""
    """The raw text, if it cannot be parsed."""
    identity: str = ""
    """The protocol's id of the call."""
    sent_back: Mapping[str, Any] = field(default_factory=dict)
    """What the server wants to see with the call again, as it sent it."""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One message of a model."""

    text: str
    """Its text."""
    calls: tuple[Asked, ...] = ()
    """Its calls."""
    message: Message
    """The message in the form of the protocol."""
    cut: bool = False
    """It ended at the limit of tokens."""


class ChatModel(ABC):
    """A model that answers chats."""

    name: str
    """Its name in tables."""
    remark: str = ""
    """What the tables do not say of its replies."""
    tokens: int
    """Maximum tokens of a reply."""
    at_once: int | None = None
    """Chats that are best played to their end before others begin; None: all together."""

    @abstractmethod
    def reply(
        self, chats: Sequence[Sequence[Message]], tools: Sequence[dict[str, object]]
    ) -> list[Reply]:
        """One message for each chat.

        Args:
            chats: messages in the form of chat protocols; results of calls have the role `tool`.
            tools: the schemas of the functions.
        """


def text_of(content: object) -> str:
    """The text of a message: as it is, or its text parts joined."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    said = [part for part in parts if not isinstance(part, Mapping) or _is_text(part)]
    found = [part.get("text") if isinstance(part, Mapping) else part for part in said]
    return "".join(each for each in found if isinstance(each, str))


def _is_text(part: Mapping[str, Any]) -> bool:
    """A part of the answer, not of the thoughts."""
    return part.get("type", "text") in ("text", "output_text")


def asked(name: object, arguments: object, identity: str = "") -> Asked:
    """A call of a chat protocol; its arguments may be JSON or an object.

    Nothing, an empty text and `null` mean no arguments, as servers send for functions without any.
    """
    called = str(name or "").partition("<|")[0].strip()[:60]  # a mark of the model's own form
    try:
        given = arguments if arguments is None or arguments == [] else _loaded(arguments)
    except (ValueError, RecursionError):
        given = False
    given = {} if given is None or given == [] else given
    if isinstance(given, Mapping) and called and _shallow(given):
        return Asked(name=called, arguments=given, identity=identity)
    mistake = "the arguments are not a JSON object" if called else "the call has no name"
    text = f"{arguments}"[:200]
    return Asked(name=called, arguments={}, mistake=mistake, text=text, identity=identity)


def _loaded(arguments: object) -> object:
    """Parse JSON, also JSON inside a JSON text; NaN and Infinity are refused.

    Raises:
        ValueError: it is not JSON.
    """
    for _ in range(2):
        if isinstance(arguments, str):
            arguments = _json(arguments) if arguments.strip() else None
    return arguments


def _json(text: str) -> object:
    return json.loads(text, parse_constant=refuse_constant)


def refuse_constant(constant: str) -> object:
    """Refuse NaN and Infinity, which Python's JSON reads.

    Raises:
        ValueError: always.
    """
    raise ValueError(f"{constant} is not JSON")


def _shallow(given: object, depth: int = 0) -> bool:
    if depth > NESTED:
        return False
    if isinstance(given, Mapping):
        return all(_shallow(each, depth + 1) for each in given.values())
    if isinstance(given, list):
        return all(_shallow(each, depth + 1) for each in given)
    return True
