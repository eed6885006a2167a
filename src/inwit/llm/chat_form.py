"""A chat form for models whose own template has no tools.

TRL extends a chat turn by turn, so its template must write earlier messages in the same way,
whatever follows; and it must mark what the model says, since a warm-up trains on that alone. A call
is `mul{"a":3,"b":4}`: a third of the tokens of the usual form. The schemas are not written: a model
that is trained knows its functions from demonstrations.
"""

import re
from typing import Any

from inwit.extras import require

OPEN, CLOSE = "<|im_start|>", "<|im_end|>"
"""The marks of a message where the tokenizer knows both; otherwise its end token alone."""
IGNORED = -100
"""The label of tokens without a loss."""
TEMPLATE = (
    "{%- for message in messages -%}{{- OPEN + message.role + '\\n' -}}"
    "{%- if message.role == 'assistant' -%}{%- generation -%}{{- message.content -}}"
    "{%- for call in message.tool_calls or [] -%}"
    "{%- if message.content or not loop.first -%}{{- '\\n' -}}{%- endif -%}"
    "{{- call.function.name + call.function.arguments | tojson(separators=(',', ':')) -}}"
    "{%- endfor -%}{{- CLOSE -}}{%- endgeneration -%}"
    "{%- else -%}{{- message.content + CLOSE -}}{%- endif -%}{{- '\\n' -}}{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{- OPEN + 'assistant\\n' -}}{%- endif -%}"
)


def fit_for_tools(tokenizer: Any) -> bool:
    """Give a tokenizer this form, unless its own template has tools that can be trained.

    Returns:
        Whether it has this form now.
    """
    if getattr(tokenizer, "response_template", None) is not None or _own_tools(tokenizer):
        return False
    marked = {OPEN, CLOSE} <= set(tokenizer.get_vocab())
    start, end = (OPEN, CLOSE) if marked else ("", tokenizer.eos_token)
    names = f"{{%- set OPEN = {start!r} -%}}{{%- set CLOSE = {end!r} -%}}"
    tokenizer.chat_template = names + TEMPLATE
    tokenizer.response_template = _response(start, end)
    tokenizer.eos_token = end
    return True


def _own_tools(tokenizer: Any) -> bool:
    """TRL knows how to train the tokenizer's own template, and how to parse its calls."""
    forms = require("trl.chat_template_utils", "llm")
    if not tokenizer.chat_template:
        return False
    try:
        forms.add_response_schema(tokenizer)
        forms.get_training_chat_template(tokenizer)
    except ValueError:  # TRL knows no such template
        tokenizer.response_template = None
        return False
    return True


def _response(start: str, end: str) -> dict[str, Any]:
    """How a reply is parsed: calls, one a line, and text."""
    function = {"name": "{name}", "arguments": "{content}"}
    return {
        "defaults": {"role": "assistant"},
        "start_anchor": f"{start}assistant\n",
        "fields": {
            "tool_calls": {
                "open_pattern": r"(?P<name>[A-Za-z_]\w*)(?=\{)",
                "close_pattern": rf"\n|{re.escape(end)}",
                "repeats": True,
                "content": "json",
                "transform": {"type": "function", "function": function},
            },
            "content": {"close": end, "content": "text"},
        },
    }


def labelled(
    tokenizer: Any, chat: list[dict[str, Any]], tools: list[dict[str, Any]]
) -> tuple[list[int], list[int]]:
    """The tokens of a chat, and those of the assistant as labels; the others are `IGNORED`."""
    forms = require("trl.chat_template_utils", "llm")
    own = forms.has_generation_markers(tokenizer.chat_template)
    made = tokenizer.apply_chat_template(
        chat,
        tools=tools,
        chat_template=None if own else forms.get_training_chat_template(tokenizer),
        return_dict=True,
        return_assistant_tokens_mask=True,
    )
    tokens, said = made["input_ids"], made["assistant_masks"]
    labels = [token if mine else IGNORED for token, mine in zip(tokens, said, strict=True)]
    return tokens, labels
