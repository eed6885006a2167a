"""POPGym on equal steps: ours, ours without memory, RecurrentPPO of sb3-contrib, random play.

    pip install -r benchmarks/requirements.txt
    python benchmarks/popgym_scores.py                            # all that is missing
    python benchmarks/popgym_scores.py --steps 20000 --seeds 1    # a small try
    python benchmarks/popgym_scores.py --size Hard --out hard.jsonl
    python benchmarks/popgym_scores.py --table                    # only the tables of the page

A result is one line of JSON of the file `--out`: environment, contender, seed, actions in training,
the returns of 100 fresh episodes with drawn actions, the mean with the most probable ones, CPU
seconds, MMER. The file is part of the repository. What is there already is not run again, so that
the same command goes on after a cut, also on another machine: commit the lines that it adds. Seed
after seed, every environment is played by ours and RecurrentPPO first, then by the others.

Both sides have one setting for all environments (`SETTING`): an update is 32 actions of 64 episodes
and 8 steps on all of it. It did best for both in RepeatPreviousEasy, after eight tries each, which
the page lists. RecurrentPPO has its own defaults for the rest. CPU seconds are of training and
include stepping; the cost of stepping alone is measured apart, through the same wrappers.
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
from inwit.devices import keep_freed_memory
from inwit.games.player import FRESH_SEED
from inwit.games.scores import fresh_seeds, mmer
from inwit.progress import steps
from inwit.texts import to_json
from popgym_report import MEMORYLESS, OURS, RANDOM, THEIRS, tables

NAMES = (
    "RepeatPrevious",
    "RepeatFirst",
    "PositionOnlyCartPole",
    "CountRecall",
    "HigherLower",
    "VelocityOnlyCartpole",
    "MultiarmedBandit",
    "Autoencode",
    "Concentration",
)
"""What is played in one size by default; any environment of POPGym can be named."""
SIZES = ("Easy", "Medium", "Hard")
BATCH, WINDOW, EPOCHS, RATE, DISCOUNT, DECAY, ENTROPY = 64, 32, 8, 5e-3, 0.99, 0.9, 0.01
WIDTH = 128
"""Units of ours, and of each of RecurrentPPO's two."""
SETTING = {
    "batch": BATCH,
    "window": WINDOW,
    "learner.epochs": EPOCHS,
    "learner.discount": DISCOUNT,
    "learner.decay": DECAY,
    "learner.entropy_weight": ENTROPY,
    "optimiser.learning_rate": RATE,
    "policy.width": WIDTH,
    "normalise_rewards": True,
}
"""Of ours, for all environments; RecurrentPPO has the same numbers."""
RECORDS = Path(__file__).parent / "popgym_records" / "scores.jsonl"
"""The lines that the page was made from."""
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
                f"gymnasium:popgym:popgym-{name}-v0", policy=policy, **options, **SETTING
            )
            spent = time.process_time() - start
            score = player.evaluate(EPISODES)
        return found(score.sampled.returns, score.greedy.returns, spent, score.best)

    return run


def found(drawn: Sequence[float], greedy: Sequence[float], cpu: float, best: float | None) -> Found:
    """A result: returns of fresh episodes, CPU seconds of training, the best on the way."""
    rounded = [round(each, 3) for each in drawn]
    best = None if best is None else round(best, 3)
    return {"drawn": rounded, "greedy": round(fmean(greedy), 3), "cpu": round(cpu, 2), "mmer": best}


def made(name: str) -> Any:
    """An environment as RecurrentPPO takes it: several numbers at once as one vector.

    Where POPGym says that an agent must see its previous action, this one does, as ours always
    does: by POPGym's own wrappers.
    """
    import gymnasium
    from popgym.wrappers import Antialias, PreviousAction

    env: Any = gymnasium.make(f"popgym-{name}-v0", disable_env_checker=True)
    if env.unwrapped.obs_requires_prev_action:
        env = Antialias(PreviousAction(env))
    several = (gymnasium.spaces.Tuple, gymnasium.spaces.MultiDiscrete)
    flat = isinstance(env.observation_space, several)
    return gymnasium.wrappers.FlattenObservation(env) if flat else env


def recurrent_ppo(name: str, steps: int, seed: int) -> Found:
    """Train RecurrentPPO, and score it on the episodes on which ours is scored."""
    from gymnasium.spaces import Box
    from sb3_contrib import RecurrentPPO
    from stable_baselines3.common.callbacks import BaseCallback
    from stable_baselines3.common.env_util import make_vec_env
    from stable_baselines3.common.vec_env import VecNormalize

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
        several = make_vec_env(lambda: made(name), n_envs=BATCH, seed=seed)
    # As ours: rewards are divided by the deviation of the returns, and numbers (no categories) are
    # scaled to mean 0 and deviation 1.
    numbers = isinstance(made(name).unwrapped.observation_space, Box)
    envs = VecNormalize(several, norm_obs=numbers, norm_reward=True, gamma=DISCOUNT)
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
    read = envs.normalize_obs if numbers else np.asarray
    scores = [played(model, name, greedy=greedy, read=read) for greedy in (False, True)]
    return found(*scores, spent, mmer(returns.lines))


def played(
    model: Any, name: str, *, greedy: bool, read: Callable[[Any], Any] = np.asarray
) -> list[float]:
    """The returns of fresh episodes, side by side; `read` scales what is seen."""
    copies, seeds = [made(name) for _ in range(EPISODES)], fresh_seeds(FRESH_SEED, EPISODES)
    seen = [env.reset(seed=seed)[0] for env, seed in zip(copies, seeds, strict=True)]
    running, returns = [True] * EPISODES, [0.0] * EPISODES
    state, first = None, np.ones(EPISODES, bool)
    while any(running):
        actions, state = model.predict(read(np.array(seen)), state, first, deterministic=greedy)
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
    RANDOM: random_play,
    OURS: ours("gru"),
    THEIRS: recurrent_ppo,
    MEMORYLESS: ours("memoryless"),
    "ours, aggregated": ours("aggregated"),
}
ROUNDS = ((RANDOM, OURS, THEIRS), (MEMORYLESS,), ("ours, aggregated",))
"""Of each seed: all environments by the first of these, then by the others."""
DEFAULT = [RANDOM, OURS, THEIRS, MEMORYLESS]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    played = parser.add_mutually_exclusive_group()
    played.add_argument("--size", default=SIZES[0], choices=SIZES, help="of the nine environments")
    played.add_argument("--environments", nargs="+", help="others in place of the nine")
    parser.add_argument("--contenders", nargs="+", default=DEFAULT, choices=[*CONTENDERS])
    parser.add_argument("--steps", type=int, default=500_000, help="actions in training")
    parser.add_argument("--seeds", type=int, default=3, help="how many, from 0")
    parser.add_argument("--out", type=Path, default=RECORDS)
    parser.add_argument("--table", action="store_true", help="print the tables and run nothing")
    given = parser.parse_args()
    environments = given.environments or [name + given.size for name in NAMES]
    torch.set_num_threads(1)
    keep_freed_memory()
    there = given.out.read_text().splitlines() if given.out.exists() else []
    lines = [line for line in map(json.loads, there) if line["steps"] == given.steps]
    keys = ("environment", "contender", "seed")
    done = {tuple(line[key] for key in keys) for line in lines}
    given.out.parent.mkdir(parents=True, exist_ok=True)
    wanted = [] if given.table else planned(environments, given.contenders, given.seeds)
    missing = [key for key in wanted if key not in done]
    for contender in dict.fromkeys(contender for _, contender, _ in missing):
        CONTENDERS[contender](missing[0][0], 1, 0)  # what is loaded once is not timed
    names = [f"{contender}, {name}, seed {seed}" for name, contender, seed in missing]
    for key in steps(missing, names):
        result = CONTENDERS[key[1]](key[0], given.steps, key[2])
        lines.append(dict(zip(keys, key, strict=True)) | {"steps": given.steps} | result)
        with given.out.open("a") as file:
            file.write(to_json(lines[-1]) + "\n")
    print(tables([line for line in lines if line["environment"] in environments]))


def planned(
    environments: Sequence[str], contenders: Sequence[str], seeds: int
) -> list[tuple[str, str, int]]:
    """Environment, contender and seed of every run, in order."""
    return [
        (name, contender, seed)
        for seed in range(seeds)
        for some in ROUNDS
        for name in environments
        for contender in some
        if contender in contenders
    ]


if __name__ == "__main__":
    with waiting("training on POPGym"):
        main()
