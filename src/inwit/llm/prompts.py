"""System prompts for a language model, and rows of problems for a trainer."""

from collections.abc import Iterator, Sequence
from typing import Any

import torch

from inwit.errors import InvalidOption
from inwit.extras import require
from inwit.llm.episode import Episode
from inwit.llm.toolbox import ANSWER, STORE, Toolbox, toolbox_for
from inwit.parts import check_count, check_seed
from inwit.tasks import Expressions, Problems, Task

Message = dict[str, Any]
"""One message of a chat, as all chat protocols have it."""


def instructions(toolbox: Toolbox, *, answers: bool = True) -> str:
    """The system prompt.

    Args:
        toolbox: the functions that it may call.
        answers: the answer is given by a call; otherwise it is in the last message.
    """
    task, lines = toolbox.task, ["Solve the problem step by step, with calls of the tools."]
    if STORE in toolbox.named and answers:
        lines.append("Store can set a value aside until recall takes it back.")
    if isinstance(task, Expressions) and task.modulus:
        lines.append(f"All arithmetic is modulo {task.modulus}.")
    if answers:
        lines.append(f"Give the result with {ANSWER}: it counts once.")
    else:
        lines.append("Then write the result, and nothing else.")
    return " ".join(lines)


def opening(episode: Episode) -> list[Message]:
    """The first messages of an episode."""
    return [
        {"role": "system", "content": instructions(episode.toolbox)},
        {"role": "user", "content": episode.question},
    ]


def draw(task: Task, level: int, seed: int, *, held_out: bool = False) -> Problems:
    """The one problem of a seed.

    Raises:
        InvalidOption: there is no such level, or the seed is out of range.
    """
    task.check_level(level)
    check_seed(seed)
    task, generator = task.at_length(level), torch.Generator().manual_seed(int(seed))
    return task.sample(torch.tensor([level]), generator, held_out=held_out)


def prompt_rows(
    task: str | Task | Toolbox,
    count: int,
    *,
    levels: Sequence[int] | None = None,
    seed: int = 0,
    held_out: bool = False,
    asked: bool = False,
) -> Iterator[dict[str, Any]]:
    """Rows to train or score a language model on: a prompt, and what `reset` needs.

    Args:
        task: the task.
        count: how many rows.
        levels: the levels, in turn; by default those of the task.
        seed: which problems.
        held_out: draw held-out problems, which training never sees.
        asked: put the question into the prompt; otherwise `reset` returns it.

    Raises:
        InvalidOption: there is no such level, `count` is below 1, the seed is out of range, or,
            at its row, a question cannot be asked in words.
    """
    check_count("rows", count)
    check_seed(seed)
    toolbox = toolbox_for(task)
    wanted = toolbox.task.chosen_levels(levels)
    return _rows(toolbox, count, levels=wanted, seed=seed, held_out=held_out, asked=asked)


def _rows(
    toolbox: Toolbox, count: int, *, levels: Sequence[int], seed: int, held_out: bool, asked: bool
) -> Iterator[dict[str, Any]]:
    for number in range(count):
        level, place = levels[number % len(levels)], (seed * 1_000_003 + number) % 2**63
        at, question = toolbox.at(level), ""
        if asked:
            problem = draw(toolbox.task, level, place, held_out=held_out)
            question = _asked(Episode(toolbox=at, problem=problem))
        yield {
            "prompt": [
                {"role": "system", "content": instructions(at, answers=not asked)},
                {"role": "user", "content": question},
            ],
            "level": level,
            "seed": place,
            "held_out": held_out,
        }


def _asked(episode: Episode) -> str:
    """The question, if it is complete by itself.

    Raises:
        InvalidOption: it names objects that only an environment knows.
    """
    if episode.values.objects:
        names = ", ".join(episode.values.objects)
        raise InvalidOption(
            f"'{episode.question:.60}': {names} has no text, which plain tools could read: use "
            "environment_factory, which knows it by its name"
        )
    return episode.question


def dataset(task: str | Task | Toolbox, count: int, **options: Any) -> Any:
    """`prompt_rows` as a `datasets.Dataset`.

    Raises:
        InvalidOption: datasets is not installed, or as `prompt_rows`.
    """
    rows = list(prompt_rows(task, count, **options))
    return require("datasets", "llm").Dataset.from_list(rows)
