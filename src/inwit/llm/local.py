"""A model in this process: a folder saved by transformers, or a GGUF file. Nothing is downloaded.

Some chat templates support tools. For others, the tools are described in the system prompt, and
results are given as messages of the user.
"""

import os
from collections.abc import Mapping, Sequence
from copy import deepcopy
from math import inf
from pathlib import Path
from typing import Any

import torch

from inwit.answers import after_thoughts
from inwit.devices import check_device
from inwit.errors import InvalidOption
from inwit.extras import require
from inwit.llm.chats import Asked, ChatModel, Reply, asked, text_of
from inwit.llm.continued import Continued
from inwit.llm.prompts import Message
from inwit.llm.written_calls import read_calls
from inwit.parts import check_count
from inwit.texts import to_json

TOKENS, BATCH = 192, 16
"""Maximum tokens of a reply, and chats per batch."""
FORM = '<tool_call>{"name": "NAME", "arguments": {"NAME": VALUE}}</tool_call>'
PROBE = "6f1c0a"
"""A word that no template contains."""


class LocalModel(ChatModel):
    """A causal language model of transformers."""

    at_once = BATCH

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        *,
        name: str = "local",
        tokens: int = TOKENS,
        temperature: float = 0.0,
    ) -> None:
        """Take a model and its tokenizer; `load_local` reads them.

        Args:
            model: a causal language model of transformers.
            tokenizer: its tokenizer, with a chat template.
            name: its name in tables.
            tokens: maximum length of a reply.
            temperature: of sampling, with torch's global generator; 0 is greedy.

        Raises:
            InvalidOption: the tokenizer has no chat template, or a number is out of range.
        """
        check_count("tokens", tokens)
        if not 0 <= temperature < inf:
            raise InvalidOption(f"temperature {temperature}: give 0 or more; 0 is greedy")
        if not tokenizer.chat_template:
            raise InvalidOption(
                f"llm:{name}: its tokenizer has no chat template, so it cannot chat"
            )
        self.model, self.tokenizer, self.name, self.tokens = model.eval(), tokenizer, name, tokens
        self.chats = Continued(model)
        self.sampling: dict[str, Any] = {"do_sample": False, "temperature": None, "top_p": None}
        if temperature > 0:
            self.sampling = {"do_sample": True, "temperature": temperature, "top_p": 1.0}
        if tokenizer.pad_token_id is None:
            tokenizer.pad_token = tokenizer.eos_token
        self.parses = getattr(tokenizer, "response_template", None) is not None
        self.knows_tools = _knows_tools(tokenizer)

    @torch.no_grad()
    def reply(
        self, chats: Sequence[Sequence[Message]], tools: Sequence[dict[str, object]]
    ) -> list[Reply]:
        """One message for each chat; chats of similar length share a batch."""
        prompts = [self._prompt(chat, tools) for chat in chats]
        order = sorted(range(len(chats)), key=lambda place: len(prompts[place]))
        replies: dict[int, Reply] = {}
        for start in range(0, len(order), BATCH):
            places = order[start : start + BATCH]
            said = self._generate([prompts[place] for place in places])
            for place, tokens in zip(places, said, strict=True):
                replies[place] = self._read(tokens, prompts[place])
        return [replies[place] for place in range(len(chats))]

    def _prompt(self, chat: Sequence[Message], tools: Sequence[dict[str, object]]) -> list[int]:
        messages = list(chat) if self.knows_tools else _in_words(chat, tools)
        ids: list[int] = self.tokenizer.apply_chat_template(
            messages,
            tools=list(tools) if self.knows_tools else None,
            add_generation_prompt=True,
            return_dict=False,
        )
        return ids

    def _generate(self, prompts: Sequence[Sequence[int]]) -> list[list[int]]:
        """The tokens generated after each prompt, without padding."""
        width, device = max(map(len, prompts)), self.model.device
        padding = self.tokenizer.pad_token_id
        rows = [[padding] * (width - len(prompt)) + list(prompt) for prompt in prompts]
        seen = [[0] * (width - len(prompt)) + [1] * len(prompt) for prompt in prompts]
        options = deepcopy(self.model.generation_config)
        top_k = 0 if self.sampling["do_sample"] else None
        options.update(
            max_new_tokens=self.tokens, pad_token_id=padding, top_k=top_k, **self.sampling
        )
        made = self.chats(
            input_ids=torch.tensor(rows, device=device),
            attention_mask=torch.tensor(seen, device=device),
            generation_config=options,
        )
        return [_until_the_end(row, self._ends) for row in made[:, width:].tolist()]

    @property
    def _ends(self) -> set[int]:
        """The tokens that end a reply."""
        configured = self.model.generation_config.eos_token_id
        listed = configured if isinstance(configured, list) else [configured]
        return {*listed, self.tokenizer.eos_token_id, self.tokenizer.pad_token_id} - {None}

    def _read(self, tokens: list[int], prompt: list[int]) -> Reply:
        text = self.tokenizer.decode([each for each in tokens if each not in self._ends])
        said, calls = self._parsed(tokens, prompt) or read_calls(text)
        text = self._plain(after_thoughts(text))
        said, calls = (self._plain(said), calls) if calls else read_calls(text)
        message: Message = {"role": "assistant", "content": said if calls else text}
        sound = [
            {"type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in calls
            if not call.mistake
        ]
        if sound:
            message["tool_calls"] = sound
        elif calls:
            message["content"] = text
        cut = len(tokens) == self.tokens and tokens[-1] not in self._ends
        return Reply(text=said, calls=calls, message=message, cut=cut)

    def _plain(self, text: str) -> str:
        """A text without the tokenizer's special tokens, some of which mark calls."""
        for token in self.tokenizer.all_special_tokens:
            text = text.replace(token, "")
        return text.strip()

    def _parsed(self, tokens: list[int], prompt: list[int]) -> tuple[str, tuple[Asked, ...]] | None:
        """The reply, parsed by the tokenizer's own rules; None if it has none."""
        if not self.parses:
            return None
        try:
            message = self.tokenizer.parse_response(tokens, prefix=prompt)
        except Exception:  # what a model writes may break any rule
            return None
        found = [call.get("function") for call in message.get("tool_calls") or ()]
        functions = [each if isinstance(each, Mapping) else {} for each in found]
        calls = tuple(asked(each.get("name"), each.get("arguments")) for each in functions)
        return (text_of(message.get("content")), calls) if calls else None


def check_model_file(place: str) -> None:
    """Check that there is a folder as transformers saves it, or a whole GGUF file.

    Its weights are not read, which takes long.

    Raises:
        InvalidOption: there is none.
    """
    path, reason = Path(place), ""
    if not path.exists():
        reason = "no such folder or file; an endpoint is llm:https://host/v1#model"
    elif path.is_dir() and not (path / "config.json").exists():
        reason = f"it has no config.json, so it is no model as transformers saves it{_near(path)}"
    elif path.is_dir() and not any(path.glob("*.safetensors")) and not any(path.glob("*.bin")):
        reason = "it holds no weights"
    elif path.is_file():
        reason = _unlike_gguf(path)
    if reason:
        raise InvalidOption(f"llm:{place}: {reason}")


def _near(folder: Path) -> str:
    """The models within a folder, such as the run of a training, the newest first."""
    found = [each.parent for each in folder.glob("*/config.json")] + [*folder.glob("*.gguf")]
    found.sort(key=lambda each: each.stat().st_mtime, reverse=True)
    named = " or ".join(f"llm:{each}" for each in found[:2])
    return f"; did you mean {named}?" if found else ""


def _unlike_gguf(path: Path) -> str:
    """Why a file is no GGUF file; empty if it is one."""
    try:
        with path.open("rb") as file:
            if file.read(4) != b"GGUF":
                return "it is not a GGUF file"
        require("gguf", "llm").GGUFReader(path)
    except InvalidOption:
        raise
    except Exception as error:  # of many kinds: the file is untrusted
        return f"no model can be read there: {_line(error)}"
    return ""


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


def load_local(place: str, *, device: str = "cpu", tokens: int = TOKENS) -> LocalModel:
    """A model from a folder or a GGUF file.

    Raises:
        InvalidOption: as `read_model`, its tokenizer has no chat template, or `tokens` is below 1.
    """
    check_count("tokens", tokens)
    model, tokenizer = read_model(place, device=device)
    path = Path(place)
    name = os.path.basename(path) if path.is_dir() else path.stem
    return LocalModel(model, tokenizer, name=name, tokens=tokens)


def read_model(place: str, *, device: str = "cpu") -> tuple[Any, Any]:
    """A model and its tokenizer from a folder or a GGUF file; on a CPU in single precision.

    Raises:
        InvalidOption: transformers is not installed, there is no such model, or the device
            cannot be used.
    """
    check_device(device, torch.float32)
    check_model_file(place)
    path = Path(place)
    transformers = require("transformers", "llm")
    where, options, packed = str(path), dict[str, Any](local_files_only=True), dict[str, Any]()
    if path.is_file():
        require("gguf", "llm")
        where, options = str(path.parent), options | {"gguf_file": path.name}
        if hasattr(transformers, "GgufConfig"):  # packed weights could not be trained
            packed["quantization_config"] = transformers.GgufConfig(dequantize=True)
    before = transformers.logging.get_verbosity()
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(where, **options)
        model = transformers.AutoModelForCausalLM.from_pretrained(
            where, dtype=torch.float32 if device == "cpu" else "auto", **options, **packed
        )
        return model.to(device), tokenizer
    except Exception as error:  # of many kinds: the files are untrusted
        reason = _line(error)
        raise InvalidOption(f"llm:{place}: no model can be read there: {reason}") from error
    finally:
        transformers.logging.set_verbosity(before)


def _knows_tools(tokenizer: Any) -> bool:
    """The chat template renders tools, calls and results."""
    function = {"name": PROBE, "description": PROBE, "parameters": {"type": "object"}}
    call = {"type": "function", "function": {"name": f"c{PROBE}", "arguments": {}}}
    chat = [
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": "", "tool_calls": [call]},
        {"role": "tool", "name": f"c{PROBE}", "content": f"r{PROBE}"},
    ]
    tools = [{"type": "function", "function": function}]
    try:
        text = tokenizer.apply_chat_template(chat, tools=tools, tokenize=False)
    except Exception:  # templates raise whatever they like
        return False
    made_for_calls = getattr(tokenizer, "response_template", None) is not None
    return f"c{PROBE}" in text and f"r{PROBE}" in text and (made_for_calls or text.count(PROBE) > 2)


def _in_words(chat: Sequence[Message], tools: Sequence[dict[str, object]]) -> list[Message]:
    """The chat for a template that knows only system, user and assistant."""
    described = "\n".join(to_json(tool["function"]) for tool in tools)
    plain: list[Message] = []
    for message in chat:
        if message["role"] == "system":
            text = f"{message['content']}\n\nTools:\n{described}\n\nA call is written so:\n{FORM}"
            plain.append({"role": "system", "content": text})
        elif message["role"] == "tool":
            text = f"<tool_response>{message['content']}</tool_response>"
            plain.append({"role": "user", "content": text})
        else:
            calls = [to_json(call["function"]) for call in message.get("tool_calls") or ()]
            marked = [f"<tool_call>{call}</tool_call>" for call in calls]
            plain.append({"role": message["role"], "content": message["content"] + "".join(marked)})
    return plain


def _until_the_end(tokens: list[int], ends: set[int]) -> list[int]:
    """The tokens of a reply up to the first end token."""
    for place, token in enumerate(tokens):
        if token in ends:
            return tokens[: place + 1]
    return tokens
