"""What the agent knows of the meaning of keys: it is given, learnt by a second head, or unknown.

A press that means nothing changes nothing and is wasted. The second head predicts for every key
whether pressing it would mean something. It learns from nothing but what the agent's own presses
did, and its verdict is the agent's own mask.
"""

from abc import ABC
from dataclasses import dataclass
from math import log
from typing import Annotated, ClassVar

from jaxtyping import Bool, Float
from pydantic import Field
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, logsigmoid

from inwit.errors import InvalidOption
from inwit.parts import Part, Positive, register
from inwit.policies.base import Memory, Policy, PolicySpec
from inwit.trajectory import Observation, Prompt, Trajectory, masked_mean


class Masks(Part, ABC):
    """Where the agent's knowledge of the meaning of keys comes from."""

    noun: ClassVar[str] = "masks"
    registered: ClassVar[dict[str, type[Part]]] = {}
    given: ClassVar[bool] = False
    """The environment says which keys are legal; otherwise every key counts as legal."""
    heads: ClassVar[int] = 1
    """Scores that the network gives each key (`PolicySpec.heads`)."""

    def wrap(self, policy: Policy, spec: PolicySpec) -> Policy:
        """The policy that plays, made of the network that was built for this spec."""
        return policy


@register
@dataclass(frozen=True, kw_only=True)
class Given(Masks):
    """The environment says at every press which keys are legal."""

    name = "given"
    given = True


@register
@dataclass(frozen=True, kw_only=True)
class Unknown(Masks):
    """Every key may be pressed; one that means nothing is a wasted press."""

    name = "none"


@register
@dataclass(frozen=True, kw_only=True)
class Learned(Masks):
    """A second head of the network predicts which keys mean something."""

    practice: Annotated[int, Field(ge=0, le=10**6)] = 20
    """Episodes before the first update that train the second head alone, in thousands."""
    weight: Positive = 1.0
    """Weight of the second head's loss, beside that of the learner."""
    firmness: Annotated[float, Field(ge=1, le=100)] = 4.0
    """A key's probability is multiplied by the predicted chance that it means something, to this
    power."""
    floor: Annotated[float, Field(gt=0, lt=1)] = 1e-4
    """Minimum of that chance, so that keys that are wrongly ruled out are still tried."""

    name = "learned"
    heads = 2

    def wrap(self, policy: Policy, spec: PolicySpec) -> Policy:
        """The network, masked by its second head."""
        return SelfMasked(policy, self, spec.keys)


class SelfMasked(Policy):
    """A network whose second head masks its own scores."""

    def __init__(self, policy: Policy, masks: Learned, keys: int) -> None:
        """Wrap a network that was built with two scores for every key (`PolicySpec.heads`)."""
        super().__init__()
        self.policy, self.masks, self.keys = policy, masks, keys
        self.recurrent = policy.recurrent  # type: ignore[misc]

    @property
    def unwrapped(self) -> Policy:
        """The network with two heads."""
        return self.policy.unwrapped

    def begin(self, prompt: Prompt) -> Memory:
        """The state after reading the prompt."""
        return self.policy.begin(prompt)

    def step(
        self, observation: Observation, memory: Memory
    ) -> tuple[Float[Tensor, "B V"], Float[Tensor, " B"], Memory]:
        """One press."""
        return self.explore(observation, memory)[:3]

    def explore(
        self, observation: Observation, memory: Memory
    ) -> tuple[Float[Tensor, "B V"], Float[Tensor, " B"], Memory, Float[Tensor, "B V"]]:
        """As `step`; exploring presses prefer keys that are believed to mean something."""
        both, value, memory = self.policy.step(observation, memory)
        return self._masked(both), value, memory, self.believed(both).exp()

    def unroll(
        self, prompt: Prompt, observation: Observation, starts: Bool[Tensor, "T B"]
    ) -> tuple[Float[Tensor, "T B V"], Float[Tensor, "T B"]]:
        """Scores and values along given observations."""
        both, values = self.policy.unroll(prompt, observation, starts)
        return self._masked(both), values

    def unroll_from(
        self,
        memory: Memory,
        prompt: Prompt,
        observation: Observation,
        starts: Bool[Tensor, "T B"],
    ) -> tuple[Float[Tensor, "T B V"], Float[Tensor, "T B"]]:
        """As `unroll`, from the state before the first row."""
        both, values = self.policy.unroll_from(memory, prompt, observation, starts)
        return self._masked(both), values

    def _masked(self, both: Float[Tensor, "*T B VV"]) -> Float[Tensor, "*T B V"]:
        """pi(k | s) ~ exp(score_k) max(P(k means something | s), floor)^firmness."""
        if both.shape[-1] != 2 * self.keys:
            needed = f"--masks learned needs {2 * self.keys} scores (PolicySpec.scores)"
            raise InvalidOption(f"{needed}: the network gives {both.shape[-1]}")
        return both.chunk(2, -1)[0] + self.masks.firmness * self.believed(both)

    def believed(self, both: Float[Tensor, "*T B VV"]) -> Float[Tensor, "*T B V"]:
        """The log-probability, without gradient, that each key means something."""
        meaning = both.chunk(2, -1)[1].detach()
        return logsigmoid(meaning).clamp(min=log(self.masks.floor))

    def indifferent(self) -> Policy:
        """The policy that presses what this network believes to mean something, without a goal."""
        return _Indifferent(self)

    def meanings(self, trajectory: Trajectory) -> Float[Tensor, "T B V"]:
        """The log-odds that each key means something, before each press."""
        both, _ = self.policy.unroll(trajectory.prompt, trajectory.observation, trajectory.starts)
        return both.chunk(2, -1)[1]

    def loss(self, trajectory: Trajectory) -> Float[Tensor, ""]:
        """Cross-entropy of what was predicted of the keys that were pressed, and what they did.

        L = - mean_t log P(key_t means what it meant | s_t)
        """
        predicted = self.meanings(trajectory).gather(-1, trajectory.key[..., None])[..., 0]
        wrong = binary_cross_entropy_with_logits(
            predicted, trajectory.meant.float(), reduction="none"
        )
        return self.masks.weight * masked_mean(wrong, trajectory.pressed)

    def descend(self, trajectory: Trajectory) -> tuple[Float[Tensor, ""], dict[str, Tensor]]:
        """Add the gradient of this loss to the parameters' gradients; the loss, and its metrics."""
        loss = self.loss(trajectory)
        loss.backward()
        wasted = trajectory.pressed & ~trajectory.meant
        share = wasted.sum() / trajectory.pressed.sum()
        return loss.detach(), {"loss/masks": loss.detach(), "episodes/wasted": share}


class _Indifferent(Policy):
    """Presses keys in proportion to the belief that they mean something."""

    def __init__(self, believer: SelfMasked) -> None:
        """Share a network."""
        super().__init__()
        self.believer = believer

    def begin(self, prompt: Prompt) -> Memory:
        """The network's state after reading the prompt."""
        return self.believer.begin(prompt)

    def step(
        self, observation: Observation, memory: Memory
    ) -> tuple[Float[Tensor, "B V"], Float[Tensor, " B"], Memory]:
        """The log of the belief in each key."""
        both, value, memory = self.believer.policy.step(observation, memory)
        return self.believer.believed(both), value, memory
