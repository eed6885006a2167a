"""TRL trains a small language model on one of our tasks, by GRPO over several turns of tool calls.

The warm-up shows the model calls: two chats of three are uniformly random, which show only the
form of a call; one is right. Its samples are then right about half of the time, and the reward,
right or wrong, does the rest. The output shows the reward of every fifth step, then the accuracy of
sampled episodes on held-out problems before and after, measured like that of the small networks. It
takes a minute on one core, and downloads nothing.

    pip install 'inwit[llm]'
    python examples/12_language_model_grpo.py
"""

import os

import torch

from inwit.extras import require
from inwit.llm import Toolbox, dataset, demonstrations, environment_factory
from inwit.llm.local import LocalModel
from inwit.llm.scoring import evaluate_model
from inwit.llm.tiny import tiny_model, tiny_tokenizer, warm_up

STEPS, BATCH, GROUP = 50, 64, 8


def accuracy(model, tokenizer, toolbox):
    torch.manual_seed(0)
    sampled = LocalModel(model, tokenizer, tokens=32, temperature=1.0)
    scores, _, _ = evaluate_model(sampled, toolbox, count=200, seed=2026, levels=[1])
    return scores[0].agent.accuracy, scores[0].chance.accuracy


def main() -> None:
    os.environ["TRL_EXPERIMENTAL_SILENCE"] = "1"
    trl = require("trl", "llm")
    torch.set_num_threads(1)
    toolbox = Toolbox("expressions", memory=False)
    chats = demonstrations(toolbox, 400, level=1, programs="even")
    chats += demonstrations(toolbox, 200, level=1)
    tokenizer = tiny_tokenizer(chats)
    model = tiny_model(tokenizer)
    warm_up(model, tokenizer, chats, steps=120)
    before, chance = accuracy(model, tokenizer, toolbox)

    trainer = trl.GRPOTrainer(
        model=model,
        processing_class=tokenizer,
        environment_factory=environment_factory(toolbox),
        train_dataset=dataset(toolbox, STEPS * BATCH // GROUP, levels=[1]),
        args=trl.GRPOConfig(
            output_dir="grpo",
            max_steps=STEPS,
            per_device_train_batch_size=BATCH,
            num_generations=GROUP,
            learning_rate=1e-3,
            lr_scheduler_type="constant",
            max_completion_length=96,
            max_tool_calling_iterations=4,
            logging_steps=5,
            save_strategy="no",
            report_to="none",
            disable_tqdm=True,
            use_cpu=True,
            seed=0,
            bf16=False,
        ),
    )
    trainer.train()
    after, _ = accuracy(model, tokenizer, toolbox)
    print(f"held out: {before:.1%} before, {after:.1%} after GRPO; even play {chance:.1%}")
    assert after > before + 0.2


if __name__ == "__main__":
    main()
