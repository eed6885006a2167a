"""One of several processes that train a language model; notes what every episode was paid.

accelerate launch --multi_gpu --num_processes 2 trained_together.py MODEL RUN
"""

import json
import os
import sys
from math import inf
from pathlib import Path

import torch

from inwit.llm import Toolbox
from inwit.llm.recipe import ModelRecipe
from inwit.llm.training import parts, train_part
from inwit.llm.watching import Watch


def main() -> None:
    torch.set_num_threads(1)
    model, out = sys.argv[1:]
    rank = int(os.environ["RANK"])
    recipe = ModelRecipe(
        task="expressions",
        agent=f"llm:{model}",
        out=Path(out),
        levels=(1,),
        right=32,
        batch=16,
        warm_up_rate=1e-6,
        learning_rate=1e-5,
        steps=3,
        lora=0,
        minutes=inf if rank else 1e-9,  # the clock of the first process counts
    )
    noted = recipe.out / f"rank{rank}.jsonl"
    counted, saved = Watch.reward, Watch.on_save

    def reward(self, environments, **columns):
        with noted.open("a") as file:
            for each in environments:
                episode = each.episode
                paid = each.get_reward()
                row = {"asked": episode.question, "answer": episode.answer, "paid": paid}
                file.write(json.dumps({"step": columns["trainer_state"].global_step, **row}) + "\n")
        return counted(self, environments, **columns)

    def on_save(self, args, state, control, **given):
        saved(self, args, state, control, **given)
        place = Path(args.output_dir) / f"checkpoint-{state.global_step}"
        if rank == 0:
            with (recipe.out / "saved.jsonl").open("a") as file:
                file.write(json.dumps(sorted(each.name for each in place.iterdir())) + "\n")

    Watch.reward, Watch.on_save = reward, on_save
    for part in parts(recipe):
        train_part(recipe, Toolbox(recipe.task), part, lambda line: None)


if __name__ == "__main__":
    main()
