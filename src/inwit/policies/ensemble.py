"""Some networks that learn apart and are asked together.

Each update trains one of them, drawn at random; asked, they press what is likeliest by the mean of
their log-probabilities. They differ by where they begin and by what they have trained on and left
out, so that their mistakes do (Hansen and Salamon 1990, doi:10.1109/34.58871).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, cast

import torch
from jaxtyping import Bool, Float
from pydantic import Field
from torch import Tensor, nn

from inwit.errors import InvalidOption
from inwit.parts import Finite, register
from inwit.policies.base import Memory, Policy, PolicySpec, log_probabilities
from inwit.policies.encoders import ReaderName
from inwit.policies.pointer import Pointer
from inwit.trajectory import Observation, Prompt


@register
@dataclass(frozen=True, kw_only=True)
class Ensemble(Pointer):
    """Pointer networks that are trained apart and averaged."""

    reader: ReaderName = "text"
    reluctance: Finite = 0.0
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.5
    members: Annotated[int, Field(ge=1, le=100)] = 3
    """Number of networks."""

    name = "ensemble"

    def build(self, spec: PolicySpec) -> Policy:
        """Fresh networks.

        Raises:
            InvalidOption: a second head is wanted.
        """
        if spec.heads > 1:
            raise InvalidOption(
                "policy ensemble has no second head: it needs --masks given or none"
            )
        build = super().build
        return EnsemblePolicy(build(spec) for _ in range(self.members))


class EnsemblePolicy(Policy):
    """Members of one kind."""

    def __init__(self, members: Iterable[Policy]) -> None:
        """Join the members."""
        super().__init__()
        self.members = nn.ModuleList(members)

    @property
    def _each(self) -> list[Policy]:
        return cast(list[Policy], list(self.members))

    def begin(self, prompt: Prompt) -> Memory:
        """The states of all members, one after another."""
        return tuple(part for member in self._each for part in member.begin(prompt))

    def step(
        self, observation: Observation, memory: Memory
    ) -> tuple[Float[Tensor, "B V"], Float[Tensor, " B"], Memory]:
        """One press of all."""
        size = len(memory) // len(self.members)
        scores, values, states = [], [], list[Tensor]()
        for place, member in enumerate(self._each):
            own = memory[place * size : (place + 1) * size]
            score, value, after = member.step(observation, own)
            scores.append(log_probabilities(score, observation.legal))
            values.append(value)
            states.extend(after)
        return torch.stack(scores).mean(0), torch.stack(values).mean(0), tuple(states)

    def unroll(
        self, prompt: Prompt, observation: Observation, starts: Bool[Tensor, "T B"]
    ) -> tuple[Float[Tensor, "T B V"], Float[Tensor, "T B"]]:
        """In training one member's, drawn at random; otherwise as `step` by `step`."""
        if not self.training:
            return super().unroll(prompt, observation, starts)
        drawn = int(torch.randint(len(self.members), ()))
        return self._each[drawn].unroll(prompt, observation, starts)
