"""Who presses: `Policy`, `Senses`, and the networks by name."""

from collections.abc import Callable
from functools import partial
from typing import get_args

from inwit.errors import InvalidOption
from inwit.policies.base import ILLEGAL, Memory, Policy, Senses, log_probabilities
from inwit.policies.committee import Committee
from inwit.policies.encoders import Attentive, Recurrent, Text
from inwit.policies.given import Even, Given
from inwit.policies.gru import GRU
from inwit.policies.memoryless import Memoryless
from inwit.policies.pointer import Pointer
from inwit.policies.transformer import Transformer
from inwit.recipe import NAMES, PolicyName

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


def register(name: str, policy: Callable[[Senses, int], Policy]) -> None:
    """Let recipes name a policy of one's own; it is made with the senses and the width.

    Raises:
        InvalidOption: the name is that of a policy of ours.
    """
    if name in get_args(PolicyName):
        raise InvalidOption(f"a policy '{name}' is built in: choose another name")
    POLICIES[name] = policy
    NAMES["policy"] = [*dict.fromkeys([*NAMES["policy"], name])]


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
    "register",
]
