"""The loop that joins the stages: curriculum -> task -> rollout -> learner -> optimiser."""

import time
from collections.abc import Iterator

import torch

from inwit.learners import Metrics
from inwit.policies import SelfMasked
from inwit.recipe import Recipe
from inwit.tasks import Problems, by_turns
from inwit.training.batch import draw_batch
from inwit.training.compiled import CompiledUpdate
from inwit.training.descent import descend
from inwit.training.discoveries import HINDSIGHT, POLICY, Discoveries
from inwit.training.distributed import SharedUpdate, join_ranks
from inwit.training.health import LOOK, Watch, reading
from inwit.training.metrics import Report, Summary
from inwit.training.practice import practise
from inwit.training.replaying import Replayed
from inwit.training.rollout import rollout
from inwit.training.update import EagerUpdate, Update
from inwit.trajectory import Trajectory

ASKED = 512
"""Training problems that are answered greedily to see whether the task is learnt."""


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
        kind = CompiledUpdate if recipe.compile else EagerUpdate
        self.engine: Update = kind(
            self.policy, self.environment, learner=self.learner, summary=self.summary
        )
        self.group = self.learner.group_size if self.learner else 1
        if self.ranks.size > 1:
            self.engine = SharedUpdate(
                self.engine,
                self.ranks,
                parameters=[*self.parameters.values()],
                together=self.group,
                summary=self.summary,
            )
        self.watch, self.discoveries = Watch(recipe.updates), Discoveries(self.task)
        self.batch: dict[str, Trajectory] = {}  # what the latest loss was made from
        self.update = self.episodes = 0
        self.seconds = 0.0

    def reports(self) -> Iterator[Report]:
        """Train, one update at a time.

        Raises:
            Diverged: a loss or its gradient is not finite; the step was not made.
        """
        while self.update < self.recipe.updates and not self.learnt:
            start = time.perf_counter()
            if not self.update:
                self._prepare()
            level, metrics = self._update()
            numbers = self.summary.scalars(metrics)
            warnings = self.watch.look(level, numbers)
            if self.recipe.early_stopping and (self.update == 1 or self.update % LOOK == 0):
                numbers["episodes/greedy"] = self._ask()
                self.watch.answered(numbers["episodes/greedy"])
            self.seconds += time.perf_counter() - start
            yield Report(
                update=self.update,
                episodes=self.episodes,
                level=level,
                metrics=numbers | {f"warning/{name}": 1.0 for name in warnings},
                seconds=self.seconds,
                warnings=warnings,
                learnt=self.learnt,
            )

    def _prepare(self) -> None:
        """What comes before the first update: practice of the keys, and a search."""
        recipe = self.recipe
        if isinstance(self.policy, SelfMasked):
            self.episodes += practise(
                self.policy, self.environment, self.generator, recipe.optimiser
            )
        if self.replayed and recipe.search:
            self.episodes += self.replayed.search(
                1000 * recipe.search, self.generator, self.discoveries, by=recipe.search_by
            )

    @property
    def learnt(self) -> bool:
        """Whether training stops before its last update: nothing is left to learn."""
        return self.recipe.early_stopping and self.watch.learnt

    @torch.no_grad()
    def _ask(self) -> float:
        """The share of right greedy answers to training problems, the levels by turns."""
        generator = torch.Generator().manual_seed(
            (self.recipe.seed * 1_000_003 + self.update) % 2**63
        )
        problems = self.task.sample(by_turns(self.task.levels, ASKED), generator)
        answered, _ = rollout(self.policy, self.environment.on(self.task), problems)
        return float(answered.right.float().mean())

    def _update(self) -> tuple[int, Metrics]:
        """One batch of episodes, and the gradient steps on it.

        Returns:
            The hardest level of the batch, and how it went.
        """
        recipe, curriculum = self.recipe, self.recipe.curriculum
        level = curriculum.choose(self.course, max(1, recipe.batch // self.group), self.generator)
        problems = self.task.sample(level, self.generator).repeat(self.group)
        episodes = self.engine.collect(
            draw_batch(self.environment, problems, self.generator, recipe.epsilon)
        )
        trajectory, metrics = episodes.trajectory, episodes.metrics
        self.batch = {"episodes": trajectory}
        if self.update % LOOK == 0:
            metrics |= reading(self.policy, trajectory, episodes.outputs)
        if self.replayed:
            self.replayed.add(trajectory, searched=recipe.search > 0)
            self.episodes += self.replayed.retry(problems, self.generator)
        epochs = self.learner.epochs if self.learner else 0
        replayed = self.replayed if self.update < recipe.replay_until else None
        for step in range(max(epochs, replayed.replay.steps if replayed else 0)):
            metrics |= self._step(step, replayed, problems, learns=step < epochs)
        curriculum.record(self.course, trajectory.level, trajectory.right)
        self.update += 1
        self.episodes += len(problems)
        self._discover(POLICY, trajectory)
        if replayed:
            self.episodes, replayed.played = self.episodes + replayed.played, 0
            if replayed.replay.hindsight and replayed.latest is not None:
                self._discover(HINDSIGHT, replayed.latest)
        return int(problems.level.max()), metrics

    def _discover(self, by: str, episodes: Trajectory) -> None:
        """Take note of who solved a form first."""
        right = episodes.right
        self.discoveries.add(by, episodes.level[right], episodes.problem[right], self.episodes)

    def _step(
        self, step: int, replayed: Replayed | None, problems: Problems, *, learns: bool
    ) -> Metrics:
        """One step down the sum of the learner's loss and that of what is replayed."""
        self.optimiser.zero_grad()
        terms = [self.engine.descend(step)] if learns else []
        if isinstance(self.policy, SelfMasked) and step == 0:
            terms.append(self.policy.descend(self.batch["episodes"]))
        if replayed:
            terms += replayed.descend(
                self.policy, problems, self.generator, update=self.update, step=step
            )
            if replayed.latest is not None:
                self.batch["replay"] = replayed.latest
        if not terms:
            return {}
        left = 1 - self.update / self.recipe.updates
        return descend(terms, self.optimiser, self.recipe.optimiser, update=self.update, left=left)
