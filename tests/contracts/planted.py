"""A policy that keeps every contract, to be spoilt, and its architecture."""

from dataclasses import dataclass

from inwit.policies import Architecture, GRUPolicy, Policy
from inwit.policies.encoders import Bag

WIDTH = 16


class Plain(GRUPolicy):
    """Ours, to be spoilt; windows are made of steps."""

    unroll_window = Policy.unroll_window

    def __init__(self, spec, width=WIDTH):
        super().__init__(spec, width, Bag)


def planted(network):
    """The class of an architecture that makes this network."""

    @dataclass(frozen=True, kw_only=True)
    class Planted(Architecture):
        name = "planted"

        def build(self, spec):
            return network(spec)

    return Planted
