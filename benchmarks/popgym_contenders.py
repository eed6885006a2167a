"""Who plays in `popgym_scores.py`: ours with and without memory, RecurrentPPO, random play.

A contender takes an environment, actions in training and a seed; it trains, and is scored.
"""

import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np

import inwit
from inwit.games.player import FRESH_SEED
from inwit.games.scores import fresh_seeds, mmer
from inwit.texts import to_json
from popgym_report import MEMORYLESS, OURS, RANDOM, THEIRS

BATCH, WINDOW, EPOCHS, RATE, DISCOUNT, DECAY, ENTROPY = 64, 32, 8, 1e-2, 0.99, 0.9, 0.01
WIDTH = 96
"""Units of ours, and of each of RecurrentPPO's two."""
SETTING: dict[str, Any] = {
    "batch": BATCH,
    "window": WINDOW,
    "learner.epochs": EPOCHS,
    "learner.discount": DISCOUNT,
    "learner.decay": DECAY,
    "learner.entropy_weight": ENTROPY,
    "optimiser.learning_rate": RATE,
    "optimiser.anneal": 1.0,
    "policy.width": WIDTH,
    "normalise_rewards": True,
}
"""Of RecurrentPPO, in the words of ours, for all environments."""
OUR_SETTING = SETTING | {"learner.epochs": 2, "learner.minibatches": 8}
"""Of ours."""
EPISODES, STEPPED = 100, 5_000
"""Fresh episodes of a score; random actions by which stepping alone is timed."""
Found = dict[str, Any]
Contender = Callable[[str, int, int], Found]


def updates_of(steps: int) -> int:
    """Updates that take at least so many actions."""
    return -(-steps // (BATCH * WINDOW))


def ours(policy: str) -> Contender:
    """Train ours, and score it with drawn actions and greedily."""

    def run(name: str, steps: int, seed: int) -> Found:
        with tempfile.TemporaryDirectory() as folder:
            options = {"seed": seed, "updates": updates_of(steps), "out": Path(folder) / "run"}
            start = time.process_time()
            player = inwit.train(
                f"gymnasium:popgym:popgym-{name}-v0", policy=policy, **options, **OUR_SETTING
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


def bare(name: str) -> Any:
    """An environment as ours takes it."""
    import gymnasium
    import popgym  # noqa: F401, registers them

    return gymnasium.make(f"popgym-{name}-v0", disable_env_checker=True)


def made(name: str) -> Any:
    """An environment as RecurrentPPO takes it: several numbers at once as one vector.

    Where POPGym says that an agent must see its previous action, this one does, as ours always
    does: by POPGym's own wrappers.
    """
    import gymnasium
    from popgym.wrappers import Antialias, PreviousAction

    env = bare(name)
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
        learning_rate=lambda left: RATE * left,
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


def stepping(env: Any, steps: int, seed: int) -> float:
    """CPU seconds of an environment alone in so many actions of training, drawn uniformly."""
    env.action_space.seed(seed)
    actions = [env.action_space.sample() for _ in range(STEPPED)]
    env.reset(seed=seed)
    start = time.process_time()
    for action in actions:
        _, _, terminated, truncated, _ = env.step(action)
        if terminated or truncated:
            env.reset()
    return (time.process_time() - start) * updates_of(steps) * BATCH * WINDOW / STEPPED


def random_play(name: str, steps: int, seed: int) -> Found:
    """Uniform random play, and the CPU seconds of stepping alone."""
    env = made(name)
    spent, seeds = stepping(env, steps, seed), fresh_seeds(FRESH_SEED, EPISODES)
    returns = list[float]()
    for each in seeds:
        env.reset(seed=each)
        total, over = 0.0, False
        while not over:
            _, reward, terminated, truncated, _ = env.step(env.action_space.sample())
            total, over = total + float(reward), terminated or truncated
        returns.append(total)
    return found(returns, returns, spent, None)


CONTENDERS: dict[str, Contender] = {
    RANDOM: random_play,
    OURS: ours("gru"),
    THEIRS: recurrent_ppo,
    MEMORYLESS: ours("memoryless"),
    "ours, aggregated": ours("aggregated"),
}


def mark_of(contender: str) -> str:
    """The setting in a line of the records: runs of another one are not those of the tables."""
    setting = OUR_SETTING if contender.startswith("ours") else SETTING
    return sha256(to_json(setting).encode()).hexdigest()[:8]
