"""Trains a language model on a task: a warm-up on demonstrations, then GRPO. TRL does the work.

A run folder holds `warm-up` and `trained`, both as transformers saves a model. A part that is not
finished is kept in `NAME.part` with its checkpoints, and the next call resumes it.
"""

import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch

from inwit.devices import check_device
from inwit.errors import InvalidOption
from inwit.extras import require
from inwit.llm.chat_form import fit_for_tools, labelled
from inwit.llm.continued import Continued
from inwit.llm.demonstrations import demonstrations
from inwit.llm.local import LocalModel, check_model_file, read_model
from inwit.llm.prompts import Message, dataset
from inwit.llm.recipe import TINY, ModelRecipe
from inwit.llm.tiny import tiny_model, tiny_tokenizer
from inwit.llm.toolbox import Toolbox
from inwit.llm.trainers import environment_factory
from inwit.llm.watching import Watch, last_checkpoint, quiet
from inwit.training.distributed import is_first

WARM_UP, TRAINED = "warm-up", "trained"
"""The folders of the models."""
ROOM, MORE_CALLS = 2, 2
"""Tokens of an episode, as a multiple of the longest demonstration; calls beyond its own."""
DAY = 24 * 3600
"""Seconds for which a process of several waits for the others."""
Line = Callable[[str], None]
"""Prints one line."""


def check_model(recipe: ModelRecipe) -> None:
    """Check what can be checked before anything is computed.

    Raises:
        InvalidOption: an option is out of range, a package is not installed, there is no such
            model, or the device cannot be used.
    """
    recipe.check()
    for package in ("trl", "datasets", *(["peft"] if recipe.lora else [])):
        require(package, "llm")
    check_device(recipe.device, torch.float32)
    begun = (recipe.out / parts(recipe)[0] / "config.json").exists()
    if recipe.model == TINY:
        if recipe.lora:
            raise InvalidOption("llm:tiny is random: adapters teach it nothing; give --lora 0")
    elif not begun and not Path(recipe.model).exists():
        raise InvalidOption(
            f"--agent {recipe.agent}: no such folder or file; llm:tiny is made here"
        )
    elif not begun:
        check_model_file(recipe.model)


def parts(recipe: ModelRecipe) -> list[str]:
    """The parts of a run, in order: what has nothing to learn from is left out."""
    shown = [WARM_UP] if recipe.right + recipe.random else []
    return [*shown, TRAINED] if recipe.steps else shown


def train_part(recipe: ModelRecipe, toolbox: Toolbox, part: str, say: Line) -> Path:
    """Train one part, or what is left of it; returns the folder of its model.

    Args:
        recipe: the options.
        toolbox: the functions of its task.
        part: one of `parts`; those before it must be done.
        say: called with lines about the progress.

    Raises:
        InvalidOption: the model cannot be read, or there is no such level.
    """
    place = recipe.out / part
    if (place / "config.json").exists():
        if is_first():
            shutil.rmtree(_unfinished(recipe, part), ignore_errors=True)
        return place
    os.environ.setdefault("TRL_EXPERIMENTAL_SILENCE", "1")
    torch.manual_seed(recipe.seed)
    chats = _chats(recipe, toolbox)
    with quiet():
        trainer, watch = (_warm_up if part == WARM_UP else _reinforce)(recipe, toolbox, chats, say)
        _run(trainer, recipe, part)
    if watch.why:
        say(f"{part} stopped: {watch.why}")
    return place


def model_of(recipe: ModelRecipe, part: str) -> LocalModel:
    """The model of a part, in the precision in which it was trained."""
    model, tokenizer = read_model(str(recipe.out / part), device=recipe.device)
    return LocalModel(model.to(_precision(recipe)), tokenizer, name=part, tokens=recipe.tokens)


def _chats(recipe: ModelRecipe, toolbox: Toolbox) -> list[list[Message]]:
    """The demonstrations, level by level: right ones, then random ones."""
    levels = toolbox.task.chosen_levels(recipe.levels)
    chats = []
    for count, programs in ((recipe.right, "oracle"), (recipe.random, "even")):
        for place, level in enumerate(levels):
            share = (count + place) // len(levels)
            if share:
                chats += demonstrations(
                    toolbox,
                    share,
                    level=level,
                    programs=programs,  # type: ignore[arg-type]
                    seed=recipe.seed,
                )
    return chats


def _warm_up(
    recipe: ModelRecipe, toolbox: Toolbox, chats: Sequence[list[Message]], say: Line
) -> tuple[Any, Watch]:
    trl, datasets = require("trl", "llm"), require("datasets", "llm")
    model, tokenizer = _start(recipe, WARM_UP, chats)
    fit_for_tools(tokenizer)
    rows = [labelled(tokenizer, chat, toolbox.schemas) for chat in chats]
    steps = recipe.passes * -(-len(rows) // recipe.batch)
    watch = Watch(recipe, WARM_UP, say)
    say(f"warm-up: {len(rows)} demonstrations, {sum(len(row[0]) for row in rows)} tokens")
    trainer = trl.SFTTrainer(
        model=model,
        processing_class=tokenizer,
        train_dataset=datasets.Dataset.from_list(
            [{"input_ids": tokens, "labels": labels} for tokens, labels in rows]
        ),
        args=trl.SFTConfig(
            **_options(recipe, WARM_UP, steps),
            learning_rate=recipe.warm_up_rate,
            lr_scheduler_type="linear",
            warmup_steps=max(1, steps // 10),
            max_length=None,
        ),
        peft_config=_adapters(recipe),
        callbacks=[watch],
    )
    return trainer, watch


def _reinforce(
    recipe: ModelRecipe, toolbox: Toolbox, chats: Sequence[list[Message]], say: Line
) -> tuple[Any, Watch]:
    trl = require("trl", "llm")
    model, tokenizer = _start(recipe, TRAINED, chats)
    fit_for_tools(tokenizer)
    lengths = [len(labelled(tokenizer, chat, toolbox.schemas)[0]) for chat in chats]
    calls = [sum("tool_calls" in message for message in chat) for chat in chats]
    continued = Continued(model)
    continued.install()
    watch = Watch(recipe, TRAINED, say, continued)
    say(f"GRPO: {recipe.steps} steps of {recipe.batch} episodes, {recipe.group} a problem")
    trainer = trl.GRPOTrainer(
        model=model,
        processing_class=tokenizer,
        reward_funcs=[watch.reward],
        environment_factory=environment_factory(toolbox),
        train_dataset=dataset(
            toolbox,
            recipe.steps * recipe.batch // recipe.group,
            levels=recipe.levels,
            seed=recipe.seed,
        ),
        args=trl.GRPOConfig(
            **_options(recipe, TRAINED, recipe.steps),
            learning_rate=recipe.learning_rate,
            lr_scheduler_type="constant",
            num_generations=recipe.group,
            max_completion_length=ROOM * max(lengths, default=8 * recipe.tokens),
            max_tool_calling_iterations=max(calls, default=16) + MORE_CALLS,
            generation_kwargs={"max_new_tokens": recipe.tokens},
            shuffle_dataset=False,
        ),
        peft_config=_adapters(recipe),
        callbacks=[watch],
    )
    return trainer, watch


def _start(recipe: ModelRecipe, part: str, chats: Sequence[list[Message]]) -> tuple[Any, Any]:
    """The model that a part begins with, and its tokenizer."""
    first = part == parts(recipe)[0]
    if first and recipe.model == TINY:
        tokenizer = tiny_tokenizer(chats)
        return tiny_model(tokenizer, seed=recipe.seed).to(recipe.device), tokenizer
    place = recipe.model if first else str(recipe.out / WARM_UP)
    model, tokenizer = read_model(place, device=recipe.device)
    return model.to(_precision(recipe)), tokenizer


def _options(recipe: ModelRecipe, part: str, steps: int) -> dict[str, Any]:
    """What both trainers are given."""
    world = int(os.environ.get("WORLD_SIZE", "1"))
    if recipe.batch % world:
        raise InvalidOption(f"--batch {recipe.batch}: it must be a multiple of {world} processes")
    own = recipe.batch // world
    each = max(size for size in range(1, min(own, recipe.at_once) + 1) if own % size == 0)
    return {
        "output_dir": str(_unfinished(recipe, part)),
        "max_steps": steps,
        "per_device_train_batch_size": each,
        "gradient_accumulation_steps": own // each,
        "logging_steps": 1,
        "save_strategy": "no",  # the watch saves by the clock, and deletes
        "report_to": "none",
        "disable_tqdm": True,
        "use_cpu": recipe.device == "cpu",
        "bf16": False,  # the weights have their precision already
        "gradient_checkpointing": False,
        "dataloader_pin_memory": recipe.device != "cpu",
        "ddp_find_unused_parameters": False,
        "ddp_timeout": DAY,  # the first of several processes audits and scores while others wait
        "seed": recipe.seed % 2**32,
    }


def _precision(recipe: ModelRecipe) -> torch.dtype:
    """Half for frozen weights below adapters, where the machine multiplies such numbers fast."""
    fast = recipe.device != "cpu" or "amx_bf16" in _flags()
    return torch.bfloat16 if recipe.lora and fast else torch.float32


def _flags() -> str:
    try:
        return Path("/proc/cpuinfo").read_text()
    except OSError:
        return ""


def _adapters(recipe: ModelRecipe) -> Any:
    if not recipe.lora:
        return None
    return require("peft", "llm").LoraConfig(
        r=recipe.lora, lora_alpha=2 * recipe.lora, target_modules="all-linear"
    )


def _unfinished(recipe: ModelRecipe, part: str) -> Path:
    return recipe.out / f"{part}.part"


def _run(trainer: Any, recipe: ModelRecipe, part: str) -> None:
    """Train from the last checkpoint, and put the model where it belongs."""
    trainer.remove_callback(require("transformers", "llm").PrinterCallback)
    folder = _unfinished(recipe, part)
    folder.mkdir(parents=True, exist_ok=True)
    trainer.train(resume_from_checkpoint=last_checkpoint(folder))
    trainer.accelerator.wait_for_everyone()
    if trainer.is_world_process_zero():
        model = trainer.accelerator.unwrap_model(trainer.model)
        model = model.merge_and_unload() if recipe.lora else model
        _save(model, trainer.processing_class, folder, recipe.out / part)
    trainer.accelerator.wait_for_everyone()


def _save(model: Any, tokenizer: Any, folder: Path, place: Path) -> None:
    """Write the whole model, then move it to its place in one step."""
    made = folder / "model"
    model.save_pretrained(made)
    tokenizer.save_pretrained(made)
    shutil.rmtree(place, ignore_errors=True)
    os.replace(made, place)
    shutil.rmtree(folder, ignore_errors=True)
