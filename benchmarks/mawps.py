"""Word problems that people wrote (MAWPS), five folds, from answers only.

    python benchmarks/mawps.py --data ../shared/data/mawps --folds 0,1,2,3,4 --seeds 0

Trains one agent per fold and seed with the recipe `word-problems` and scores it, greedy, on the
whole dev file of the fold, once, at the end. Results that the folder `--out` already has are not
computed again. Only this script reads the column `Equation`, after training: to judge the programs
that the agent learnt from, and to group the problems by form.
"""

import argparse
import csv
import json
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import torch

from inwit.cli.mistakes import mistakes_in_a_line
from inwit.cli.waiting import waiting
from inwit.progress import steps
from inwit.recipes import recipe_for
from inwit.tasks import Problems
from inwit.tasks.programs import addressed
from inwit.tasks.word_problems import CONSTANTS, WordProblems, table_paths
from inwit.texts import to_json
from inwit.tokens import PADDING
from inwit.training.loop import Training
from inwit.training.rollout import play

UPDATES, SEARCH = 250, 4000
TOOLS = {"+": "ADD", "-": "SUB", "*": "MUL", "/": "DIV"}
FEW = 10
"""Forms that are rarer are told together."""


def equations(path: Path) -> list[list[str]]:
    """The gold programs of a file, in Polish notation."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [row["Equation"].split() for row in csv.DictReader(file)]


def gold_program(equation: list[str], numbers: list[float]) -> list[str]:
    """The keys of an equation; none where an operand is missing or wanted twice."""
    free = dict(enumerate([*CONSTANTS, *numbers]))
    parts: list[list[int | str]] = []
    for token in reversed(equation):
        if token in TOOLS:
            parts.append([*parts.pop(), *parts.pop(), token])
            continue
        value = numbers[int(token[6:])] if token.startswith("number") else float(token)
        first = len(CONSTANTS) + int(token[6:]) if token.startswith("number") else -1
        keys = [key for key in sorted(free, key=lambda key: key != first) if free[key] == value]
        if not keys:
            return []
        del free[keys[0]]
        parts.append([keys[0]])
    return addressed(parts[0], TOOLS)


def with_gold(task: WordProblems, part: str, data: Path) -> Problems:
    """A part of the task whose oracles are the gold programs."""
    questions = task.known if part == "train" else task.apart
    golds = equations(table_paths(data)[part != "train"])
    known = [
        replace(each, oracle=" ".join(gold_program(gold, list(each.numbers))))
        for each, gold in zip(questions, golds, strict=True)
    ]
    return task.problems(known)


def values(training: Training, problems: Problems, keys: torch.Tensor) -> torch.Tensor:
    """What programs (P, K) come to; NaN where they give no answer."""
    training.environment.reset(problems)
    for key in keys.T:
        training.environment.step(key)
    state = training.environment.state
    return state.frame.accumulator.where(state.answered, torch.nan)


def others(problems: Problems) -> Problems:
    """The same problems with other numbers, equal ones where they were equal."""
    changed = 3 + 7 * (problems.operands * 3.21 + 0.4).cos()
    changed[:, : len(CONSTANTS)] = torch.tensor(CONSTANTS, dtype=torch.double)
    return replace(problems, operands=changed)


def spurious(training: Training, data: Path) -> dict[str, float]:
    """How many of the kept programs do not mean what the gold equation of the problem means."""
    solved, problems = training.replayed.buffer.solved, with_gold(training.task, "train", data)
    padding = training.environment.machine.vocabulary[PADDING]
    keys = torch.where(solved.pressed, solved.key, padding).T
    place, program = (solved.problem[:, None] == problems.identity).nonzero(as_tuple=True)[::-1]
    asked = others(problems.select(place))
    mine = values(training, asked, keys[program])
    gold = values(training, asked, asked.oracle)
    same = torch.isclose(mine, gold, rtol=1e-6, atol=1e-6)
    meant = torch.zeros(len(keys)).scatter_reduce(0, program, same.float(), "amax")
    good = torch.isin(problems.identity, solved.problem[meant > 0])
    return {
        "kept programs": len(keys),
        "spurious": float(1 - meant.mean()),
        "training problems with a kept program": float(
            torch.isin(problems.identity, solved.problem).float().mean()
        ),
        "and with one that means the gold one": float(good.float().mean()),
    }


def form(equation: list[str]) -> str:
    """What an equation looks like: `- + n n n`."""
    return " ".join("n" if token.startswith("number") else token for token in equation)


def run(data: Path, seed: int, updates: int) -> dict[str, object]:
    """Train on one fold and score."""
    recipe = recipe_for("word-problems").but(data=data, seed=seed, updates=updates, search=SEARCH)
    start = time.process_time()
    training = Training(recipe)
    for report in training.reports():
        if report.update % 25 == 0:
            spent = time.process_time() - start
            loss = report.metrics["loss/replay"]
            print(f"  {report.update}: {spent:.0f} CPU s, loss {loss:.3f}", flush=True)
    spent = time.process_time() - start
    dev = with_gold(training.task, "dev", data)
    right = play(training.policy, training.environment, dev).tolist()
    oracle = values(training, dev, dev.oracle)
    forms = [form(each) for each in equations(table_paths(data)[1])]
    return {
        "accuracy": sum(right) / len(right),
        "problems": len(right),
        "cpu minutes": spent / 60,
        "gold reachable": float(training.task.score(oracle, dev).float().mean()),
        "forms": {name: [hits, count] for name, hits, count in _by_form(forms, right)},
        **spurious(training, data),
    }


def _by_form(forms: list[str], right: list[bool]) -> list[tuple[str, int, int]]:
    hits = Counter(name for name, good in zip(forms, right, strict=True) if good)
    return [(name, hits[name], count) for name, count in Counter(forms).most_common()]


def summary(results: list[dict]) -> None:
    """All results so far."""
    for name in results[0]:
        if isinstance(results[0][name], float):
            values = [result[name] for result in results]
            print(f"{name}: {' '.join(f'{value:.4g}' for value in values)}", end="")
            print(f"   mean {sum(values) / len(values):.4g}")
    right, count = Counter(), Counter()
    for result in results:
        for name, (hits, asked) in result["forms"].items():
            right[name] += hits
            count[name] += asked
    rare = [name for name in count if count[name] < FEW]
    for name, asked in count.most_common():
        if asked >= FEW:
            print(f"{name:20} {right[name]:5} of {asked:5}  {right[name] / asked:.1%}")
    hits, asked = (sum(of[name] for name in rare) for of in (right, count))
    print(f"{len(rare)} rarer forms      {hits:5} of {asked:5}  {hits / max(1, asked):.1%}")


@mistakes_in_a_line()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data/mawps"))
    parser.add_argument("--folds", default="0,1,2,3,4")
    parser.add_argument("--seeds", default="0")
    parser.add_argument("--updates", type=int, default=UPDATES)
    parser.add_argument("--out", type=Path, default=Path("runs/mawps"))
    given = parser.parse_args()
    torch.set_num_threads(1)
    given.out.mkdir(parents=True, exist_ok=True)
    results = []
    pairs = [(s, f) for s in given.seeds.split(",") for f in given.folds.split(",")]
    for seed, fold in steps(pairs, [f"fold {fold}, seed {seed}" for seed, fold in pairs]):
        path = given.out / f"fold{fold}-seed{seed}.json"
        if not path.exists():
            print(f"fold {fold}, seed {seed}", flush=True)
            result = run(given.data / f"fold{fold}", int(seed), given.updates)
            path.write_text(to_json(result, indent=1) + "\n")
        results.append(json.loads(path.read_text()))
        print(f"fold {fold}, seed {seed}: {results[-1]['accuracy']:.2%}", flush=True)
    summary(results)


if __name__ == "__main__":
    with waiting("training on MAWPS"):
        main()
