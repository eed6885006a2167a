"""POPGym on equal steps: ours, ours without memory, RecurrentPPO of sb3-contrib, random play.

    pip install popgym -r benchmarks/requirements.txt
    python benchmarks/popgym_scores.py                            # all that is missing
    python benchmarks/popgym_scores.py --steps 20000 --seeds 1    # a small try
    python benchmarks/popgym_scores.py --table                    # only the table

A result is one line of the file `--out`; what is there already is not run again, so that the same
command goes on after a cut. Seed after seed, every environment is played by every contender.

Both sides have the same numbers for all environments (`SAME`), and neither was tuned on them: an
update is 64 actions of 32 episodes, and 8 steps on all of it. RecurrentPPO has its own defaults for
the rest, and a unit as wide as ours. CPU seconds are of training and include stepping; the cost of
stepping alone is measured apart, through the same wrappers.
"""

import argparse
import json
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
import torch

import inwit
from inwit.cli.waiting import waiting
from inwit.evaluation.intervals import bootstrap
from inwit.games.player import FRESH_SEED
from inwit.games.scores import fresh_seeds, mmer
from inwit.progress import one_by_one
from inwit.texts import to_json

ENVIRONMENTS = (
    "RepeatPreviousEasy",
    "RepeatFirstEasy",
    "AutoencodeEasy",
    "CountRecallEasy",
    "HigherLowerEasy",
    "ConcentrationEasy",
    "MultiarmedBanditEasy",
    "PositionOnlyCartPoleEasy",
    "VelocityOnlyCartpoleEasy",
)
"""The environments that are played by default; any other one of POPGym can be named."""
BATCH, WINDOW, EPOCHS, RATE, DISCOUNT, DECAY, ENTROPY, WIDTH = 32, 64, 8, 2e-3, 0.99, 0.9, 0.01, 64
SAME = {
    "batch": BATCH,
    "window": WINDOW,
    "learner.epochs": EPOCHS,
    "learner.discount": DISCOUNT,
    "learner.decay": DECAY,
    "learner.entropy_weight": ENTROPY,
    "optimiser.learning_rate": RATE,
    "policy.width": WIDTH,
    "normalise_rewards": False,
}
"""Of ours, for all environments; RecurrentPPO has the same numbers."""
EPISODES, STEPPED = 100, 5_000
"""Fresh episodes of a score; random actions by which stepping alone is timed."""
Found = dict[str, Any]


def updates_of(steps: int) -> int:
    """Updates that take at least so many actions."""
    return -(-steps // (BATCH * WINDOW))


def ours(policy: str) -> Callable[[str, int, int], Found]:
    """Train ours, and score it with drawn actions and greedily."""

    def run(name: str, steps: int, seed: int) -> Found:
        with tempfile.TemporaryDirectory() as folder:
            options = {"seed": seed, "updates": updates_of(steps), "out": Path(folder) / "run"}
            start = time.process_time()
            player = inwit.train(
                f"gymnasium:popgym:popgym-{name}-v0", policy=policy, **options, **SAME
            )
            spent = time.process_time() - start
            score = player.evaluate(EPISODES)
        return found(score.sampled.returns, score.greedy.returns, spent, score.best)

    return run


def found(drawn: Sequence[float], greedy: Sequence[float], cpu: float, best: float | None) -> Found:
    """A result: returns of fresh episodes, CPU seconds of training, the best on the way."""
    lists = {"drawn": drawn, "greedy": greedy}
    rounded = {name: [round(each, 4) for each in values] for name, values in lists.items()}
    return {**rounded, "cpu": round(cpu, 2), "mmer": best}


def made(name: str) -> Any:
    """An environment as RecurrentPPO takes it: several numbers at once as one vector."""
    import gymnasium
    import popgym  # noqa: F401, registers the environments

    env: Any = gymnasium.make(f"popgym-{name}-v0", disable_env_checker=True)
    several = (gymnasium.spaces.Tuple, gymnasium.spaces.MultiDiscrete)
    flat = isinstance(env.observation_space, several)
    return gymnasium.wrappers.FlattenObservation(env) if flat else env


def recurrent_ppo(name: str, steps: int, seed: int) -> Found:
    """Train RecurrentPPO, and score it on the episodes on which ours is scored."""
    from sb3_contrib import RecurrentPPO
    from stable_baselines3.common.callbacks import BaseCallback
    from stable_baselines3.common.env_util import make_vec_env

    class Returns(BaseCallback):  # type: ignore[misc]
        """Returns of the episodes of every update, as our metrics have them."""

        def _on_training_start(self) -> None:
            self.lines: list[dict[str, float]] = []

        def _on_rollout_start(self) -> None:
            self.ended: list[float] = []

        def _on_step(self) -> bool:
            infos = self.locals["infos"]
            self.ended += [float(each["episode"]["r"]) for each in infos if "episode" in each]
            return True

        def _on_rollout_end(self) -> None:
            count, mean = float(len(self.ended)), fmean(self.ended or [0.0])
            self.lines.append({"episodes/ended": count, "episodes/return": mean})

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of render modes that the environments lack
        envs = make_vec_env(lambda: made(name), n_envs=BATCH, seed=seed)
    model = RecurrentPPO(
        "MlpLstmPolicy",
        envs,
        n_steps=WINDOW,
        batch_size=BATCH * WINDOW,
        n_epochs=EPOCHS,
        learning_rate=RATE,
        gamma=DISCOUNT,
        gae_lambda=DECAY,
        ent_coef=ENTROPY,
        policy_kwargs={"lstm_hidden_size": WIDTH},
        seed=seed,
        device="cpu",
    )
    returns = Returns()
    start = time.process_time()
    model.learn(updates_of(steps) * BATCH * WINDOW, callback=returns)
    spent = time.process_time() - start
    envs.close()
    scores = [played(model, name, greedy=greedy) for greedy in (False, True)]
    return found(*scores, spent, mmer(returns.lines))


def played(model: Any, name: str, *, greedy: bool) -> list[float]:
    """The returns of fresh episodes, side by side."""
    copies, seeds = [made(name) for _ in range(EPISODES)], fresh_seeds(FRESH_SEED, EPISODES)
    seen = [env.reset(seed=seed)[0] for env, seed in zip(copies, seeds, strict=True)]
    running, returns = [True] * EPISODES, [0.0] * EPISODES
    state, first = None, np.ones(EPISODES, bool)
    while any(running):
        actions, state = model.predict(np.array(seen), state, first, deterministic=greedy)
        first = np.zeros(EPISODES, bool)
        for row, env in enumerate(copies):
            if running[row]:
                seen[row], reward, terminated, truncated, _ = env.step(actions[row])
                returns[row] += float(reward)
                running[row] = not (terminated or truncated)
    return returns


def random_play(name: str, steps: int, seed: int) -> Found:
    """Uniform random play, and the CPU seconds of stepping alone."""
    env = made(name)
    env.action_space.seed(seed)
    seeds = fresh_seeds(FRESH_SEED, EPISODES)
    env.reset(seed=seeds[0])
    start = time.process_time()
    for _ in range(STEPPED):
        _, _, terminated, truncated, _ = env.step(env.action_space.sample())
        if terminated or truncated:
            env.reset()
    spent = (time.process_time() - start) * updates_of(steps) * BATCH * WINDOW / STEPPED
    returns = list[float]()
    for each in seeds:
        env.reset(seed=each)
        total, over = 0.0, False
        while not over:
            _, reward, terminated, truncated, _ = env.step(env.action_space.sample())
            total, over = total + float(reward), terminated or truncated
        returns.append(total)
    return found(returns, returns, spent, None)


CONTENDERS: dict[str, Callable[[str, int, int], Found]] = {
    "random play": random_play,
    "ours, gru": ours("gru"),
    "ours, memoryless": ours("memoryless"),
    "RecurrentPPO": recurrent_ppo,
    "ours, aggregated": ours("aggregated"),
}
DEFAULT = list(CONTENDERS)[:4]


def table(lines: Sequence[Found]) -> str:
    """Mean returns over all episodes of all seeds with intervals, per environment and contender.

    CPU seconds are a mean over seeds; of random play they are what stepping alone takes, which is
    subtracted from those of the others.
    """
    heads = ("environment", "", "seeds", "drawn actions", "least, most seed", "greedy", "MMER")
    rows = [[*heads, "CPU s", "net of stepping"]]
    groups: dict[tuple[str, str], list[Found]] = {}
    for line in lines:
        groups.setdefault((line["environment"], line["contender"]), []).append(line)
    for (name, contender), several in groups.items():
        cpu = fmean(each["cpu"] for each in several)
        stepping = fmean(each["cpu"] for each in groups.get((name, "random play"), [{"cpu": 0.0}]))
        drawn = [value for each in several for value in each["drawn"]]
        low, high = bootstrap(drawn)
        seeds = [fmean(each["drawn"]) for each in several]
        best = [each["mmer"] for each in several if each["mmer"] is not None]
        cells = [
            name,
            contender,
            str(len(several)),
            f"{fmean(drawn):.3f} ({low:.3f} to {high:.3f})",
        ]
        cells += [f"{min(seeds):.3f}, {max(seeds):.3f}"]
        cells += [f"{fmean(fmean(each['greedy']) for each in several):.3f}"]
        cells += [f"{fmean(best):.3f}" if best else "-", f"{cpu:.1f}"]
        rows.append([*cells, "-" if contender == "random play" else f"{cpu - stepping:.1f}"])
    rows.insert(1, ["---"] * len(rows[0]))
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--environments", nargs="+", default=ENVIRONMENTS)
    parser.add_argument("--contenders", nargs="+", default=DEFAULT, choices=[*CONTENDERS])
    parser.add_argument("--steps", type=int, default=500_000, help="actions in training")
    parser.add_argument("--seeds", type=int, default=3, help="how many, from 0")
    parser.add_argument("--out", type=Path, default=Path("runs/popgym.jsonl"))
    parser.add_argument("--table", action="store_true", help="print the table and run nothing")
    given = parser.parse_args()
    torch.set_num_threads(1)
    there = given.out.read_text().splitlines() if given.out.exists() else []
    lines = [line for line in map(json.loads, there) if line["steps"] == given.steps]
    keys = ("environment", "contender", "seed")
    done = {tuple(line[key] for key in keys) for line in lines}
    given.out.parent.mkdir(parents=True, exist_ok=True)
    for seed in one_by_one("seed", range(0 if given.table else given.seeds)):
        for name in given.environments:
            for contender in given.contenders:
                if (name, contender, seed) in done:
                    continue
                result = CONTENDERS[contender](name, given.steps, seed)
                line = {"environment": name, "contender": contender, "seed": seed}
                lines.append(line | {"steps": given.steps} | result)
                with given.out.open("a") as file:
                    file.write(to_json(lines[-1]) + "\n")
    print(table(lines))


if __name__ == "__main__":
    with waiting("training on POPGym"):
        main()
