"""Who presses: `Policy`, `PolicySpec`, and the architectures."""

from inwit.policies.aggregated import Aggregated
from inwit.policies.base import (
    ILLEGAL,
    MOST_BYTES,
    Architecture,
    Memory,
    Policy,
    PolicySpec,
    built,
    log_probabilities,
    renew,
)
from inwit.policies.ensemble import Ensemble, EnsemblePolicy
from inwit.policies.feedforward import FeedForward
from inwit.policies.gru import GRU, GRUPolicy
from inwit.policies.masks import Given, Learned, Masks, SelfMasked, Unknown
from inwit.policies.memoryless import Memoryless
from inwit.policies.pointer import Pointer, PointerPolicy
from inwit.policies.scripted import Scripted, UniformRandom
from inwit.policies.transformer import Transformer

__all__ = [
    "GRU",
    "ILLEGAL",
    "MOST_BYTES",
    "Aggregated",
    "Architecture",
    "Ensemble",
    "EnsemblePolicy",
    "FeedForward",
    "GRUPolicy",
    "Given",
    "Learned",
    "Masks",
    "Memory",
    "Memoryless",
    "Pointer",
    "PointerPolicy",
    "Policy",
    "PolicySpec",
    "Scripted",
    "SelfMasked",
    "Transformer",
    "UniformRandom",
    "Unknown",
    "built",
    "log_probabilities",
    "renew",
]
