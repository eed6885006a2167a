"""POPGym on equal steps: ours, ours without memory, RecurrentPPO of sb3-contrib, random play.

    pip install popgym -r benchmarks/requirements.txt
    python benchmarks/popgym_scores.py                            # all that is missing
    python benchmarks/popgym_scores.py --steps 20000 --seeds 1    # a small try
    python benchmarks/popgym_scores.py --table                    # only the table

A result is one line of the file `--out`; what is there already is not run again, so that the same
command goes on after a cut. Each side has one setting for all environments: RecurrentPPO its own
defaults, ours `SETTING`. CPU seconds are of training, and include stepping the environments; the
cost of stepping alone is measured apart.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import fmean

import torch

from inwit.cli.waiting import waiting
from inwit.progress import one_by_one
from inwit.texts import to_json

ENVIRONMENTS = ("RepeatPreviousEasy", "PositionOnlyCartPoleEasy", "HigherLowerEasy")
"""The environments that are played by default; any other one of POPGym can be named."""
SETTING = {
    "batch": 32,
    "window": 64,
    "learner.epochs": 8,
    "learner.decay": 0.9,
    "optimiser.learning_rate": 2e-3,
}
"""Of ours, for all environments."""
EPISODES, STEPPED = 100, 5_000
"""Fresh episodes of a score; random actions by which stepping alone is timed."""


def identifier(name: str) -> str:
    return f"popgym-{name}-v0"


def ours(policy: str) -> Callable[[str, int, int], dict[str, float]]:
    """Train ours, and score it greedily and as in training."""

    def run(name: str, steps: int, seed: int) -> dict[str, float]:
        import inwit

        updates = -(-steps // (SETTING["batch"] * SETTING["window"]))
        with tempfile.TemporaryDirectory() as folder:
            start = time.process_time()
            player = inwit.train(
                f"gymnasium:popgym:{identifier(name)}",
                policy=policy,
                seed=seed,
                updates=updates,
                out=Path(folder) / "run",
                **SETTING,
            )
            spent = time.process_time() - start
            score = player.evaluate(EPISODES)
        return {"greedy": score.greedy.mean, "drawn": score.sampled.mean, "cpu": spent}

    return run


def recurrent_ppo(name: str, steps: int, seed: int) -> dict[str, float]:
    """Train RecurrentPPO with its defaults and eight environments, and score it."""
    import gymnasium
    import popgym  # noqa: F401, registers the environments
    from sb3_contrib import RecurrentPPO
    from stable_baselines3.common.env_util import make_vec_env

    envs = make_vec_env(identifier(name), n_envs=8, seed=seed)
    start = time.process_time()
    model = RecurrentPPO("MlpLstmPolicy", envs, seed=seed, device="cpu", verbose=0).learn(steps)
    spent = time.process_time() - start
    env = gymnasium.make(identifier(name))
    scores = {}
    for label, greedy in (("greedy", True), ("drawn", False)):
        returns = []
        for episode in range(EPISODES):
            seen, _ = env.reset(seed=10**6 + episode)
            state, first, total, over = None, [True], 0.0, False
            while not over:
                action, state = model.predict(seen, state, first, deterministic=greedy)
                seen, reward, terminated, truncated, _ = env.step(action)
                total, over, first = total + float(reward), terminated or truncated, [False]
            returns.append(total)
        scores[label] = fmean(returns)
    return scores | {"cpu": spent}


def random_play(name: str, steps: int, seed: int) -> dict[str, float]:
    """Uniform random play, and the CPU seconds of stepping alone."""
    import gymnasium
    import popgym  # noqa: F401, registers the environments

    env = gymnasium.make(identifier(name))
    env.action_space.seed(seed)
    env.reset(seed=seed)
    returns, total, start = [], 0.0, time.process_time()
    for _ in range(STEPPED):
        _, reward, terminated, truncated, _ = env.step(env.action_space.sample())
        total += float(reward)
        if terminated or truncated:
            returns.append(total)
            total = 0.0
            env.reset()
    spent = (time.process_time() - start) * steps / STEPPED
    return {"greedy": fmean(returns), "drawn": fmean(returns), "cpu": spent}


CONTENDERS: dict[str, Callable[[str, int, int], dict[str, float]]] = {
    "random play": random_play,
    "ours, gru": ours("gru"),
    "ours, memoryless": ours("memoryless"),
    "ours, aggregated": ours("aggregated"),
    "RecurrentPPO": recurrent_ppo,
}


def table(lines: list[dict[str, object]]) -> str:
    """Mean over seeds with the least and the most, per environment and contender."""
    rows = ["| environment | steps | | seeds | greedy | drawn | CPU s |", "| --- " * 7 + "|"]
    groups: dict[tuple[object, ...], list[dict[str, object]]] = {}
    for line in lines:
        groups.setdefault((line["environment"], line["steps"], line["contender"]), []).append(line)
    for (name, steps, contender), several in groups.items():
        cells = [name, f"{steps:,}", contender, len(several)]
        for key in ("greedy", "drawn"):
            values = [float(str(each[key])) for each in several]
            cells.append(f"{fmean(values):.3f} ({min(values):.3f} to {max(values):.3f})")
        cells.append(f"{fmean(float(str(each['cpu'])) for each in several):.0f}")
        rows.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--environments", nargs="+", default=ENVIRONMENTS)
    parser.add_argument("--contenders", nargs="+", default=[*CONTENDERS], choices=[*CONTENDERS])
    parser.add_argument("--steps", type=int, default=200_000, help="actions in training")
    parser.add_argument("--seeds", type=int, default=3, help="how many, from 0")
    parser.add_argument("--out", type=Path, default=Path("runs/popgym.jsonl"))
    parser.add_argument("--table", action="store_true", help="print the table and run nothing")
    given = parser.parse_args()
    torch.set_num_threads(1)
    lines = (
        [json.loads(line) for line in given.out.read_text().splitlines()]
        if given.out.exists()
        else []
    )
    keys = ("environment", "contender", "steps", "seed")
    done = {tuple(line[key] for key in keys) for line in lines}
    given.out.parent.mkdir(parents=True, exist_ok=True)
    for seed in one_by_one("seed", range(0 if given.table else given.seeds)):
        for name in given.environments:
            for contender in given.contenders:
                key = (name, contender, given.steps, seed)
                if key in done:
                    continue
                found = CONTENDERS[contender](name, given.steps, seed)
                line = dict(zip(keys, key, strict=True)) | found
                lines.append(line)
                with given.out.open("a") as file:
                    file.write(to_json(line) + "\n")
                print(to_json(line), flush=True)
    print(table(lines))


if __name__ == "__main__":
    with waiting("training on POPGym"):
        main()
