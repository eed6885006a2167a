"""The loop that joins the stages: curriculum -> task -> rollout -> learner -> optimiser."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from inwit.errors import Diverged
from inwit.learners import Metrics
from inwit.recipe import Recipe
from inwit.training.compiled import CompiledEpisodes
from inwit.training.distributed import join_ranks
from inwit.training.health import LOOK, Watch, reading
from inwit.training.metrics import Summary
from inwit.training.replaying import Replayed
from inwit.training.rollout import Collected, Plan, collect, evaluate, plan
from inwit.trajectory import Trajectory


@dataclass(frozen=True, kw_only=True)
class Report:
    """What one update did."""

    update: int
    """Which update it was, from 1."""
    episodes: int
    """Episodes so far."""
    level: int
    """The hardest level of the batch."""
    metrics: dict[str, float]
    """Scalars by name; see `docs/learners/a2c.md`."""
    seconds: float
    """Since training began."""
    warnings: dict[str, str] = field(default_factory=dict)
    """The failures that last, by name, in words; see `health`."""


class Training:
    """All that changes while an agent is trained."""

    def __init__(self, recipe: Recipe) -> None:
        """Set everything up.

        Raises:
            InvalidOption: the device is not there, or the parts do not suit each other.
        """
        self.recipe, self.task, self.learner = recipe, recipe.task, recipe.learner
        self.environment = recipe.environment()
        self.ranks = join_ranks(self.environment.device)
        self.policy = recipe.network(self.environment)
        self.parameters = dict(self.policy.named_parameters())
        self.optimiser = torch.optim.Adam(
            self.parameters.values(), recipe.optimiser.learning_rate, fused=True
        )
        self.generator = torch.Generator().manual_seed(recipe.seed)
        self.course = recipe.curriculum.begin(self.task.levels, self.task.schedule, recipe.updates)
        self.replayed: Replayed | None = None
        if recipe.replay:
            self.replayed = Replayed(recipe.replay, self.environment, seed=recipe.seed)
        vocabulary = self.environment.machine.vocabulary
        self.summary = Summary(levels=self.task.levels, vocabulary=vocabulary)
        self.compiled: CompiledEpisodes | None = None
        if recipe.compile:
            self.compiled = CompiledEpisodes(
                self.policy, self.environment, learner=self.learner, summary=self.summary
            )
        self.watch = Watch(recipe.updates)
        self.batch: dict[str, Trajectory] = {}  # what the latest loss was made from
        self.update = self.episodes = 0
        self.seconds = 0.0

    def reports(self) -> Iterator[Report]:
        """Train, one update at a time.

        Raises:
            Diverged: a loss or its gradient is not finite; the step was not made.
        """
        while self.update < self.recipe.updates:
            start = time.perf_counter()
            if self.replayed and self.recipe.search and not self.update:
                self.replayed.search(1000 * self.recipe.search, self.generator)
                self.episodes += 1000 * self.recipe.search
            level, metrics = self._update()
            numbers = self.summary.scalars(metrics)
            warnings = self.watch.look(level, numbers)
            self.seconds += time.perf_counter() - start
            yield Report(
                update=self.update,
                episodes=self.episodes,
                level=level,
                metrics=numbers | {f"warning/{name}": 1.0 for name in warnings},
                seconds=self.seconds,
                warnings=warnings,
            )

    def _update(self) -> tuple[int, Metrics]:
        """One batch of episodes, and the gradient steps on it.

        Returns:
            The hardest level of the batch, and how it went.
        """
        recipe, learner = self.recipe, self.learner
        group = learner.group_size if learner else 1
        level = recipe.curriculum.choose(self.course, max(1, recipe.batch // group), self.generator)
        problems = self.task.sample(level, self.generator).repeat(group)
        part = self.ranks.part(len(problems), group)
        mine = self._episode(
            plan(self.environment, problems, self.generator, explore=recipe.epsilon, part=part)
        )
        trajectory, outputs, metrics = mine.trajectory, mine.outputs, mine.metrics
        if self.ranks.size > 1:
            trajectory, outputs = self.ranks.gather(trajectory, outputs)
            metrics = self.summary.of(trajectory, outputs, self.ranks.total(metrics["faults/"]))
        self.batch = {"episodes": trajectory}
        if self.update % LOOK == 0:
            metrics |= reading(self.policy, trajectory, outputs)
        if self.replayed:
            self.replayed.add(trajectory, searched=recipe.search > 0)
            self.episodes += self.replayed.retry(problems, self.generator)
        metrics |= self._learn(mine)
        recipe.curriculum.record(self.course, trajectory.level, trajectory.right)
        self.update += 1
        self.episodes += len(problems)
        return int(problems.level.max()), metrics

    def _episode(self, planned: Plan) -> Collected:
        """The episodes of this process, and what the learner makes of them."""
        if self.compiled:
            return self.compiled(planned)
        return collect(
            self.policy, self.environment, planned, learner=self.learner, summary=self.summary
        )

    def _learn(self, mine: Collected) -> Metrics:
        """The gradient steps of an update: on its episodes, and on what is replayed."""
        learner, replay, metrics = self.learner, self.recipe.replay, Metrics()
        epochs = learner.epochs if learner else 0
        for step in range(max(epochs, replay.steps if replay else 0)):
            if step >= epochs:
                mine = replace(mine, term=None)
            elif step and learner:
                outputs = evaluate(self.policy, mine.trajectory)
                term = learner.loss(mine.trajectory, outputs)
                mine = replace(mine, outputs=outputs, term=term, gradient=None)
            metrics |= self._step(mine, step)
        return metrics

    def _step(self, mine: Collected, step: int) -> Metrics:
        """One step down the sum of the learner's loss and that of what is replayed."""
        replayed = None
        if self.replayed:
            replayed = self.replayed.loss(
                self.policy, self.generator, update=self.update, step=step
            )
            if self.replayed.latest is not None:
                self.batch["replay"] = self.replayed.latest
        terms = [term for term in (mine.term, replayed) if term]
        if not terms:
            return {}
        self.optimiser.zero_grad()
        if mine.term:
            self._descend(mine, mine.term)
        if replayed:
            replayed[0].backward()  # the same in every process
        loss = torch.stack([term.detach() for term, _ in terms]).sum()
        adam = self.recipe.optimiser
        norm = torch.nn.utils.clip_grad_norm_(self.parameters.values(), adam.max_norm)
        if not bool((loss + norm).isfinite()):
            how = f"the loss is {float(loss):g}, the norm of its gradient {float(norm):g}"
            raise Diverged(f"update {self.update + 1} was not made: {how}")
        if adam.anneal:
            left = 1 - self.update / self.recipe.updates
            for group in self.optimiser.param_groups:
                group["lr"] = adam.learning_rate * min(1.0, left / adam.anneal)
        self.optimiser.step()
        metrics = {name: value for _, parts in terms for name, value in parts.items()}
        return metrics | {"loss/total": loss, "loss/gradient_norm": norm}

    def _descend(self, mine: Collected, term: tuple[Tensor, Metrics]) -> None:
        """The gradient of the learner's loss, over the episodes of all processes."""
        loss, metrics = term
        if mine.gradient is None:
            loss.backward()
        else:
            for name, parameter in self.parameters.items():
                parameter.grad = mine.gradient[name]
        if self.ranks.size > 1:
            gradients = [each.grad for each in self.parameters.values() if each.grad is not None]
            scalars = [loss.detach(), *metrics.values()]
            self.ranks.average([*gradients, *scalars], mine.trajectory.pressed.sum())
