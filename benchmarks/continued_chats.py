"""What it costs to read chats again before every message, as TRL does, and to continue them.

    python benchmarks/continued_chats.py

A random network of the size of SmolLM2-135M generates eight messages of 14 tokens in each of 16
chats; the prompts have 100 tokens, the results of calls 10. CPU seconds of one thread.
"""

import time
from typing import Any

import torch

from inwit.cli.waiting import waiting
from inwit.extras import require
from inwit.llm.continued import Continued

CHATS, TURNS, PROMPT, MESSAGE, RESULT = 16, 8, 100, 14, 10
SIZE = {"vocab_size": 49152, "hidden_size": 576, "intermediate_size": 1536}
LAYERS = {"num_hidden_layers": 30, "num_attention_heads": 9, "num_key_value_heads": 3}


def network() -> Any:
    """A random Llama that says messages of one length."""
    transformers = require("transformers", "llm")
    torch.manual_seed(0)
    config = transformers.LlamaConfig(**SIZE, **LAYERS, tie_word_embeddings=True, pad_token_id=0)
    model = transformers.LlamaForCausalLM(config).to(torch.bfloat16).eval()
    said = model.generation_config
    said.max_new_tokens = said.min_new_tokens = MESSAGE
    said.do_sample = True
    return model


@torch.no_grad()
def seconds(model: Any) -> float:
    """The CPU time of all messages."""
    draw = torch.Generator().manual_seed(1)
    chats = torch.randint(5, 40_000, (CHATS, PROMPT), generator=draw)
    start = time.process_time()
    for _ in range(TURNS):
        chats = model.generate(
            input_ids=chats,
            attention_mask=torch.ones_like(chats),
            generation_config=model.generation_config,
        )
        result = torch.randint(5, 40_000, (CHATS, RESULT), generator=draw)
        chats = torch.cat([chats, result], 1)
    return time.process_time() - start


def main() -> None:
    torch.set_num_threads(1)
    model = network()
    whole = seconds(model)
    Continued(model).install()
    print(f"read again: {whole:.1f} CPU seconds; continued: {seconds(model):.1f}")


if __name__ == "__main__":
    with waiting("16 chats of a language model"):
        main()
