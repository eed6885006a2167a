"""Who is measured, what each needs, and where it is built."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec

from inwit.errors import UnknownName

PRESSES, WIDTH, STEP_SIZE = 6, 96, 3e-3
"""Presses of an episode, units of a network, step size: what is the same for all."""
OURS, FLOOR = "inwit", "floor"
"""Always measured: all others are told beside them."""

Update = Callable[[], object]
"""Makes one update: `PRESSES` presses in every episode, and one step down the loss."""


class LeftOut(Exception):
    """A contender cannot be measured like this; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Contender:
    """One of those that are measured."""

    name: str
    """What the command line calls it."""
    title: str
    """What the tables call it."""
    build: str
    """`module:function`, imported in a process of its own, from (episodes, threads) to an
    `Update`."""
    needs: tuple[str, ...] = ()
    """The modules that it imports besides those of inwit."""
    install: str = ""
    """The command that installs them."""
    absent: str = ""
    """Why it is never measured, where that is so."""

    @property
    def missing(self) -> str:
        """What is to be done before it can be measured; empty if nothing is."""
        if self.absent:
            return self.absent
        lacking = [module for module in self.needs if find_spec(module) is None]
        return f"{', '.join(lacking)} not installed: {self.install}" if lacking else ""


CONTENDERS = (
    Contender(name=FLOOR, title="the matrix products alone", build="inwit.bench.floor:build"),
    Contender(name=OURS, title="inwit", build="inwit.bench.ours:build"),
    Contender(
        name="inwit-compiled", title="inwit, compiled", build="inwit.bench.ours:build_compiled"
    ),
)


def chosen(names: Sequence[str], among: Sequence[Contender]) -> tuple[Contender, ...]:
    """The contenders of these names, all if there are none; ours and the floor are always among.

    Raises:
        UnknownName: there is no such contender.
    """
    known = [contender.name for contender in among]
    for name in names:
        if name not in known:
            raise UnknownName("contender", name, known)
    wanted = {*names, OURS, FLOOR} if names else set(known)
    return tuple(contender for contender in among if contender.name in wanted)
