"""A task and its machine as a batched token game: reset, step, percept, legal keys.

The environment holds the state of one batch of attempts. Problems are drawn on the CPU and moved to
the device once; nothing afterwards waits for the device.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from inwit.machine import Kind, State, Symbol, Top
from inwit.tasks import Problems, Task
from inwit.tokens import CONTEXT, PADDING
from inwit.trajectory import Percept, Prompt


@dataclass(frozen=True, kw_only=True)
class Step:
    """What one press brought."""

    percept: Percept
    """What is seen next; fields (B, ...)."""
    reward: Float[Tensor, " B"]
    """What the press earned, float32."""
    terminated: Bool[Tensor, " B"]
    """The episode is over by the rules: `ANS` was pressed, or no legal key is left."""
    truncated: Bool[Tensor, " B"]
    """The episode is over because the presses ran out."""


class Environment:
    """Attempts at problems of one task."""

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
            task: what is asked.
            device: where the attempts are held.
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
    def percept_sizes(self) -> tuple[int, ...]:
        """How many values each thing that is seen can have."""
        symbols, shown = len(self.task.symbols) + 1, len(self.task.displays)
        streamed = (symbols, symbols, len(Top)) if self.task.rules.stream else ()
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

    def reset(self, problems: Problems) -> tuple[Prompt, Percept]:
        """Put a fresh machine before each problem (given on the CPU)."""
        self.limit, self.clock = self.task.max_presses(problems), 0
        depth = self.task.max_depth(problems)
        self.problems = problems = problems.to(self.device)
        stream = self.task.rules.stream
        # Two ends: the symbol after the last one can be seen, too.
        script = torch.nn.functional.pad(problems.symbols, (0, 2), value=-1)
        self._script = script.where(script >= 0, self._end)
        self.state: State = self.machine.reset(
            problems.operands,
            self._kinds[self._script] if stream else None,
            depth=depth,
        )
        batch = len(problems)
        self.ended = torch.zeros(batch, dtype=torch.bool, device=self.device)
        self.right = torch.zeros(batch, dtype=torch.bool, device=self.device)
        self.faults = torch.zeros(len(self.task.rules.tools), dtype=torch.long, device=self.device)
        context = self.machine.vocabulary[CONTEXT]
        previous = torch.full((batch,), context, device=self.device)
        prompt = Prompt(
            symbols=problems.symbols[:, :0] if stream else problems.symbols,
            level=problems.level if self.task.shows_level else torch.zeros_like(problems.level),
        )
        return prompt, self._percept(previous)

    def step(self, key: Int[Tensor, " B"]) -> Step:
        """Press one key in every episode; episodes that are over stay as they are."""
        running = ~self.ended
        self.clock += 1
        self.state = self.machine.press(self.state, key)
        answered = self.state.answered & running
        right = answered & self.task.score(self.state.frame.accumulator, self.problems)
        stuck = running & ~self.state.legal.any(1)
        terminated = answered | stuck
        truncated = running & ~terminated & (self.clock >= self.limit)
        self.right = self.right | right
        failed = self.state.failed & running
        self.faults.scatter_add_(0, self.state.called.clamp(min=0), failed.long())
        self.ended = self.ended | terminated | truncated
        return Step(
            percept=self._percept(key),
            reward=self._reward(answered, right) - self.fault_cost * failed,
            terminated=terminated,
            truncated=truncated,
        )

    def _reward(
        self, answered: Bool[Tensor, " B"], right: Bool[Tensor, " B"]
    ) -> Float[Tensor, " B"]:
        reward = right.float()
        if self.shaping:
            reached = self.state.frame.accumulator[:, None] == self.problems.subgoals
            bonus = (self.problems.worth * reached).sum(1).float()
            reward = reward + self.shaping * bonus * answered
        return reward

    def _percept(self, previous: Int[Tensor, " B"]) -> Percept:
        seen = torch.empty(len(previous), 0, dtype=torch.long, device=self.device)
        if self.task.rules.stream:
            cursor = self.state.cursor[:, None]
            under = self._script.gather(1, cursor)
            ahead = self._script.gather(1, cursor + 1)
            seen = torch.cat([under, ahead, self.state.top_kind[:, None]], 1)
        if self.task.displays:
            shown = self.task.observe(self.state.frame.accumulator)
            seen = torch.cat([seen, shown[:, None]], 1)
        legal = self.state.legal if self.masks else self._pressable(len(previous))
        return Percept(previous=previous, seen=seen, legal=legal)

    def _pressable(self, batch: int) -> Bool[Tensor, "B V"]:
        """Every key but `CTX` and `EOS`."""
        return (self.machine.kinds != Kind.NEVER).expand(batch, -1)
