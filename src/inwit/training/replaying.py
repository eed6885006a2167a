"""Learning from solved episodes: what a search found and what the policy solved is replayed.

Beside the buffer of a `Replay` (see `learners/replay.py`) this needs an environment: for the search
before the first update, and for trying programs that were right before on new problems.
"""

import torch
from jaxtyping import Int
from torch import Tensor

from inwit.environment import Environment
from inwit.learners import Metrics, Replay, ReplayBuffer
from inwit.policies import Policy, Scripted, SelfMasked
from inwit.tasks import Problems
from inwit.training.discoveries import RANDOM, Discoveries
from inwit.training.hindsight import Relabelled, play_randomly, relabel
from inwit.training.program_search import search_programs
from inwit.training.random_search import search
from inwit.training.rollout import evaluate, evaluate_choices, rollout
from inwit.trajectory import Trajectory

STREAMS = 10
"""Seeds that an update has for what dropout leaves out, one for each of its gradient steps."""


class Replayed:
    """An objective beside the learner's, with a buffer of its own."""

    def __init__(self, replay: Replay, environment: Environment, *, seed: int) -> None:
        """Begin with an empty buffer.

        Args:
            replay: how much is kept and replayed.
            environment: where programs are searched for and tried again.
            seed: fixes dropout.
        """
        self.replay, self.environment, self.seed = replay, environment, seed
        self.buffer = ReplayBuffer(replay, programs_transfer=environment.task.programs_transfer)
        self.solved: Trajectory | None = None  # of this update, by hindsight
        self.played = 0  # random episodes for hindsight
        self.latest: Trajectory | None = None  # what the latest loss was made from

    @property
    def looks(self) -> bool:
        """Whether keys depend on what is seen: then the learner continues when replay ends."""
        return self.environment.task.reveals_operands and self.replay.until < 1

    def search(
        self, episodes: int, generator: torch.Generator, found: Discoveries, *, by: str
    ) -> int:
        """Fill the buffer with what a search solves.

        Args:
            episodes: how many it may take.
            generator: draws problems, and random keys.
            found: takes note of what is found.
            by: "programs" or "random" (see `Recipe.search_by`).

        Returns:
            How many it took.
        """
        if by == "random":
            solved = search(self.environment, episodes, generator)
            if solved is not None:
                found.add(RANDOM, solved.level, solved.problem, episodes)
        else:
            solved, episodes = search_programs(
                self.environment, episodes, generator, found, looks=self.looks
            )
        self.begin(solved)
        return episodes

    def begin(self, solved: Trajectory | None) -> None:
        """Begin with these episodes in the buffer."""
        self.buffer.solved = solved
        self.buffer.capacity = max(self.buffer.capacity, 2 * len(self.buffer))

    def add(self, trajectory: Trajectory, *, searched: bool) -> None:
        """Keep the solved episodes; after a search only those of forms that it left unsolved.

        Where the agent sees values, only what a search found is kept.
        """
        if self.replay.hindsight:
            return
        known = self.buffer.solved
        if searched and self.looks:
            return
        if searched and known is not None:
            new = trajectory.right & ~torch.isin(self._form(trajectory), self._form(known))
            if not bool(new.any()):
                return
            trajectory = trajectory.select(new.nonzero()[:, 0])
        self.buffer.add(trajectory)

    def _form(self, trajectory: Trajectory) -> Int[Tensor, " B"]:
        """Equal numbers for problems that one program is to solve."""
        return trajectory.level if self.buffer.programs_transfer else trajectory.problem

    def retry(self, problems: Problems, generator: torch.Generator) -> int:
        """Try programs that were right before on the first of these problems.

        Returns:
            How many episodes that were.
        """
        retries = min(self.replay.retries, len(problems))
        if self.replay.hindsight or not (retries and self.buffer.programs_transfer):
            return 0
        tried = problems.select(torch.arange(retries))
        keys = self.buffer.programs(tried.level.to(self.environment.device), generator)
        if keys is None:
            return 0
        with torch.no_grad():
            episodes, _ = rollout(Scripted(keys), self.environment, tried)
        self.buffer.add(episodes)
        return retries

    def descend(
        self,
        policy: Policy,
        problems: Problems,
        generator: torch.Generator,
        *,
        update: int,
        step: int,
    ) -> list[tuple[Tensor, Metrics]]:
        """Add the gradient of the loss on solved episodes; it is the same in every process.

        Args:
            policy: who is trained.
            problems: those of the update, where random episodes begin for hindsight.
            generator: draws the episodes.
            update: the update, from 0.
            step: which of its gradient steps this is.

        Returns:
            The losses and their metrics; nothing while no episode is solved.
        """
        terms = list[tuple[Tensor, Metrics]]()
        if self.replay.hindsight:
            if step == 0:
                terms += self._play(policy, problems, generator)
            self.latest = self._by_hindsight(step)
        else:
            self.latest = self.buffer.sample(generator)
        if self.latest is None:
            return terms
        with torch.random.fork_rng(devices=[]):  # dropout is the same after a resume
            torch.manual_seed((self.seed * 1_000_003 + update * STREAMS + step) % 2**63)
            known = evaluate if policy.recurrent else evaluate_choices
            outputs = known(policy.train(), self.latest)
        policy.eval()
        loss, metrics = self.replay.loss(self.latest, outputs)
        loss.backward()
        return [*terms, (loss.detach(), metrics)]

    def _play(
        self, policy: Policy, problems: Problems, generator: torch.Generator
    ) -> list[tuple[Tensor, Metrics]]:
        """Random episodes for hindsight; they also teach a second head what keys mean."""
        begun = self.environment.task.practice(problems, self.replay.hindsight, generator)
        played = play_randomly(policy, self.environment, begun, generator)
        self.solved = self._solved(relabel(self.environment, begun, played), generator)
        self.played += len(begun)
        if isinstance(policy, SelfMasked) and played.trajectory is not None:
            loss, _ = policy.descend(played.trajectory)
            return [(loss, {})]
        return []

    def _by_hindsight(self, step: int) -> Trajectory | None:
        """Some of what random episodes of this update have solved."""
        if self.solved is None:
            return None
        part, device = step % self.replay.steps, self.solved.right.device
        rows = torch.arange(part, len(self.solved.right), self.replay.steps, device=device)
        return self.solved.select(rows)

    def _solved(self, found: Relabelled | None, generator: torch.Generator) -> Trajectory | None:
        """Episodes for all gradient steps of an update, played together."""
        if found is None:
            return None
        size = self.replay.size * self.replay.steps
        made = found.draw(size, generator, self.environment.task).episodes(self.environment)
        return None if made is None or len(made.right) < self.replay.steps else made
