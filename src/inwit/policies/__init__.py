"""Who presses: `Policy`, `Senses`, and the networks by name."""

from collections.abc import Callable
from functools import partial

from inwit.policies.base import ILLEGAL, Memory, Policy, Senses, log_probabilities
from inwit.policies.committee import Committee
from inwit.policies.encoders import Attentive, Recurrent, Text
from inwit.policies.given import Even, Given
from inwit.policies.gru import GRU
from inwit.policies.memoryless import Memoryless
from inwit.policies.pointer import Pointer
from inwit.policies.transformer import Transformer

POINTER_TEXT = partial(Pointer, reader=Text, reluctance=0.0, dropout=0.5)

POLICIES: dict[str, Callable[[Senses, int], Policy]] = {
    "gru": GRU,
    "gru-recurrent": partial(GRU, reader=Recurrent),
    "gru-attentive": partial(GRU, reader=Attentive),
    "pointer": Pointer,
    "pointer-attentive": partial(Pointer, reader=Attentive),
    "pointer-text": POINTER_TEXT,
    "committee": partial(Committee, member=POINTER_TEXT),
    "memoryless": Memoryless,
    "transformer": Transformer,
}

__all__ = [
    "GRU",
    "ILLEGAL",
    "POLICIES",
    "Committee",
    "Even",
    "Given",
    "Memory",
    "Memoryless",
    "Pointer",
    "Policy",
    "Senses",
    "Transformer",
    "log_probabilities",
]
