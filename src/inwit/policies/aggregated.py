"""Running averages and running maxima of what is seen, read by one hidden layer.

A gated unit mixes what it sees into its state at every step, so that what was seen once fades. The
maximum of features over time does not fade, and seeing the same thing again changes nothing (as in
AMRL: Beck et al. 2020, "AMRL: Aggregated Memory for Reinforcement Learning"). Averages that decay,
each at its own rate, keep the order of what was seen last:

    u_t, p_t = tanh(W x_t),   h_t = a h_{t-1} + (1 - a) u_t,   m_t = max(m_{t-1}, p_t)
    scores and value = V gelu(U [u_t, p_t, h_t, m_t])

No matrix stands between a state and the next one: along given observations all products are made at
once. Features that were never trained tell inputs apart already, at any distance, so that only how
to read them has to be learnt.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn.functional import gelu

from inwit.parts import register
from inwit.policies.base import Architecture, Memory, Policy, PolicySpec, Width
from inwit.policies.encoders import READERS, Reader, ReaderName
from inwit.policies.gru import sum_of_rows
from inwit.trajectory import Observation, Prompt

SLOWEST = 100.0
"""Steps after which the slowest average has forgotten two thirds of what it was."""


@register
@dataclass(frozen=True, kw_only=True)
class Aggregated(Architecture):
    """Running averages and running maxima of what is seen."""

    width: Width = 96
    """Number of averages; also of maxima and of hidden units."""
    reader: ReaderName = "bag"
    """How a prompt is read; see the policy `gru`."""

    name = "aggregated"

    def build(self, spec: PolicySpec) -> Policy:
        """A fresh network."""
        return AggregatedPolicy(spec, self.width, READERS[self.reader])


class AggregatedPolicy(Policy):
    """Reader, features, averages and maxima, hidden layer, heads."""

    def __init__(self, spec: PolicySpec, width: int, reader: type[Reader]) -> None:
        """Make a network with `width` averages and as many maxima."""
        super().__init__()
        self.reader = reader(spec, width)
        sizes = torch.tensor((spec.keys, *spec.observations))
        self.offsets: Tensor
        self.register_buffer("offsets", sizes.cumsum(0) - sizes, persistent=False)
        self.inputs = nn.Embedding(int(sizes.sum()), 2 * width)
        self.bias = nn.Parameter(torch.zeros(2 * width))
        self.values = nn.Linear(spec.values, 2 * width, bias=False) if spec.values else None
        steps = SLOWEST ** torch.linspace(0, 1, width)
        self.rate: Tensor
        self.register_buffer("rate", steps / (1 + steps))
        self.hidden = nn.Linear(4 * width, width)
        self.heads = nn.Linear(width, spec.scores + 1)

    def begin(self, prompt: Prompt) -> Memory:
        """The averages after reading the prompt, and the least that a maximum can be."""
        _, state = self.reader(prompt)
        return state, torch.full_like(state, -1.0)

    def step(
        self, observation: Observation, memory: Memory
    ) -> tuple[Float[Tensor, "B V"], Float[Tensor, " B"], Memory]:
        """One press."""
        features = self._features(observation)
        new, peaks = features.chunk(2, 1)
        averages = torch.lerp(new, memory[0], self.rate)
        most = torch.maximum(memory[1], peaks)
        scores, value = self._read(features, averages, most)
        return scores, value, (averages, most)

    def unroll_from(
        self, memory: Memory, prompt: Prompt, observation: Observation, starts: Bool[Tensor, "T B"]
    ) -> tuple[Float[Tensor, "T B V"], Float[Tensor, "T B"]]:
        """Scores and values along given observations; only the states are made one by one."""
        features = self._features(observation)
        new, peaks = features.chunk(2, 2)
        (average, most), (fresh, _) = memory, self.begin(prompt)
        averages, cleared = [], starts.any(1).tolist()
        for t, row in enumerate(new.unbind(0)):  # the gradient of an index would be a whole window
            if t and cleared[t]:
                average = torch.where(starts[t, :, None], fresh, average)
            average = torch.lerp(row, average, self.rate)
            averages.append(average)
        return self._read(features, torch.stack(averages), _maxima(most, peaks, starts))

    def _features(self, observation: Observation) -> Float[Tensor, "*T B W2"]:
        """Features of what is seen at each press, by itself."""
        rows = torch.cat([observation.previous[..., None], observation.seen], -1) + self.offsets
        seen = sum_of_rows(self.inputs.weight, rows.flatten(0, -2)).unflatten(0, rows.shape[:-1])
        if self.values is not None:
            seen = seen + self.values(observation.values)
        return torch.tanh(seen + self.bias)

    def _read(
        self,
        features: Float[Tensor, "*T B W2"],
        averages: Float[Tensor, "*T B W"],
        maxima: Float[Tensor, "*T B W"],
    ) -> tuple[Float[Tensor, "*T B V"], Float[Tensor, "*T B"]]:
        hidden = gelu(self.hidden(torch.cat([features, averages, maxima], -1)))
        scores = self.heads(hidden)
        return scores[..., :-1], scores[..., -1]


def _maxima(
    most: Float[Tensor, "B W"], peaks: Float[Tensor, "T B W"], starts: Bool[Tensor, "T B"]
) -> Float[Tensor, "T B W"]:
    """The largest feature of each episode so far, `most` before the first row included."""
    every = torch.cat([most[None], peaks])
    number = starts.clone()
    number[0] = False  # `most` is of the first row's episode
    episode = torch.cat([number[:1].long(), number.cumsum(0)])[..., None]
    # Features are from -1 to 1: those of a later episode are lifted above all before.
    place = (every.detach().double() + 4.0 * episode).cummax(0).indices
    return every.gather(0, place)[1:]
