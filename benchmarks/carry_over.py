"""Does what the small agent says beforehand hold for a language model on the same task object?

    python benchmarks/carry_over.py forecast            # audit and small agent, before any model
    python benchmarks/carry_over.py outcome --seeds 0-2 # the tiny language model, by TRL's GRPO
    python benchmarks/carry_over.py report

The tasks stand in `carry_over_variants.py`. Both agents learn by GRPO from single rewards: the
small network from random weights, the language model after a warm-up on uniformly random chats,
which show the form of a call. Records are lines of JSON in `benchmarks/carry_over`; the same
command goes on after a cut. Forecasts were committed before the first run of `outcome`.
"""

import argparse
import json
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from typing import Any

import torch

from carry_over_report import (
    BATCH,
    Audited,
    Carried,
    Run,
    failure,
    middles,
    read_audits,
    read_runs,
    report,
    scatter,
    until,
)
from carry_over_variants import TRIAL, Variant, variants
from inwit.auditing.exhaustive import audit_task
from inwit.cli.mistakes import mistakes_in_a_line
from inwit.cli.waiting import waiting
from inwit.errors import UnknownName
from inwit.evaluation.traces import trace
from inwit.extras import require
from inwit.llm import Toolbox, dataset, demonstrations, environment_factory
from inwit.llm.local import LocalModel
from inwit.llm.scoring import evaluate_model
from inwit.llm.tiny import tiny_model, tiny_tokenizer, warm_up
from inwit.progress import one_by_one
from inwit.recipes import recipe_for
from inwit.runs.seeds import read_seeds
from inwit.texts import to_json
from inwit.training.loop import Training

FOLDER = Path(__file__).parent / "carry_over"
PICTURE = Path(__file__).parents[1] / "docs" / "carry_over.svg"
AUDITS, SMALL, MODEL = "audits.jsonl", "small_agent.jsonl", "language_model.jsonl"
PROBLEMS, SEED = 200, 2026
"""Held-out problems that are answered greedily after training, by turns of the levels."""
GROUP = 8
"""Episodes at one problem, of both agents."""
UPDATES = 60
"""Updates of the small agent."""
STEPS, CHATS, WARM_STEPS = 40, 600, 120
"""GRPO steps of the language model; chats and steps of its warm-up."""


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How one episode ended."""

    paid: bool
    """The verifier pays."""
    right: bool
    """The answer is the stated one."""
    called: bool
    """A tool was called."""
    lured: bool
    """The answer is that of the program that is right by luck, or of a step on the way."""


def ending(
    variant: Variant, question: str, answer: object, exact: object, *, paid: bool, called: bool
) -> Ending:
    """Judge an episode by its answer."""
    given, lure = number(answer), variant.lure
    first = re.search(r"\d+", question)
    lured = lure is not None and first is not None and given == lure(int(first[0]))
    return Ending(paid=paid, right=given == number(exact), called=called, lured=lured)


def number(value: object) -> float | None:
    """An answer as a number, where it is one."""
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None


def summed_up(
    variant: Variant,
    seed: int,
    endings: Sequence[Ending],
    curve: Sequence[float],
    cpu: float,
    batch: int = BATCH,
) -> Run:
    """The record of a run; an update of it is so many episodes."""
    shares = {
        name: round(fmean(getattr(each, name) for each in endings), 4)
        for name in ("right", "paid", "called", "lured")
    }
    return Run(
        variant=variant.task.name,
        seed=seed,
        **shares,
        episodes=until(curve, batch),
        failure=failure(**shares),
        curve=[round(value, 4) for value in curve],
        cpu_seconds=round(cpu, 1),
    )


def small(variant: Variant, seed: int) -> Run:
    """Train the small agent, and let it answer held-out problems."""
    start = time.process_time()
    recipe = recipe_for(variant.task).but(
        seed=seed,
        updates=UPDATES,
        batch=BATCH,
        learner="grpo",
        curriculum="fixed" if variant.in_order else "uniform",
        replay=0,
        search=0,
        epsilon=0.0,
        early_stopping=False,
        **{"learner.group_size": GROUP, "reward.shaping": variant.shaping},
    )
    training = Training(recipe)
    curve = [each.metrics["episodes/accuracy"] for each in training.reports()]
    endings = list(endings_of_small(variant, training))
    return summed_up(variant, seed, endings, curve, time.process_time() - start)


def endings_of_small(variant: Variant, training: Training) -> Iterator[Ending]:
    """Greedy episodes at held-out problems."""
    tools = {tool.name for tool in variant.task.rules.tools}
    levels = variant.task.levels
    for level in levels:
        generator = torch.Generator().manual_seed((SEED * 1_000_003 + level) % 2**63)
        count = torch.full((PROBLEMS // len(levels),), level)
        problems = variant.task.sample(count, generator, held_out=True)
        for each in trace(training.policy, training.environment, problems):
            called = bool(tools & {press.key for press in each.presses})
            yield ending(
                variant, each.problem, each.answer, each.exact, paid=each.right, called=called
            )


def model(variant: Variant, seed: int) -> Run:
    """Train the tiny language model, and let it answer held-out problems."""
    start = time.process_time()
    torch.manual_seed(seed)
    toolbox = Toolbox(variant.task, seconds=None)
    levels = list(variant.task.levels)
    chats = [
        chat
        for level in levels
        for chat in demonstrations(
            toolbox, CHATS // len(levels), level=level, programs="even", seed=seed
        )
    ]
    tokenizer = tiny_tokenizer(chats)
    network = tiny_model(tokenizer, seed=seed)
    warm_up(network, tokenizer, chats, steps=WARM_STEPS, seed=seed)
    curve = by_grpo(variant, toolbox, network, tokenizer, seed)
    greedy = LocalModel(network, tokenizer, tokens=32)
    endings = endings_of_model(variant, toolbox, greedy, PROBLEMS)
    return summed_up(variant, seed, endings, curve, time.process_time() - start)


def endings_of_model(
    variant: Variant, toolbox: Toolbox, model: LocalModel, problems: int
) -> list[Ending]:
    """Greedy chats about held-out problems."""
    count = problems // len(variant.task.levels)
    _, _, transcripts = evaluate_model(model, toolbox, count=count, seed=SEED)
    tools = {each.name for each in toolbox.functions if each.tool is not None}
    return [
        ending(
            variant,
            each.problem,
            each.answer,
            each.exact,
            paid=each.right,
            called=bool(tools & {call.name for call in each.calls}),
        )
        for each in transcripts
    ]


def by_grpo(
    variant: Variant, toolbox: Toolbox, network: Any, tokenizer: Any, seed: int
) -> list[float]:
    """Train by TRL's GRPO; returns the share of paid episodes of every step."""
    trl, curve = require("trl", "llm"), list[float]()

    def sub_goals(environments: Sequence[Any], **columns: object) -> list[float]:
        episodes = [each.episode for each in environments]
        curve.append(fmean(each.right for each in episodes))
        return [variant.shaping * earned_on_the_way(variant, each) for each in episodes]

    with TemporaryDirectory() as folder:
        trainer = trl.GRPOTrainer(
            model=network,
            processing_class=tokenizer,
            environment_factory=environment_factory(toolbox),
            reward_funcs=[sub_goals],
            train_dataset=rows(variant, toolbox, seed),
            args=trl.GRPOConfig(
                output_dir=folder,
                max_steps=STEPS,
                per_device_train_batch_size=BATCH,
                num_generations=GROUP,
                learning_rate=1e-3,
                lr_scheduler_type="constant",
                max_completion_length=128,
                max_tool_calling_iterations=5,
                shuffle_dataset=False,
                logging_steps=STEPS,
                save_strategy="no",
                report_to="none",
                disable_tqdm=True,
                use_cpu=True,
                seed=seed,
                bf16=False,
                gradient_checkpointing=False,
            ),
        )
        trainer.train()
    return curve


def earned_on_the_way(variant: Variant, episode: Any) -> float:
    """What the answer of an episode earns as a sub-goal."""
    given = number(episode.answer)
    if given is None or episode.right or not variant.shaping:
        return 0.0
    values, earned = variant.task.subgoals(episode.problem)
    return float(earned[values == given].max()) if bool((values == given).any()) else 0.0


def rows(variant: Variant, toolbox: Toolbox, seed: int) -> Any:
    """Problems for GRPO: the levels one after the other, or in turn."""
    count = STEPS * BATCH // GROUP
    made = dataset(toolbox, count, seed=seed)
    return made.sort("level") if variant.in_order else made


def audited(variant: Variant) -> Audited:
    """What the audit says."""
    found = audit_task(variant.task, problems=256, budget=3_000)
    warned = [each for each in found.findings if str(each.verdict) != "pass"]
    return Audited(
        variant=variant.task.name,
        verdict=str(found.verdict),
        ceiling=round(fmean(each.solvable.value for each in found.levels), 4),
        chance=round(fmean(each.chance.value for each in found.levels), 5),
        findings=[f"{each.verdict}: {each.name}" for each in warned],
    )


def append(path: Path, record: object) -> None:
    """Write one line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as lines:
        lines.write(to_json(asdict(record)) + "\n")  # type: ignore[call-overload]


def done(path: Path) -> set[tuple[str, int]]:
    """The runs that are recorded."""
    lines = map(json.loads, path.read_text().splitlines() if path.exists() else ())
    return {(each["variant"], each.get("seed", 0)) for each in lines}


def missing(path: Path, chosen: Iterable[str], seeds: Sequence[int]) -> list[tuple[str, int]]:
    """The runs that are not recorded yet, seed by seed."""
    known, chosen = done(path), list(chosen)
    return [(name, seed) for seed in seeds for name in chosen if (name, seed) not in known]


def measure(
    path: Path,
    chosen: dict[str, Variant],
    seeds: Sequence[int],
    run: Callable[[Variant, int], object],
) -> None:
    """Make and record the runs that are missing."""
    for name, seed in one_by_one("run", missing(path, chosen, seeds)):
        append(path, run(chosen[name], seed))


def chosen_variants(names: str) -> dict[str, Variant]:
    """The variants that are asked for; all by default.

    Raises:
        UnknownName: there is no such variant.
    """
    known = variants()
    asked = [name.strip() for name in names.split(",")] if names else list(known)
    everything = known | {TRIAL.task.name: TRIAL}
    for name in asked:
        if name not in everything:
            raise UnknownName("variant", name, everything)
    return {name: everything[name] for name in asked}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("part", choices=["forecast", "outcome", "report"])
    parser.add_argument("--variants", default="", help="names with commas; all by default")
    parser.add_argument("--seeds", default="0-2")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    given = parser.parse_args()
    os.environ["TRL_EXPERIMENTAL_SILENCE"] = "1"
    with mistakes_in_a_line():
        torch.set_num_threads(1)
        chosen, seeds = chosen_variants(given.variants), read_seeds(given.seeds)
        if given.part == "forecast":
            measure(given.folder / AUDITS, chosen, [0], lambda variant, seed: audited(variant))
            measure(given.folder / SMALL, chosen, seeds, small)
        elif given.part == "outcome":
            measure(given.folder / MODEL, chosen, seeds, model)
        else:
            files = [given.folder / name for name in (AUDITS, SMALL, MODEL)]
            print(report(*files, {name for name, each in chosen.items() if not each.learnable}))
            draw(*files)


def draw(audits: Path, small: Path, model: Path) -> None:
    """Write the picture of the page."""
    if model.exists():
        found = Carried(
            audits=read_audits(audits),
            small=middles(read_runs(small)),
            model=middles(read_runs(model)),
        )
        PICTURE.write_text(scatter(found))


if __name__ == "__main__":
    with waiting("training on the variants of carry_over"):
        main()
