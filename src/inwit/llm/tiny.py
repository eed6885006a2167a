"""A small random language model with its own tokenizer, for trying out training on a CPU.

Nothing is downloaded. The tokenizer is trained on chats of the task (byte pairs; every digit is a
token); the network is a Llama of some hundred thousand weights. It must learn the form of a call
before a reward can teach it anything: `warm_up`.
"""

from collections.abc import Callable, Sequence
from math import inf
from typing import Any

import torch
from torch.nn.functional import cross_entropy
from torch.nn.utils.rnn import pad_sequence

from inwit.errors import InvalidOption
from inwit.extras import require
from inwit.llm.prompts import Message
from inwit.parts import check_count, check_seed, is_count
from inwit.texts import to_json

ROLES = ("system", "user", "assistant", "tool")
OPEN, CLOSE, END, PAD = "<tool_call>", "</tool_call>", "<|end|>", "<|pad|>"
SPECIAL = [PAD, END, *(f"<|{role}|>" for role in ROLES)]
TEMPLATE = (
    "{%- for message in messages -%}{{- '<|' + message.role + '|>' -}}"
    "{%- if message.role == 'assistant' -%}{%- generation -%}{{- message.content -}}"
    "{%- for call in message.tool_calls or [] -%}"
    "{{- '<tool_call>' + (call.function | tojson) + '</tool_call>' -}}"
    "{%- endfor -%}{{- '<|end|>' -}}{%- endgeneration -%}"
    "{%- else -%}{{- message.content + '<|end|>' -}}{%- endif -%}{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{- '<|assistant|>' -}}{%- endif -%}"
)
RESPONSE = {
    "defaults": {"role": "assistant"},
    "start_anchor": "<|assistant|>",
    "fields": {
        "tool_calls": {
            "open": OPEN,
            "close": CLOSE,
            "repeats": True,
            "content": "json",
            "transform": {"type": "function", "function": "{content}"},
        },
        "content": {"close": END, "content": "text"},
    },
}
"""How a reply is parsed."""
HEADS = 4
"""Heads of the attention."""
IGNORED = -100
"""The label of tokens without a loss."""


def tiny_tokenizer(chats: Sequence[Sequence[Message]], *, size: int = 512) -> Any:
    """Train a tokenizer on chats.

    Args:
        chats: the training texts.
        size: maximum size of the vocabulary, including the 256 bytes.

    Raises:
        InvalidOption: transformers is not installed.
    """
    transformers, tokenizers = require("transformers", "llm"), require("tokenizers", "llm")
    made = tokenizers.Tokenizer(tokenizers.models.BPE())
    made.pre_tokenizer = tokenizers.pre_tokenizers.Sequence(
        [
            tokenizers.pre_tokenizers.Split(tokenizers.Regex(r"\d"), "isolated"),
            tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    made.decoder = tokenizers.decoders.ByteLevel()
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=SPECIAL,
        initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    made.add_special_tokens(SPECIAL)
    made.add_tokens([tokenizers.AddedToken(name, normalized=False) for name in (OPEN, CLOSE)])
    made.train_from_iterator(_texts(chats), trainer)
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=made, eos_token=END, pad_token=PAD, padding_side="left"
    )
    tokenizer.chat_template, tokenizer.response_template = TEMPLATE, RESPONSE
    return tokenizer


def _texts(chats: Sequence[Sequence[Message]]) -> list[str]:
    """The texts between the special tokens."""
    texts = []
    for message in (message for chat in chats for message in chat):
        calls = [to_json(call["function"]) for call in message.get("tool_calls", ())]
        texts += [message["content"], *calls]
    return texts


def tiny_model(tokenizer: Any, *, width: int = 64, layers: int = 2, seed: int = 0) -> Any:
    """A random Llama for a tokenizer.

    Args:
        tokenizer: a tokenizer of transformers.
        width: units of a layer.
        layers: number of layers.
        seed: fixes the weights.

    Raises:
        InvalidOption: transformers is not installed, or a number is out of range.
    """
    check_count("layers", layers)
    check_seed(seed)
    if not is_count(width) or width % (2 * HEADS):
        raise InvalidOption(f"width {width!r:.60}: give a multiple of {2 * HEADS}")
    transformers = require("transformers", "llm")
    config = transformers.LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=width,
        intermediate_size=3 * width,
        num_hidden_layers=layers,
        num_attention_heads=HEADS,
        max_position_embeddings=1024,
        tie_word_embeddings=True,
        initializer_range=width**-0.5,  # the usual 0.02 suits wide networks
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
        bos_token_id=None,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return transformers.LlamaForCausalLM(config)


def warm_up(
    model: Any,
    tokenizer: Any,
    chats: Sequence[Sequence[Message]],
    *,
    steps: int = 150,
    batch: int = 32,
    learning_rate: float = 1e-2,
    seed: int = 0,
    report: Callable[[int, float], None] | None = None,
) -> None:
    """Train a model in place, supervised, on the assistant's messages.

    Args:
        model: a causal language model of transformers.
        tokenizer: its tokenizer, made by `tiny_tokenizer`.
        chats: the training data.
        steps: gradient steps.
        batch: chats in each.
        learning_rate: of Adam, at the start; it decays to 0.
        seed: fixes the order of the chats.
        report: called with the number and the loss of every step.

    Raises:
        InvalidOption: there are no chats, or a number is out of range.
    """
    for noun, count in (("chats", len(chats)), ("steps", steps), ("chats in each step", batch)):
        check_count(noun, count)
    check_seed(seed)
    if not 0 < learning_rate < inf:
        raise InvalidOption(f"learning_rate {learning_rate}: give a finite number above 0")
    rows = [_labelled(tokenizer, chat) for chat in chats]
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, learning_rate, total_steps=steps)
    model.train()
    for step in range(1, steps + 1):
        chosen = torch.randint(len(rows), (batch,), generator=generator).tolist()
        tokens, labels = (
            pad_sequence([rows[row][part] for row in chosen], True, filler).to(model.device)
            for part, filler in ((0, tokenizer.pad_token_id), (1, IGNORED))
        )
        scores = model(input_ids=tokens, attention_mask=tokens != tokenizer.pad_token_id).logits
        loss = cross_entropy(scores[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if report is not None:
            report(step, loss.item())


def _labelled(tokenizer: Any, chat: Sequence[Message]) -> tuple[torch.Tensor, torch.Tensor]:
    """The tokens of a chat, and those of the assistant as labels."""
    tokens: list[int] = []
    labels: list[int] = []
    for message in chat:
        said = tokenizer.apply_chat_template([message], return_dict=False)
        tokens += said
        own = message["role"] == "assistant"
        labels += [IGNORED, *said[1:]] if own else [IGNORED] * len(said)
    return torch.tensor(tokens), torch.tensor(labels)
