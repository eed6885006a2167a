"""The loop in an environment: windows of episodes -> learner -> optimiser."""

import sys
import time
from collections.abc import Iterator, Mapping

import torch

from inwit.devices import check_device
from inwit.errors import DamagedRun, InvalidOption, InwitError
from inwit.games.compiled import CompiledLoss
from inwit.games.game import SeededGame, WindowGame
from inwit.games.live import Live, LiveGame
from inwit.games.recipe import GameRecipe
from inwit.games.scores import BLOCK
from inwit.games.stepping import Choice, opened
from inwit.learners import Metrics, check_loss
from inwit.policies import Memory
from inwit.training.batch import Selection, steps_on
from inwit.training.checkpoint import Checkpoint, tensors_of
from inwit.training.descent import descend
from inwit.training.distributed import started_together
from inwit.training.metrics import Report
from inwit.training.rollout import Start, evaluate, fill
from inwit.trajectory import Trajectory, masked_mean

LOWEST = -sys.float_info.max
"""Stands for the mean return before any episode has ended, in checkpoints, too."""


class GameTraining:
    """All that changes while an agent is trained in an environment."""

    def __init__(self, recipe: GameRecipe) -> None:
        """Set everything up.

        Raises:
            InvalidOption: the device or the environment is not there, or a space is not supported.
        """
        if started_together() > 1:
            raise InvalidOption("a run in an environment is one process: leave out torchrun")
        check_device(recipe.device)
        self.recipe, self.learner = recipe, recipe.learner
        self.choice = Choice(recipe)
        self.game = _game(recipe)
        try:
            self._prepare()
        except BaseException:
            self.close()
            raise

    def _prepare(self) -> None:
        recipe = self.recipe
        self.policy = recipe.network(self.game.spec)
        self.parameters = dict(self.policy.named_parameters())
        self.optimiser = recipe.optimiser.build(self.parameters.values())
        self.generator = torch.Generator().manual_seed(recipe.seed)
        self.compiled: CompiledLoss | None = None
        if recipe.compile:
            self.compiled = CompiledLoss(self.policy, self.learner, self.game.device)
        self.start: Start | None = None
        self.batch: dict[str, Trajectory] = {}  # what the latest loss was made from
        self.update = self.episodes = 0
        self.seconds, self.latest = 0.0, LOWEST
        self.checked = False  # what the learner returns

    def reports(self) -> Iterator[Report]:
        """Train, one update at a time.

        Raises:
            Diverged: a loss or its gradient is not finite; the step was not made.
        """
        while self.update < self.recipe.updates:
            start = time.perf_counter()
            numbers = self._update()
            if isinstance(self.game, SeededGame):
                left = self.recipe.updates - self.update
                self.choice.after(self.game, time.perf_counter() - start, left)
            self.seconds += time.perf_counter() - start
            yield Report(
                update=self.update,
                episodes=self.episodes,
                level=0,
                metrics=numbers,
                seconds=self.seconds,
                elsewhere=self.game.copies.cpu if isinstance(self.game, SeededGame) else 0.0,
            )

    def _update(self) -> dict[str, float]:
        """One window of every episode, and the gradient steps on it."""
        recipe, policy, game = self.recipe, self.policy, self.game
        begun = game.start(policy) if self.start is None else self.start
        game.scale = policy.scale
        noise = torch.rand(recipe.window, game.count, generator=self.generator)
        noise = noise.to(recipe.device, non_blocking=True)
        with torch.no_grad():
            trajectory, outputs, self.start = fill(policy, game, begun, recipe.window, noise=noise)
        self.batch = {"episodes": trajectory}
        metrics: Metrics = {
            "policy/entropy": masked_mean(outputs.entropy.detach(), trajectory.pressed)
        }
        for rows in steps_on(self.learner, game.count, self.generator):
            metrics |= self._step(*_part(begun.memory, trajectory, rows))
        policy.learn(trajectory.observation, game.ledger.take_spread())
        ended = game.ledger.take() | {"episodes/actions": float(trajectory.pressed.sum())}
        self.update += 1
        self.episodes += int(ended["episodes/ended"])
        self.latest = smoothed(self.latest, ended)
        return {name: float(value) for name, value in metrics.items()} | ended

    def _step(self, memory: Memory, trajectory: Trajectory) -> Metrics:
        """One step down the learner's loss on episodes with these states before their first row."""
        self.optimiser.zero_grad()
        if self.compiled is not None:
            loss, metrics = self.compiled.backward(memory, trajectory)
        else:
            outputs = evaluate(self.policy, trajectory, memory)
            made = self.learner.loss(trajectory, outputs)
            if not self.checked:
                check_loss(self.learner, made)
                self.checked = True
            loss, metrics = made
            loss.backward()
        return descend(
            [(loss.detach(), metrics)],
            self.optimiser,
            self.recipe.optimiser,
            update=self.update,
            left=1 - self.update / self.recipe.updates,
        )

    def checkpoint(self) -> Checkpoint:
        """All that changes, as it is now.

        Of a live environment it is the weights and the optimiser: the episodes are lost.
        """
        tensors = tensors_of(self.policy, self.optimiser)
        tensors["generator"] = self.generator.get_state()
        if self.start is not None and isinstance(self.game, SeededGame):
            tensors |= {f"game.{name}": part for name, part in self.game.state().items()}
            tensors |= {f"memory.{place}": part for place, part in enumerate(self.start.memory)}
            tensors["starts"] = self.start.starts
        return Checkpoint(
            update=self.update,
            episodes=self.episodes,
            seconds=self.seconds,
            level=0,
            accuracy=self.latest,
            curriculum={},
            health={},
            tensors={name: part.detach().cpu().clone() for name, part in tensors.items()},
        )

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go on from a checkpoint of the same recipe, in the middle of the same episodes.

        Raises:
            DamagedRun: it is of another recipe, or the environment does not come back.
        """
        tensors = checkpoint.tensors
        try:
            checkpoint.fill(self.policy)
            checkpoint.fill_optimiser(self.optimiser)
            self.generator.set_state(tensors["generator"])
            if "starts" in tensors:
                self.start = self._restored(tensors)
        except InwitError:
            raise
        except (LookupError, ValueError, RuntimeError, TypeError) as error:
            raise DamagedRun(f"the checkpoint is of another recipe: {error}") from error
        self.update, self.episodes = checkpoint.update, checkpoint.episodes
        self.seconds, self.latest = checkpoint.seconds, checkpoint.accuracy

    def close(self) -> None:
        """Free the environment, unless it is the user's own."""
        if isinstance(self.game, SeededGame):
            self.game.copies.close()

    def _restored(self, tensors: dict[str, torch.Tensor]) -> Start:
        """Where the next window begins."""
        assert isinstance(self.game, SeededGame)  # a live run is not resumed
        state = {
            name.removeprefix("game."): part
            for name, part in tensors.items()
            if name.startswith("game.")
        }
        opened, device = self.game.start(self.policy), self.recipe.device
        observation = self.game.restore(state)
        self.game.starting = tensors["starts"].to(device)
        return Start(
            problem=opened.problem,
            level=opened.level,
            prompt=opened.prompt,
            observation=observation,
            memory=tuple(
                tensors[f"memory.{place}"].to(device) for place in range(len(opened.memory))
            ),
            starts=self.game.starting,
        )


def _part(memory: Memory, trajectory: Trajectory, rows: Selection) -> tuple[Memory, Trajectory]:
    """Some of the episodes, and their states before the first row."""
    if rows is None:
        return memory, trajectory
    here = rows.to(trajectory.key.device, non_blocking=True)
    return tuple(each.index_select(0, here) for each in memory), trajectory.select(here)


def smoothed(before: float, ended: Mapping[str, float]) -> float:
    """The mean return with that of the episodes of an update: a hundred of them weigh half."""
    count = ended["episodes/ended"]
    if not count or before == LOWEST:
        return ended["episodes/return"] if count else before
    return before + count / (count + BLOCK) * (ended["episodes/return"] - before)


def _game(recipe: GameRecipe) -> WindowGame:
    world, options = recipe.environment, {"discount": recipe.discount, "device": recipe.device}
    if isinstance(world, Live):
        return LiveGame(world.environment, recipe.seed, **options)  # type: ignore[arg-type]
    return SeededGame(opened(recipe), recipe.seed, **options)  # type: ignore[arg-type]
