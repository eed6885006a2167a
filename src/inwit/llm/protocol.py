"""The chat-completions protocol: what is asked, and how responses are read, errors among them.

Servers differ in nearly all that the protocol leaves open. `tests/ecosystem/replies.jsonl` and
`refusals.jsonl` hold the forms that are known, each with its source.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from inwit.llm.chats import Asked, Reply, asked, text_of
from inwit.llm.prompts import Message
from inwit.llm.written_calls import read_calls
from inwit.texts import to_json

UNREADABLE = (
    re.compile(r"error parsing tool call: (?:raw=')?(.*?)(?:', err=.*)?", re.S),  # Ollama
    re.compile(r"Failed to parse input at pos \d+: (.*)", re.S),  # llama.cpp
)
"""Errors of servers that could not read what the model said, which stands in them."""
RENAMED = {"max_tokens": "max_completion_tokens", "temperature": ""}
"""Options that some models refuse, and what they take instead; empty: nothing."""
OTHER, NAMED = re.compile(r"[^a-zA-Z0-9_-]"), 64
"""What servers refuse in the name of a call that is sent back, and its maximum characters."""
SENT_BACK = ("extra_content", "reasoning_content", "reasoning_details")
"""Thoughts and their signatures, which DeepSeek, Gemini and OpenRouter want to see again, in a call
or in a message with calls."""
SHOWN = 200
"""Maximum characters of a server's error."""


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """A response without a reply."""

    status: int
    """Its HTTP status; that of the error in it, where a response with status 200 has one."""
    reason: str = ""
    """What the server says."""
    option: str = ""
    """The option that the model does not take; empty if it is another reason."""


def request(
    chat: Sequence[Message], tools: Sequence[dict[str, object]], options: Mapping[str, object]
) -> bytes:
    """The body of a request."""
    messages = [{name: value for name, value in each.items() if name != "name"} for each in chat]
    asking = {"messages": messages, "tools": list(tools), "stream": False, **options}
    return to_json(asking).encode()


def response(status: int, body: bytes, place: int) -> Reply | Refusal:
    """The reply in a response, or why there is none.

    Args:
        status: the HTTP status.
        body: the body.
        place: the number of calls before, from which calls without an id get theirs.
    """
    try:
        content = _loaded(body)
    except RecursionError:
        if status < 400:  # only what a model wrote is nested so deeply
            return _unreadable("", place)
        content = None
    choice = _first(content)
    error = _error(choice) or _error(content) or _flat(content)
    if status >= 400 or error:
        return _refused(status, error, body, place)
    if not isinstance(message := choice.get("message"), Mapping):
        return Refusal(
            status=status, reason=f"its response is not a chat completion: {body[:80]!r}"
        )
    return replace(_reply(message, place), cut=choice.get("finish_reason") == "length")


def _loaded(body: bytes) -> object:
    """The JSON of a response, None if it is none.

    What a model wrote in it must not cost the rest: a byte that is no text becomes U+FFFD, and a
    whole number that is too long for Python becomes infinite, which no tool takes.

    Raises:
        RecursionError: it is nested too deeply.
    """
    text = body.decode(json.detect_encoding(body), "replace")
    try:
        content = json.loads(text, parse_int=_whole)
    except ValueError:
        return None
    return content[0] if isinstance(content, list) and content else content  # Google's errors


def _whole(digits: str) -> int | float:
    try:
        return int(digits)
    except ValueError:
        return float(digits)


def _first(content: object) -> Mapping[str, Any]:
    """The first choice."""
    choices = content.get("choices") if isinstance(content, Mapping) else None
    first = choices[0] if isinstance(choices, list) and choices else None
    return first if isinstance(first, Mapping) else {}


def _error(content: object) -> Mapping[str, Any]:
    """The error in a response or a choice."""
    error = content.get("error") if isinstance(content, Mapping) else None
    return error if isinstance(error, Mapping) else {"message": error} if error else {}


def _flat(content: object) -> Mapping[str, Any]:
    """A response that is an error itself, as of vLLM until 0.9, Mistral and FastAPI."""
    if not isinstance(content, Mapping) or "choices" in content:
        return {}
    text = content.get("message", content.get("detail"))
    return {**content, "message": text} if text else {}


def _refused(status: int, error: Mapping[str, Any], body: bytes, place: int) -> Reply | Refusal:
    code, text = error.get("code"), _text(error.get("message")) or body.decode("utf8", "replace")
    generated = error.get("failed_generation")  # Groq
    unread = [found[1] for each in UNREADABLE if (found := each.fullmatch(text))]
    if isinstance(generated, str) or unread:
        return _unreadable(generated if isinstance(generated, str) else unread[0], place)
    if status < 400:
        status = int(f"{code}") if re.fullmatch("[45][0-9][0-9]", f"{code}") else 502
    option = next(
        (name for name in RENAMED if status in (400, 422) and _names(error, text, name)), ""
    )
    more = error.get("metadata")
    if isinstance(more, Mapping) and isinstance(more.get("raw"), str):  # OpenRouter
        text = f"{text}: {more['raw']}"
    return Refusal(status=status, reason=" ".join(text.split())[:SHOWN], option=option)


def _text(message: object) -> str:
    """A message of an error, which may have a structure."""
    return message if isinstance(message, str) else to_json(message) if message else ""


def _names(error: Mapping[str, Any], text: str, option: str) -> bool:
    """The error says that the model does not take this option."""
    unsupported = str(error.get("code", "")).startswith("unsupported_") or "support" in text
    named = error.get("param") == option or (option in text and "support" in text)
    return (unsupported and named) or (
        bool(RENAMED[option]) and f"'{RENAMED[option]}' instead" in text
    )


def _unreadable(text: str, place: int) -> Reply:
    """What the model said and the server could not read: our reader tries, or it is a mistake."""
    mistake = Asked(name="", arguments={}, mistake="the server cannot read it", text=text[:200])
    return _made("", read_calls(text)[1] or (mistake,), place, {})


def _reply(message: Mapping[str, Any], place: int) -> Reply:
    """The text and calls of a message; what cannot be parsed is a mistake of the model."""
    listed = message.get("tool_calls")
    calls = listed if isinstance(listed, list) else []
    if not calls and isinstance(single := message.get("function_call"), Mapping):
        calls = [{"function": single}]  # as before calls had a list
    wanted = [_asked(call) for call in calls if isinstance(call, Mapping)]
    text, written = read_calls(text_of(message.get("content")))
    known = [_plainly(call) for call in wanted]
    wanted += [  # a parser may leave some of the calls in the text
        call for call in written if not known or not (call.mistake or _plainly(call) in known)
    ]
    return _made(text, tuple(wanted), place, _sent_back(message))


def _plainly(call: Asked) -> tuple[str, dict[str, str]]:
    """A call to compare with others: in tags, numbers are texts."""
    given = {
        name: each if isinstance(each, str) else to_json(each)
        for name, each in call.arguments.items()
    }
    return call.name, given


def _made(text: str, calls: tuple[Asked, ...], place: int, more: Message) -> Reply:
    """A reply; calls without an id of their own get one in the form that Mistral's servers want."""
    before = [call.identity for call in calls]
    calls = tuple(
        call
        if call.identity and call.identity not in before[:number]
        else replace(call, identity=f"call{place + number:05d}")
        for number, call in enumerate(calls)
    )
    back: Message = {"role": "assistant", "content": text}
    if calls:
        back |= {"tool_calls": list(map(_sent, calls)), **more}
    return Reply(text=text, calls=calls, message=back)


def _asked(call: Mapping[str, Any]) -> Asked:
    function = call.get("function", call)  # llama.cpp's first form had no function
    about = function if isinstance(function, Mapping) else {}
    made = asked(about.get("name"), about.get("arguments"), str(call.get("id") or ""))
    return replace(made, sent_back=_sent_back(call))


def _sent_back(given: Mapping[str, Any]) -> Message:
    return {name: given[name] for name in SENT_BACK if given.get(name) is not None}


def _sent(call: Asked) -> dict[str, object]:
    """A call in the form of the protocol."""
    name = OTHER.sub("_", call.name)[:NAMED] or "none"
    function = {"name": name, "arguments": to_json(call.arguments)}
    return {"id": call.identity, "type": "function", "function": function, **call.sent_back}
