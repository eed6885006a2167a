"""What linear probes read from an agent's state about its next presses.

The probes are those of the certificate (`inwit.probes.linear`), trained on problems that training
draws, tested on held-out ones and compared with the best of their controls.
"""

from dataclasses import dataclass, replace

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import one_hot, pad

from inwit.agent import HELD_OUT_SEED, Agent
from inwit.policies import Memory, Policy
from inwit.probes.linear import AGENT, AHEAD, decode, fit, looks_back, read
from inwit.probes.record import vector
from inwit.probes.subject import draw, untrained
from inwit.tasks import join_problems
from inwit.trajectory import Observation, Prompt

PROBLEMS = 600
"""Problems to train the probes on, and as many to test them on."""
MAX_STATE = 20_000
"""Numbers in the largest state that is probed."""


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """Probes for the keys of this press and of the next ones."""

    weights: Float[Tensor, "F scores"]
    """From features to scores: the keys of this press, then those of each later one."""
    sizes: tuple[int, ...]
    """How many values the previous key and each observed field can have."""
    accuracy: tuple[float, ...]
    """Share of held-out keys that the probe finds, by how far ahead they are."""
    control: tuple[float, ...]
    """The same share for the best control."""
    length: int
    """Symbols of a prompt that is probed once, before press 1; 0 if every state is probed."""

    def read(
        self,
        policy: Policy,
        prompt: Prompt,
        memory: Memory,
        observation: Observation,
        seen: Tensor | None,
    ) -> tuple[tuple[int, float], ...]:
        """The likeliest keys of this press and the next ones, with their scores.

        Args:
            policy: the policy that presses.
            prompt: the prompt that it has read.
            memory: the state before the press.
            observation: the probe uses only its previous key.
            seen: the observed fields at the previous press; None at the first.
        """
        if not self.length:
            state = vector(memory)
        elif seen is None and prompt.symbols.shape[1] <= self.length:
            state = _whole(policy, prompt, self.length)
        else:
            return ()
        previous, *columns = self.sizes
        parts = [one_hot(observation.previous[0], previous)]
        for column, size in enumerate(columns):
            nothing = torch.zeros(size)
            parts.append(nothing if seen is None else one_hot(seen[0, column], size))
        known = torch.cat([state[0], *parts, torch.ones(1)]).double()
        scores = (known @ self.weights).view(AHEAD, -1)
        best = scores.max(1)
        return tuple(zip(best.indices.tolist(), best.values.tolist(), strict=True))


def _whole(policy: Policy, prompt: Prompt, length: int) -> Float[Tensor, "1 F"]:
    """All numbers in the memory after reading a prompt that is padded to a length."""
    missing = length - prompt.symbols.shape[1]
    symbols = pad(prompt.symbols, (0, missing), value=-1)
    values = pad(prompt.values, (0, 0, 0, missing))
    parts = policy.begin(replace(prompt, symbols=symbols, values=values))
    return torch.cat([part.flatten(1) for part in parts if part.is_floating_point()], 1)


@torch.no_grad()
def fit_forecast(
    agent: Agent, problems: int = PROBLEMS, seed: int = HELD_OUT_SEED
) -> Forecast | None:
    """Train probes on an agent's episodes and test them; None if its state is too large.

    Args:
        agent: the agent.
        problems: how many to train on, and how many others to test on.
        seed: seed of all draws.
    """
    environment, policy = agent.environment, agent.policy
    task = environment.task
    control = untrained(agent.recipe, environment)
    known, asked = (
        draw(task, list(task.levels), problems, seed, held_out=held_out)
        for held_out in (False, True)
    )
    place = environment.on(task)
    both = join_problems([known, asked], environment.padding).select(torch.arange(problems))
    prompt, observation = place.reset(both)
    whole = looks_back(policy, place, prompt)
    if whole and sum(part[0].numel() for part in policy.begin(prompt)) > MAX_STATE:
        return None
    generator = torch.Generator().manual_seed(seed)
    found = decode(policy, control, place, known, asked, generator)[1:]
    reading = read(policy, control, place, both)
    return Forecast(
        weights=fit(reading.features[AGENT], reading.later),
        sizes=(observation.legal.shape[1], *place.observation_sizes),
        accuracy=tuple(each.accuracy[AGENT] for each in found),
        control=tuple(each.accuracy[AGENT] - each.selectivity for each in found),
        length=both.symbols.shape[1] if whole else 0,
    )
