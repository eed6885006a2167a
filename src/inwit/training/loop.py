"""The loop that joins the stages: curriculum -> task -> rollout -> learner -> optimiser."""

import time
from collections.abc import Iterator, Sequence

import torch
from jaxtyping import Int
from torch import Tensor

from inwit.errors import InvalidOption
from inwit.learners import Metrics
from inwit.policies import SelfMasked
from inwit.recipe import Recipe
from inwit.tasks import Problems, draw_problems
from inwit.training.batch import Selection, draw_batch, steps_on
from inwit.training.descent import descend
from inwit.training.discoveries import HINDSIGHT, POLICY, Discoveries
from inwit.training.distributed import join_ranks, update_of
from inwit.training.health import LOOK, Watch, greedy, reading
from inwit.training.metrics import Report, Summary
from inwit.training.practice import practise
from inwit.training.replaying import Replayed
from inwit.trajectory import Trajectory


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
        self.optimiser = recipe.optimiser.build(self.parameters.values())
        self.generator = torch.Generator().manual_seed(recipe.seed)
        self.course = recipe.curriculum.begin(self.task.levels, self.task.schedule, recipe.updates)
        self.replayed: Replayed | None = None
        if recipe.replay:
            self.replayed = Replayed(recipe.replay, self.environment, seed=recipe.seed)
        vocabulary = self.environment.machine.vocabulary
        self.summary = Summary(levels=self.task.levels, vocabulary=vocabulary)
        self.engine = update_of(
            recipe, self.policy, self.environment, ranks=self.ranks, summary=self.summary
        )
        self.group = self.learner.group_size if self.learner else 1
        self.watch, self.discoveries = Watch(recipe.updates), Discoveries(self.task)
        self.batch: dict[str, Trajectory] = {}  # what the latest loss was made from
        self.update = self.episodes = 0
        self.seconds = 0.0
        self.searched = False  # there is no need of a search

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
                share = greedy(self.policy, self.environment, self.recipe.seed, self.update)
                numbers["episodes/greedy"] = share
                self.watch.answered(share)
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

    def replay(self, solved: Trajectory | None) -> None:
        """Replay these episodes in place of what a search would find; None for nothing."""
        self.searched = True
        if self.replayed:
            self.replayed.begin(solved)

    def _prepare(self) -> None:
        """What comes before the first update: practice of the keys, and a search."""
        recipe = self.recipe
        if isinstance(self.policy, SelfMasked):
            self.episodes += practise(
                self.policy, self.environment, self.generator, recipe.optimiser
            )
        if self.replayed and recipe.search and not self.searched:
            self.episodes += self.replayed.search(
                1000 * recipe.search, self.generator, self.discoveries, by=recipe.search_by
            )

    @property
    def learnt(self) -> bool:
        """Whether training stops before its last update: nothing is left to learn."""
        return self.recipe.early_stopping and self.watch.learnt

    def _update(self) -> tuple[int, Metrics]:
        """One batch of episodes, and the gradient steps on it.

        Returns:
            The hardest level of the batch, and how it went.
        """
        recipe, curriculum = self.recipe, self.recipe.curriculum
        level = self._levels(max(1, recipe.batch // self.group))
        problems = draw_problems(self.task, level, self.generator).repeat(self.group)
        batch = draw_batch(self.environment, problems, self.generator, recipe.epsilon)
        episodes = self.engine.collect(batch)
        trajectory, metrics = episodes.trajectory, episodes.metrics
        self.batch = {"episodes": trajectory}
        if self.update % LOOK == 0:
            metrics |= reading(self.policy, trajectory, episodes.outputs)
        if self.replayed:
            self.replayed.add(trajectory, searched=recipe.search > 0)
            self.episodes += self.replayed.retry(problems, self.generator)
        replayed = self.replayed if self.update < recipe.replay_until else None
        parts = [*steps_on(self.learner, len(problems), self.generator)] if self.learner else []
        for step in range(max(len(parts), replayed.replay.steps if replayed else 0)):
            metrics |= self._step(step, replayed, problems, parts[step : step + 1])
        curriculum.record(self.course, trajectory.level, trajectory.right)
        self.course.check_state()
        self.update += 1
        self.episodes += len(problems)
        self._discover(POLICY, trajectory)
        if replayed:
            self.episodes, replayed.played = self.episodes + replayed.played, 0
            if replayed.replay.hindsight and replayed.latest is not None:
                self._discover(HINDSIGHT, replayed.latest)
        return int(problems.level.max()), metrics

    def _levels(self, problems: int) -> Int[Tensor, " P"]:
        """The levels of an update's problems.

        Raises:
            InvalidOption: a curriculum of the user's own gives something else.
        """
        curriculum, levels = self.recipe.curriculum, self.task.levels
        given: object = curriculum.choose(self.course, problems, self.generator)
        if isinstance(given, Tensor) and given.dtype == torch.long and given.shape == (problems,):
            if levels[0] <= int(given.min()) and int(given.max()) <= levels[-1]:
                return given
            given = sorted(set(given.tolist()) - {*levels})
        raise InvalidOption(
            f"curriculum '{curriculum.name}' chose {given!r:.60}: choose gives {problems} whole "
            f"numbers from {levels[0]} to {levels[-1]}, a tensor of shape ({problems},)"
        )

    def _discover(self, by: str, episodes: Trajectory) -> None:
        """Take note of who solved a form first."""
        right = episodes.right
        self.discoveries.add(by, episodes.level[right], episodes.problem[right], self.episodes)

    def _step(
        self, step: int, replayed: Replayed | None, problems: Problems, parts: Sequence[Selection]
    ) -> Metrics:
        """One step down the sum of the learner's loss on parts of the batch and that of what is
        replayed.
        """
        self.optimiser.zero_grad()
        terms = [self.engine.descend(step, rows) for rows in parts]
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
