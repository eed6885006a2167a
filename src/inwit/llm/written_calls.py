"""Calls that a model wrote as text, where a server has no parser for them or its parser failed.

    Hermes, Qwen    <tool_call>{"name": "mul", "arguments": {"a": 3, "b": 7}}</tool_call>
    others          the same JSON, or a list of it, between marks of their own (`MARKED`)
    Qwen 3 Coder    <tool_call><function=mul><parameter=a>3</parameter>...</function></tool_call>
    GLM 4.5         <tool_call>mul<arg_key>a</arg_key><arg_value>3</arg_value>...</tool_call>
    MiniMax M2      <invoke name="mul"><parameter name="a">3</parameter>...</invoke>
    Llama 3.1       <function=mul>{"a": 3, "b": 7}</function>
    Llama 3         {"name": "mul", "parameters": {...}}, alone or after <|python_tag|>
    Llama 3.2, 4    [mul(a=3, b=7)], alone or after <|python_start|>
    LFM 2           [mul(a=3, b=7)] after <|tool_call_start|>
    OLMo 3, Gemma 3 mul(a=3, b=7), one a line, in <function_calls> or a fence
    Mistral         [TOOL_CALLS] with [{"name": ..., "arguments": ...}], or with mul[ARGS]{...}
    DeepSeek        <|tool_sep|> between the name and its JSON (with other bars and spaces)
    Kimi K2         functions.mul:0<|tool_call_argument_begin|>{"a": 3, "b": 7}
    gpt-oss         to=functions.mul <|constrain|>json<|message|>{"a": 3, "b": 7}
    Functionary     mul and its JSON, alone; so write models that were trained here

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
FENCED = re.compile(r"```(?:json)?\s(.*?)```", re.S)
MARKED = (
    ("<tool_calls>", "</tool_calls>"),  # Jamba, Hunyuan, MiniMax M1
    ("<TOOLCALL>", "</TOOLCALL>"),  # Nemotron
    ("<function_call>", "</function_call>"),  # Granite 20B
    ("<|tool_call|>", "<|/tool_call|>"),  # Granite 3, Phi 4 mini
    ("<|START_ACTION|>", "<|END_ACTION|>"),  # Command R7B and A
    ("<|action_start|><|plugin|>", "<|action_end|>"),  # InternLM 2.5
)
"""What stands around JSON calls."""
KEYED = re.compile(r"<arg_key>(.*?)</arg_key>\s*<arg_value>(.*?)(?:</arg_value>|$)", re.S)
BAR, BLANK = "\uff5c", "\u2581"
"""What DeepSeek's marks are written with."""
DSML = f"{BAR}DSML{BAR}"
INVOKED = re.compile(rf'invoke name="([\w.-]+)">(.*?)(?:</(?:{DSML})?invoke>|$)', re.S)
GIVEN = re.compile(rf'parameter name="([\w.-]+)"[^>]*>(.*?)</(?:{DSML})?parameter>', re.S)
SEPARATOR, BEGIN, END = (
    f"<{BAR}tool{BLANK}{each}{BAR}>" for each in ("sep", f"call{BLANK}begin", f"call{BLANK}end")
)
SEPARATED = re.compile(
    rf"(?:function{SEPARATOR})?([\w.-]+)(?:{SEPARATOR}|\s)\s*(?:```(?:json)?)?\s*(.*?)(?:```)?",
    re.S,
)
HARMONY = re.compile(
    r"([\w-]+)(?:<\|channel\|>\w+)?\s*(?:<\|constrain\|>)?(?:json)?\s*(?:<\|message\|>)?\s*(.*)",
    re.S,
)
ALONE = re.compile(r"(?:>>>)?([A-Za-z_][\w.-]*)\s*(?=\{)")
NAMES = ("name", "tool_name", "function")
"""Where the name of a JSON call stands."""
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
    if calls:
        return "", tuple(calls)
    fenced = [_alone(each.strip()) for each in FENCED.findall(said)]
    if fenced and all(fenced):  # beside prose
        return FENCED.sub("", said).strip(), tuple(call for each in fenced for call in each)
    return said, ()


def _unfenced(text: str) -> str:
    """What a fence holds, without the name of its language; a text without one as it is."""
    if len(text) < 2 * len(FENCE) or not (text.startswith(FENCE) and text.endswith(FENCE)):
        return text
    return LANGUAGE.sub("", text[len(FENCE) : -len(FENCE)], count=1).strip()


def _hermes(body: str) -> list[Asked]:
    if "<function=" in body:
        return _functions(body)
    name = body.partition("<arg_key>")[0].strip()
    if re.fullmatch(r"[A-Za-z_][\w.-]*", name):
        return [asked(name, dict(KEYED.findall(body)))]
    return _named(body) or _listed(body) or _objects(body)


def _invoked(body: str) -> list[Asked]:
    """Calls in tags with attributes."""
    found = [(name, dict(GIVEN.findall(given))) for name, given in INVOKED.findall(body)]
    return [asked(*each) for each in found] or [_mistake("not in tags", body)]


def _separated(body: str) -> list[Asked]:
    """DeepSeek's: the name and, after a mark or in a fence, JSON."""
    parts = [each.partition(END)[0].strip() for each in body.split(BEGIN)]
    found = [SEPARATED.fullmatch(each) for each in parts if each]
    made = [
        asked(each[1], each[2].strip()) if each else _mistake("unnamed", body) for each in found
    ]
    return made or [_mistake("empty", body)]


def _numbered(body: str) -> list[Asked]:
    """Kimi's: an id, which holds the name, and JSON."""
    calls = []
    for each in body.split("<|tool_call_begin|>"):
        identity, _, given = each.partition("<|tool_call_argument_begin|>")
        name = identity.partition(":")[0].rpartition(".")[2].strip()
        if each.strip():
            calls.append(asked(name, given.partition("<|tool_call_end|>")[0].strip()))
    return calls or [_mistake("empty", body)]


def _harmony(body: str) -> list[Asked]:
    """The name, how the arguments are written, and the arguments, in OpenAI's form for gpt-oss."""
    found = HARMONY.fullmatch(body)
    return [asked(found[1], found[2]) if found else _mistake("unnamed", body)]


def _lines(body: str) -> list[Asked]:
    """Calls in Python, one a line."""
    lines = [line.strip() for line in body.splitlines() if line.strip()]
    return [call for line in lines for call in _python(line)] or _python(body)


def _named(text: str) -> list[Asked]:
    """Names, each with its arguments as a JSON object; none if anything else is there."""
    calls: list[Asked] = []
    place = _next(text, 0)
    while found := ALONE.match(text, place):
        try:
            given, place = DECODER.raw_decode(text, found.end())
        except (ValueError, RecursionError):
            return []
        calls.append(asked(found[1], given))
        place = _next(text, place)
    return calls if place == len(text) else []


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
    if not values:
        return _named(text)
    named = [isinstance(each, Mapping) and bool({*NAMES} & {*each}) for each in values]
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
    return asked(next((inner[name] for name in NAMES if name in inner), None), inner.get(held))


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


def _between(opening: str, closing: str) -> "re.Pattern[str]":
    """What stands between two marks; the second may be missing."""
    first, last = re.escape(opening), re.escape(closing)
    return re.compile(f"{first}(.*?)(?:{last}|(?={first})|$)", re.S)


FORMS: tuple[tuple["re.Pattern[str]", Callable[[str], list[Asked]]], ...] = (
    (_between("<tool_call>", "</tool_call>"), _hermes),
    (_between("<seed:tool_call>", "</seed:tool_call>"), _hermes),  # Seed-OSS
    *((_between(*marks), _objects) for marks in MARKED),
    (re.compile(r"(?:^|\s)functools(\[.*)", re.S), _objects),  # Phi 4 mini
    (re.compile(r"(<function=.*?(?:</function>|$))(?:\s*</tool_call>)?", re.S), _functions),
    (_between("<minimax:tool_call>", "</minimax:tool_call>"), _invoked),
    (_between(f"<{DSML}function_calls>", f"</{DSML}function_calls>"), _invoked),  # DeepSeek 3.2
    (re.compile(r"\[TOOL_CALLS\](.*?)(?=\[TOOL_CALLS\]|$)", re.S), _mistral),
    (re.compile(r"<\|python_tag\|>(.*)", re.S), _python_tag),
    (_between("<|python_start|>", "<|python_end|>"), _python),
    (_between("<|tool_call_start|>", "<|tool_call_end|>"), _python),
    (_between("<function_calls>", "</function_calls>"), _lines),
    (_between("```tool_code", "```"), _lines),
    (
        _between(
            f"<{BAR}tool{BLANK}calls{BLANK}begin{BAR}>", f"<{BAR}tool{BLANK}calls{BLANK}end{BAR}>"
        ),
        _separated,
    ),
    (
        re.compile(
            r"<\|tool_calls?_section_begin\|>(.*?)(?:<\|tool_calls?_section_end\|>|$)", re.S
        ),
        _numbered,
    ),
    (
        re.compile(
            r"(?:<\|start\|>)?(?:assistant)?\s?(?:<\|channel\|>)?(?:commentary)?\s?to=functions\."
            r"(.*?)(?:<\|call\|>|(?=(?:<\|start\|>)?assistant\s?(?:<\|channel\|>|to=))|$)",
            re.S,
        ),
        _harmony,
    ),
)
"""The marks of calls, and how what they hold is read."""
