"""What is given to a policy stays as it is: others read it, too."""

from collections.abc import Callable, Iterator
from dataclasses import is_dataclass
from typing import TypeVar

import torch
from torch import Tensor

from inwit.parts import Part
from inwit.policies import Architecture, Policy
from inwit.records import flatten
from inwit.testing.base import equal, hold
from inwit.trajectory import Trajectory

_Result = TypeVar("_Result")


def untouched(made: Part, call: Callable[..., _Result], *given: object) -> _Result:
    """What a method of a part gives, which must not write into what it is given."""
    before = {name: tensor.clone() for name, tensor in _tensors(given)}
    result = call(*given)
    for name, tensor in _tensors(given):
        contract, seen = "what is given is not changed", f"{call.__name__} writes into {name}"
        hold(equal(before[name], tensor), made, contract, seen)
    return result


def check_inputs(made: Architecture, network: Policy, episodes: Trajectory) -> None:
    """All that a network is asked for, along whole episodes."""
    prompt, observation = episodes.prompt, episodes.observation
    memory = untouched(made, network.begin, prompt)
    for t in range(len(episodes.key)):
        _, _, memory = untouched(made, network.step, observation.at(t), memory)
    starts = torch.ones_like(episodes.starts)
    untouched(made, network.unroll, prompt, observation, starts)
    for call in (network.unroll_from, network.unroll_window):
        untouched(made, call, network.begin(prompt), prompt, observation, starts)


def _tensors(given: tuple[object, ...]) -> Iterator[tuple[str, Tensor]]:
    """The tensors of a method's arguments, by name."""
    for each in given:
        if isinstance(each, tuple):
            yield from ((f"part {place + 1} of the state", part) for place, part in enumerate(each))
        elif isinstance(each, Tensor):
            yield "starts", each
        elif is_dataclass(each):
            yield from flatten(each, type(each).__name__.lower()).items()
