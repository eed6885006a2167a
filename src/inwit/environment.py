"""A task and its machine as a batched token game: reset, step, observation, legal keys.

The environment holds the state of one batch of episodes. Problems are drawn on the CPU and moved to
the device once; after that nothing waits for the device.
"""

from dataclasses import dataclass, fields
from typing import ClassVar

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from inwit.machine.machine import State
from inwit.machine.rules import Kind, Symbol, Top
from inwit.records import map_tensors
from inwit.tasks import Problems, Task
from inwit.tokens import CONTEXT, PADDING
from inwit.trajectory import Observation, Prompt


@dataclass(frozen=True, kw_only=True)
class Transition:
    """What one press did; fields are (B,), or (T, B) for a window of presses."""

    pressed: Bool[Tensor, "*T B"]
    """The episode was not over before."""
    meant: Bool[Tensor, "*T B"]
    """The key meant something; otherwise the press changed nothing."""
    answered: Bool[Tensor, "*T B"]
    """The press was `ANS`."""
    failed: Bool[Tensor, "*T B"]
    """A tool failed."""
    terminated: Bool[Tensor, "*T B"]
    """The episode is over by the rules: `ANS` was pressed, or no legal key is left."""
    truncated: Bool[Tensor, "*T B"]
    """The episode is over because the presses ran out."""


@dataclass(frozen=True, kw_only=True)
class Step(Transition):
    """One press, with what it earned and what is seen next."""

    reward: Float[Tensor, " B"]
    """What the press earned, float32."""
    observation: Observation
    """What is seen next; fields (B, ...)."""


class Environment:
    """Episodes at problems of one task."""

    starting: ClassVar[None] = None
    """No episode begins between two presses (see `training.rollout.Game`)."""
    final: ClassVar[None] = None
    """Nothing is shown before its turn."""

    def __init__(
        self,
        task: Task,
        *,
        device: torch.device | str = "cpu",
        masks: bool = True,
        shaping: float = 0.0,
        fault_cost: float = 0.0,
    ) -> None:
        """Set up the machine.

        Args:
            task: draws and scores the problems.
            device: where the episodes are held.
            masks: tell the agent which keys are legal; without, every key counts as legal, and
                one that means nothing is a wasted press.
            shaping: weight of the task's sub-goals in the reward of `ANS`.
            fault_cost: what each call of a tool that fails takes from the reward.
        """
        self.task, self.masks, self.shaping = task, masks, shaping
        self.fault_cost = fault_cost
        self.machine = task.machine(task.rules, device)
        self.device = self.machine.device
        end = len(task.symbols)
        kinds = [*task.kinds, Symbol.END]
        self._kinds = torch.tensor(kinds, dtype=torch.long, device=self.device)
        self._end = end

    @property
    def observation_sizes(self) -> tuple[int, ...]:
        """How many values each thing that is seen can have."""
        symbols, shown = len(self.task.symbols) + 1, len(self.task.displays)
        streamed = (symbols, symbols, len(Top)) if self.machine.rules.stream else ()
        return (*streamed, shown) if shown else streamed

    @property
    def padding(self) -> int:
        """The number of the key that pads programs."""
        return self.machine.vocabulary[PADDING]

    def on(self, task: Task) -> "Environment":
        """The same environment for another task with the same keys and symbols."""
        return Environment(
            task,
            device=self.device,
            masks=self.masks,
            shaping=self.shaping,
            fault_cost=self.fault_cost,
        )

    def reset(
        self, problems: Problems, *, limit: int | None = None, depth: int | None = None
    ) -> tuple[Prompt, Observation]:
        """Put a fresh machine before each problem.

        Args:
            problems: the problems, on the CPU.
            limit: how many presses an episode may take; by default what the task allows for these
                problems.
            depth: how many frames the memory holds; by default the same.
        """
        self.limit = self.task.max_presses(problems) if limit is None else limit
        self._depth = self.task.max_depth(problems) if depth is None else depth
        self.problems = problems = problems.to(self.device)
        self.state, self._script = self._begin(problems)
        batch = len(problems)
        self.clock = torch.zeros(batch, dtype=torch.long, device=self.device)
        self.ended = torch.zeros(batch, dtype=torch.bool, device=self.device)
        self._answered = torch.zeros(batch, dtype=torch.bool, device=self.device)
        tools = len(self.task.rules.tools)
        self._faults = torch.zeros(tools + 1, dtype=torch.long, device=self.device)
        return self._first_sight(problems, self.state, self._script)

    def renew(self, rows: Int[Tensor, " S"], problems: Problems) -> tuple[Prompt, Observation]:
        """Restart some episodes; the others continue.

        Args:
            rows: which episodes, each at most once.
            problems: one for each of them, on the CPU, with fields as wide as those of the last
                `reset`; the presses and the memory that it allowed hold for them, too.

        Returns:
            What is read and seen first, of these episodes alone.
        """
        rows, problems = rows.to(self.device), problems.to(self.device)
        state, script = self._begin(problems)

        def renewed(old: Tensor, new: Tensor) -> Tensor:
            return old.index_copy(0, rows, new)

        self.problems = map_tensors(renewed, self.problems, problems)
        self.state = map_tensors(renewed, self.state, state)
        self._script = renewed(self._script, script)
        self.clock = self.clock.index_fill(0, rows, 0)
        self.ended = self.ended.index_fill(0, rows, False)
        self._answered = self._answered.index_fill(0, rows, False)
        return self._first_sight(problems, state, script)

    def _begin(self, problems: Problems) -> tuple[State, Int[Tensor, "B L"]]:
        """A fresh machine before each problem, and the symbols that it reads."""
        # Two ends: the symbol after the last one can be seen, too.
        script = torch.nn.functional.pad(problems.symbols, (0, 2), value=-1)
        script = script.where(script >= 0, self._end)
        kinds = self._kinds[script] if self.machine.rules.stream else None
        return self.machine.reset(problems.operands, kinds, depth=self._depth), script

    def _first_sight(
        self, problems: Problems, state: State, script: Int[Tensor, "B L"]
    ) -> tuple[Prompt, Observation]:
        """What is read, and what is seen before the first press."""
        context = self.machine.vocabulary[CONTEXT]
        previous = torch.full((len(problems),), context, device=self.device)
        stream = self.machine.rules.stream
        prompt = Prompt(
            symbols=problems.symbols[:, :0] if stream else problems.symbols,
            level=problems.level if self.task.shows_level else torch.zeros_like(problems.level),
            **{"values": self.task.see_prompt(problems)} if self.task.prompt_values else {},
        )
        return prompt, self._observe(state, script, previous)

    def step(self, key: Int[Tensor, " B"]) -> Step:
        """Press one key in every episode, and score the answers that were given."""
        observation, transition = self.press(key)
        parts = {field.name: getattr(transition, field.name) for field in fields(transition)}
        return Step(**parts, observation=observation, reward=self.rewards(transition))

    def press(self, key: Int[Tensor, " B"]) -> tuple[Observation, Transition]:
        """Press one key in every episode; episodes that are over stay as they are."""
        running = ~self.ended
        self.clock = self.clock + 1
        self.state = state = self.machine.press(self.state, key)
        answered, failed = state.answered & running, state.failed & running
        terminated = (answered | ~state.legal.any(1)) & running
        truncated = (self.clock >= self.limit) & running & ~terminated
        self.ended = self.ended | terminated | truncated
        self._answered = self._answered | answered
        # The last place counts what did not fail.
        tool = state.called.masked_fill(~failed, len(self._faults) - 1)
        self._faults = self._faults.scatter_add(0, tool, torch.ones_like(tool))
        return self._observe(state, self._script, key), Transition(
            pressed=running,
            meant=state.meant,
            answered=answered,
            failed=failed,
            terminated=terminated,
            truncated=truncated,
        )

    @property
    def faults(self) -> Int[Tensor, " tools"]:
        """How many calls of each tool failed since the reset."""
        return self._faults[:-1]

    @property
    def right(self) -> Bool[Tensor, " B"]:
        """Whether an answer was given that is right."""
        right = self.task.score(self.state.frame.accumulator, self.problems)
        return self._answered & right & self.machine.accepts(self.state)

    def rewards(self, made: Transition) -> Float[Tensor, "*T B"]:
        """What presses earned, float32: an answer stays as it is when it has been given."""
        earned = self.right.float()
        if self.shaping:
            values, worth = self.task.subgoals(self.problems)
            reached = self.state.frame.accumulator[:, None] == values
            earned = earned + self.shaping * (worth * reached).sum(1).float()
        reward = earned * made.answered
        return reward - self.fault_cost * made.failed if self.fault_cost else reward

    def _observe(
        self, state: State, script: Int[Tensor, "B L"], previous: Int[Tensor, " B"]
    ) -> Observation:
        seen = torch.empty(len(previous), 0, dtype=torch.long, device=self.device)
        if self.machine.rules.stream:
            cursor = state.cursor[:, None]
            under = script.gather(1, cursor)
            ahead = script.gather(1, cursor + 1)
            seen = torch.cat([under, ahead, state.top_kind[:, None]], 1)
        if self.task.displays:
            shown = self.task.observe(state.frame.accumulator)
            seen = torch.cat([seen, shown[:, None]], 1)
        legal = self._pressable(len(previous))
        if self.masks:
            legal = self.machine.members(state.legal)
        values = {"values": self.task.see(state)} if self.task.press_values else {}
        return Observation(previous=previous, seen=seen, legal=legal, **values)

    def _pressable(self, batch: int) -> Bool[Tensor, "B V"]:
        """Every key but `CTX` and `EOS`."""
        return (self.machine.keys.kind != Kind.NEVER).expand(batch, -1)
