"""Puts tensors that were read from a file into a network; the file may be anybody's."""

from collections.abc import Mapping

import torch
from torch import Tensor

from inwit.errors import DamagedRun


def fill(network: torch.nn.Module, tensors: Mapping[str, Tensor]) -> None:
    """Put weights into a network.

    Raises:
        DamagedRun: they are of another network, or are not finite.
    """
    wanted = network.state_dict()
    strange = sorted(tensors.keys() - wanted.keys())
    if strange:
        more = f" and {len(strange) - 1} others" if len(strange) > 1 else ""
        raise DamagedRun(f"{strange[0]:.60}{more}: not among the network's {len(wanted)} tensors")
    for name, own in wanted.items():
        given = tensors.get(name)
        if given is None or (given.dtype, given.shape) != (own.dtype, own.shape):
            raise DamagedRun(f"{name} is missing, or has another shape")
        if not bool(given.isfinite().all()):
            raise DamagedRun(f"{name} holds numbers that are not finite")
    network.load_state_dict(dict(tensors))
