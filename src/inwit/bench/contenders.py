"""What is measured: names, requirements, builders."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec

from inwit.errors import UnknownName

PRESSES, WIDTH, STEP_SIZE = 6, 96, 3e-3
"""Presses per episode, network width and step size of all contenders."""
OURS, FLOOR = "inwit", "floor"
"""Always measured; all others are compared with them."""

Update = Callable[[], object]
"""Makes one update: `PRESSES` presses in every episode, and one step down the loss."""


class LeftOut(Exception):
    """A contender cannot be measured like this; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Contender:
    """A program that is measured."""

    name: str
    """Its name on the command line."""
    title: str
    """Its name in tables."""
    build: str
    """`module:function`, imported in its own process, from (episodes, threads) to an
    `Update`."""
    needs: tuple[str, ...] = ()
    """The modules that it imports in addition to inwit."""
    install: str = ""
    """The command that installs them."""
    absent: str = ""
    """Why it is never measured; empty if it is."""

    @property
    def missing(self) -> str:
        """What is missing before it can be measured; empty if nothing is."""
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
    """The contenders with these names, or all; ours and the floor are always included.

    Raises:
        UnknownName: there is no such contender.
    """
    known = [contender.name for contender in among]
    for name in names:
        if name not in known:
            raise UnknownName("contender", name, known)
    wanted = {*names, OURS, FLOOR} if names else set(known)
    return tuple(contender for contender in among if contender.name in wanted)
