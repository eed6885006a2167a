"""The loop that joins the stages: curriculum -> task -> rollout -> learner -> optimiser."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from inwit.assembly import (
    make_curriculum,
    make_environment,
    make_learner,
    make_policy,
    make_task,
)
from inwit.checkpoint import Checkpoint
from inwit.compiled import CompiledAttempts
from inwit.errors import DamagedRun, Diverged
from inwit.health import LOOK, Watch, reading
from inwit.learners import Found, Metrics, Replay
from inwit.parallel import join_ranks
from inwit.policies import Given
from inwit.recipe import Recipe
from inwit.rollout import Attempted, Plan, attempted, evaluate, plan, rollout
from inwit.search import search
from inwit.summary import Summary
from inwit.tasks import Problems, Task
from inwit.trajectory import Trajectory, flatten, unflatten

RETRY = 64
"""How many problems of an update are tried again with programs that were right before."""
STEPS = 10
"""How often an update learns where a search went before: attempts are but few of what is known."""
CLIP = 1.0
"""Largest norm of a gradient."""
ANNEAL = 0.5
"""Share of the updates, the last ones, over which the step size falls where replay is alone."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """What one update did."""

    update: int
    """Which update it was, from 1."""
    episodes: int
    """Attempts made so far."""
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

    def __init__(self, recipe: Recipe, task: Task | None = None) -> None:
        """Set everything up from the recipe.

        Args:
            recipe: the options.
            task: what is asked, in place of the recipe's own task.

        Raises:
            UnknownName: there is no such task.
            InvalidOption: the device is not there.
        """
        self.recipe = recipe
        self.task = task or make_task(recipe)
        self.environment = make_environment(recipe, self.task)
        self.ranks = join_ranks(self.environment.device)
        self.policy = make_policy(recipe, self.environment)
        self.parameters = dict(self.policy.named_parameters())
        self.optimiser = torch.optim.Adam(
            self.parameters.values(), recipe.learning_rate, fused=True
        )
        self.generator = torch.Generator().manual_seed(recipe.seed)
        self.curriculum = make_curriculum(recipe, self.task)
        self.learner = make_learner(recipe)
        self.summary = Summary(
            levels=self.task.levels, vocabulary=self.environment.machine.vocabulary
        )
        self.compiled: CompiledAttempts | None = None
        if recipe.compile:
            self.compiled = CompiledAttempts(
                self.policy, self.environment, learner=self.learner, summary=self.summary
            )
        self.replay, self.found = Replay(), Found(carries_over=self.task.carries_over)
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
            if self.recipe.search and not self.update:
                self._search()
            level, metrics = self._update()
            told = self.summary.spelt(metrics)
            warnings = self.watch.look(level, told)
            self.seconds += time.perf_counter() - start
            yield Report(
                update=self.update,
                episodes=self.episodes,
                level=level,
                metrics=told | {f"warning/{name}": 1.0 for name in warnings},
                seconds=self.seconds,
                warnings=warnings,
            )

    def checkpoint(self) -> Checkpoint:
        """All that changes, as it is now."""
        moments = self.optimiser.state_dict()["state"]
        capacity = torch.tensor(self.found.capacity)
        tensors = {"generator": self.generator.get_state(), "capacity": capacity}
        tensors |= {f"policy.{name}": part for name, part in self.policy.state_dict().items()}
        for number, moment in moments.items():
            tensors |= {f"optimiser.{number}.{name}": part for name, part in moment.items()}
        if self.found.solved is not None:
            tensors |= flatten(self.found.solved, "found")
        return Checkpoint(
            update=self.update,
            episodes=self.episodes,
            seconds=self.seconds,
            level=int(self.watch.seen.get("level", self.task.levels[0])),
            accuracy=self.watch.seen.get("accuracy", 0.0),
            curriculum=self.curriculum.state(),
            health=dict(self.watch.seen),
            tensors={name: part.detach().cpu().clone() for name, part in tensors.items()},
        )

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go on from a checkpoint of the same recipe.

        Raises:
            DamagedRun: it is of another recipe.
        """
        tensors, device = checkpoint.tensors, self.environment.device
        moments: dict[int, dict[str, Tensor]] = {}
        for name in (name for name in tensors if name.startswith("optimiser.")):
            _, number, moment = name.split(".")
            moments.setdefault(int(number), {})[moment] = tensors[name]
        groups = self.optimiser.state_dict()["param_groups"]
        try:
            checkpoint.fill(self.policy)
            self.optimiser.load_state_dict({"state": moments, "param_groups": groups})
            self.generator.set_state(tensors["generator"])
            self.curriculum.restore(checkpoint.curriculum)
            self.found.capacity = int(tensors["capacity"])
            if "found.problem" in tensors:
                self.found.solved = unflatten(tensors, "found").to(device)
        except (KeyError, ValueError, RuntimeError, TypeError) as error:
            raise DamagedRun(f"the checkpoint is of another recipe: {error}") from error
        self.update, self.episodes = checkpoint.update, checkpoint.episodes
        self.seconds, self.watch.seen = checkpoint.seconds, dict(checkpoint.health)

    def _update(self) -> tuple[int, Metrics]:
        """One batch of attempts, and as many steps on it as the learner makes.

        Returns:
            The hardest level of the batch, and how it went.
        """
        recipe, learner = self.recipe, self.learner
        attempts, epochs = 1, STEPS if recipe.search else 1
        if learner:
            attempts, epochs = learner.attempts, learner.epochs
        level = self.curriculum.choose(max(1, recipe.batch // attempts), self.generator)
        problems = self.task.sample(level, self.generator).repeat(attempts)
        part = self.ranks.part(len(problems), attempts)
        mine = self._attempt(
            plan(self.environment, problems, self.generator, explore=recipe.explore, part=part)
        )
        trajectory, outputs, metrics = mine.trajectory, mine.outputs, mine.metrics
        if self.ranks.size > 1:
            trajectory, outputs = self.ranks.gather(trajectory, outputs)
            metrics = self.summary.of(trajectory, outputs, self.ranks.total(metrics["faults/"]))
        self.batch = {"attempts": trajectory}
        if self.update % LOOK == 0:
            metrics |= reading(self.policy, trajectory, outputs)
        if recipe.replay:
            self._keep(trajectory)
            if self.task.carries_over:
                self._retry(problems)
        for epoch in range(epochs):
            if epoch and learner:
                outputs = evaluate(self.policy, mine.trajectory)
                mine = replace(mine, outputs=outputs, term=learner.loss(mine.trajectory, outputs))
            metrics |= self._step(mine, self._replay(epoch))
        self.curriculum.record(trajectory.level, trajectory.right)
        self.update += 1
        self.episodes += len(problems)
        return int(problems.level.max()), metrics

    def _attempt(self, planned: Plan) -> Attempted:
        """The attempts of this process, and what the learner makes of them."""
        if self.compiled:
            return self.compiled(planned)
        return attempted(
            self.policy, self.environment, planned, learner=self.learner, summary=self.summary
        )

    def _replay(self, epoch: int) -> list[tuple[Tensor, Metrics]]:
        """The loss on solved attempts of before, if there are any."""
        past = self.found.sample(self.recipe.replay, self.generator)
        if past is None:
            return []
        self.batch["replay"] = past
        with torch.random.fork_rng(devices=[]):  # what is left out is the same after a resume
            torch.manual_seed((self.recipe.seed * 1_000_003 + self.update * STEPS + epoch) % 2**63)
            outputs = evaluate(self.policy.train(), past)
        self.policy.eval()
        return [self.replay.loss(past, outputs)]

    def _search(self) -> None:
        """Solve, before the first update, what even presses solve."""
        attempts = 1000 * self.recipe.search
        self.found.solved = search(self.environment, attempts, self.generator)
        self.found.capacity = max(self.found.capacity, 2 * len(self.found))
        self.episodes += attempts

    def _keep(self, attempts: Trajectory) -> None:
        """Keep what is right; after a search that only at problems that it left unsolved."""
        if self.recipe.search and self.found.solved is not None:
            new = attempts.right & ~torch.isin(attempts.problem, self.found.solved.problem)
            if not bool(new.any()):
                return
            attempts = attempts.select(new.nonzero()[:, 0])
        self.found.add(attempts)

    def _retry(self, problems: Problems) -> None:
        """Press programs that were right before on the problems of this update."""
        tried = problems.select(torch.arange(min(RETRY, len(problems))))
        keys = self.found.programs(tried.level.to(self.environment.device), self.generator)
        if keys is not None:
            with torch.no_grad():
                attempts, _ = rollout(Given(keys), self.environment, tried)
            self.found.add(attempts)
            self.episodes += len(tried)

    def _step(self, mine: Attempted, replayed: list[tuple[Tensor, Metrics]]) -> Metrics:
        """One step down the sum of what the learner and the replay make of their attempts."""
        terms = [*([mine.term] if mine.term else []), *replayed]
        if not terms:
            return {}
        self.optimiser.zero_grad()
        if mine.term:
            self._descend(mine, mine.term)
        for loss, _ in replayed:  # the same in every process
            loss.backward()
        loss = torch.stack([term.detach() for term, _ in terms]).sum()
        norm = torch.nn.utils.clip_grad_norm_(self.parameters.values(), CLIP)
        if not bool((loss + norm).isfinite()):
            how = f"the loss is {float(loss):g}, the norm of its gradient {float(norm):g}"
            raise Diverged(f"update {self.update + 1} was not made: {how}")
        if self.learner is None:
            left = 1 - self.update / self.recipe.updates
            for group in self.optimiser.param_groups:
                group["lr"] = self.recipe.learning_rate * min(1.0, left / ANNEAL)
        self.optimiser.step()
        told = {name: value for _, metrics in terms for name, value in metrics.items()}
        return told | {"loss/total": loss, "loss/gradient_norm": norm}

    def _descend(self, mine: Attempted, term: tuple[Tensor, Metrics]) -> None:
        """The gradient of the learner's loss, over the attempts of all processes."""
        loss, metrics = term
        if mine.gradient is None:
            loss.backward()
        else:
            for name, parameter in self.parameters.items():
                parameter.grad = mine.gradient[name]
        if self.ranks.size > 1:
            gradients = [each.grad for each in self.parameters.values() if each.grad is not None]
            told = [loss.detach(), *metrics.values()]
            self.ranks.average([*gradients, *told], mine.trajectory.pressed.sum())
