"""Calls that a model wrote as text, where a server has no parser for them or its parser failed.

    Hermes, Qwen    <tool_call>{"name": "mul", "arguments": {"a": 3, "b": 7}}</tool_call>
    Qwen 3 Coder    <tool_call><function=mul><parameter=a>3</parameter>...</function></tool_call>
    Llama 3.1       <function=mul>{"a": 3, "b": 7}</function>
    Llama 3         {"name": "mul", "parameters": {...}}, alone or after <|python_tag|>
    Llama 3.2, 4    [mul(a=3, b=7)], alone or after <|python_start|>
    LFM 2           [mul(a=3, b=7)] after <|tool_call_start|>
    Mistral         [TOOL_CALLS] with [{"name": ..., "arguments": ...}], or with mul[ARGS]{...}

`tests/ecosystem/replies.jsonl` names a source for each. What stands between marks and cannot be
read is a mistake of the model; text without marks that is no call is an answer in words.
"""

import ast
import json
import re
import warnings
from collections.abc import Callable, Mapping
from typing import Any

from inwit.answers import after_thoughts
from inwit.llm.chats import Asked, asked, refuse_constant
from inwit.texts import to_json

MAX_CHARACTERS = 20_000
"""Calls in Python's form are read up to this length."""
FUNCTION = re.compile(r"<function=([\w.-]+)>?(.*?)(?:</function>|(?=<function=)|$)", re.S)
PARAMETER = re.compile(
    r"<parameter=([\w.-]+)>\n?(.*?)\n?(?:</parameter>|(?=<parameter=|</function>)|$)", re.S
)
NAMED = re.compile(r"([\w.-]+)(?:\[CALL_ID\]\w+)?(?:\[ARGS\])?\s*(\{.*)", re.S)
"""How Mistral's later models write a call."""
FENCE, LANGUAGE = "```", re.compile(r"\w*")
BETWEEN = re.compile(r"[\s;,]*")
"""What may stand between JSON values."""
DECODER = json.JSONDecoder(parse_constant=refuse_constant)


def read_calls(text: str) -> tuple[str, tuple[Asked, ...]]:
    """The text of a message without thoughts and calls, and the calls in it."""
    said = after_thoughts(text).strip()
    for marked, read in FORMS:
        found = marked.findall(said)
        if found:
            calls = [call for each in found for call in read(each.strip())]
            return marked.sub("", said).strip(), tuple(calls)
    calls = _alone(_unfenced(said).removesuffix("</tool_call>").strip())
    return ("" if calls else said), tuple(calls)


def _unfenced(text: str) -> str:
    """What a fence holds, without the name of its language; a text without one as it is."""
    if len(text) < 2 * len(FENCE) or not (text.startswith(FENCE) and text.endswith(FENCE)):
        return text
    return LANGUAGE.sub("", text[len(FENCE) : -len(FENCE)], count=1).strip()


def _hermes(body: str) -> list[Asked]:
    return _functions(body) if "<function=" in body else _objects(body)


def _functions(text: str) -> list[Asked]:
    """Functions in tags; their arguments are JSON, or a tag each."""
    calls = []
    for name, given in FUNCTION.findall(text):
        body = given.strip()
        tags = PARAMETER.findall(body)
        calls.append(asked(name, dict(tags) if tags or body.startswith("<") else body))
    return calls


def _mistral(body: str) -> list[Asked]:
    named = NAMED.fullmatch(body.strip())
    return [asked(named[1], named[2].strip())] if named else _objects(body)


def _python_tag(body: str) -> list[Asked]:
    return _listed(body) or _objects(body)


def _objects(text: str) -> list[Asked]:
    """The calls of a text that should hold JSON calls; one mistake where it does not."""
    try:
        return [_call(each, text) for each in _values(text)] or [_mistake("no JSON", text)]
    except (ValueError, RecursionError):
        return [_mistake("not JSON", text)]


def _alone(text: str) -> list[Asked]:
    """The calls of a text that holds nothing else; none if it holds anything else."""
    try:
        values = _values(text) if text[:1] in ("{", "[") else []
    except (ValueError, RecursionError):
        return _listed(text, bracket=True) or []
    named = [isinstance(each, Mapping) and bool({"name", "function"} & {*each}) for each in values]
    return [_call(each, text) for each in values] if all(named) else []


def _values(text: str) -> list[Any]:
    """JSON values, one after another; those of a list stand for themselves.

    Raises:
        ValueError: it is not JSON.
    """
    found: list[Any] = []
    place = _next(text, 0)
    while place < len(text):
        value, place = DECODER.raw_decode(text, place)
        found += value if isinstance(value, list) else [value]
        place = _next(text, place)
    return found


def _next(text: str, place: int) -> int:
    """Where the next value begins."""
    between = BETWEEN.match(text, place)
    return between.end() if between else place


def _call(value: Any, text: str) -> Asked:
    if not isinstance(value, Mapping):
        return _mistake("not a JSON object", text)
    function = value.get("function")
    inner = function if isinstance(function, Mapping) else value
    held = next((name for name in ("arguments", "parameters", "args") if name in inner), "")
    return asked(inner.get("name"), inner.get(held))


def _mistake(what: str, text: str) -> Asked:
    return Asked(name="", arguments={}, mistake=f"the call is {what}", text=text[:200])


def _python(body: str) -> list[Asked]:
    return _listed(body) or [_mistake("not in Python's form", body)]


def _listed(text: str, *, bracket: bool = False) -> list[Asked] | None:
    """The calls of a list of calls in Python; None if it is none. Nothing is evaluated."""
    if len(text) > MAX_CHARACTERS or (bracket and text[:1] != "["):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # for example an escape that Python will not know
            tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None
    calls = tree.elts if isinstance(tree, ast.List) else [tree]
    made = [_made(each, text.strip()) for each in calls if isinstance(each, ast.Call)]
    return made if made and len(made) == len(calls) else None


def _made(call: ast.Call, text: str) -> Asked:
    """A call whose arguments are named constants."""
    try:
        given = {each.arg or "": ast.literal_eval(_in_python(each.value)) for each in call.keywords}
        if isinstance(call.func, ast.Name) and not call.args and "" not in given:
            return asked(call.func.id, json.loads(to_json(given)))
    except (TypeError, ValueError, RecursionError, MemoryError):
        pass
    return _mistake("not one with named constants", ast.get_source_segment(text, call) or text)


def _in_python(value: ast.expr) -> ast.expr:
    """A constant of JSON as one of Python."""
    constants = {"true": True, "false": False, "null": None}
    if isinstance(value, ast.Name) and value.id in constants:
        return ast.Constant(constants[value.id])
    return value


FORMS: tuple[tuple["re.Pattern[str]", Callable[[str], list[Asked]]], ...] = (
    (re.compile(r"<tool_call>(.*?)(?:</tool_call>|$)", re.S), _hermes),
    (re.compile(r"(<function=.*?(?:</function>|$))(?:\s*</tool_call>)?", re.S), _functions),
    (re.compile(r"\[TOOL_CALLS\](.*?)(?=\[TOOL_CALLS\]|$)", re.S), _mistral),
    (re.compile(r"<\|python_tag\|>(.*)", re.S), _python_tag),
    (
        re.compile(
            r"<\|(?:python|tool_call)_start\|>(.*?)(?:<\|(?:python|tool_call)_end\|>|$)", re.S
        ),
        _python,
    ),
)
"""The marks of calls, and how what they hold is read."""
