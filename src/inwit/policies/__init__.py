"""Who presses: `Policy`, `Senses`, and the networks by name."""

from inwit.policies.base import Memory, Policy, Senses, log_probabilities
from inwit.policies.given import Even, Given
from inwit.policies.gru import GRU

POLICIES: dict[str, type[GRU]] = {"gru": GRU}

__all__ = ["GRU", "POLICIES", "Even", "Given", "Memory", "Policy", "Senses", "log_probabilities"]
