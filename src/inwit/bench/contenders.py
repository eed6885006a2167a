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


def _ours(module: str, function: str = "build") -> str:
    return f"inwit.bench.{module}:{function}"


CONTENDERS = (
    Contender(name=FLOOR, title="the matrix products alone", build=_ours("floor")),
    Contender(name=OURS, title="inwit", build=_ours("ours")),
    Contender(
        name="inwit-compiled", title="inwit, compiled", build=_ours("ours", "build_compiled")
    ),
    Contender(
        name="jax",
        title="JAX, one jitted update (GRU)",
        build=_ours("in_jax"),
        needs=("jax",),
        install="pip install jax",
    ),
    Contender(name="tutorial", title="tutorial as published (GRU)", build=_ours("tutorial")),
    Contender(
        name="tutorial-mended",
        title="tutorial, its batch fault mended (GRU)",
        build=_ours("tutorial", "build_mended"),
    ),
    Contender(
        name="sb3",
        title="Stable-Baselines3 A2C, numpy game (MLP)",
        build=_ours("sb3"),
        needs=("stable_baselines3",),
        install="pip install stable-baselines3",
    ),
    Contender(
        name="sb3-gymnasium",
        title="Stable-Baselines3 A2C, Gymnasium games (MLP)",
        build=_ours("sb3", "build_gymnasium"),
        needs=("stable_baselines3",),
        install="pip install stable-baselines3",
    ),
    Contender(
        name="recurrent-ppo",
        title="sb3-contrib RecurrentPPO, numpy game (LSTM)",
        build=_ours("sb3", "build_recurrent"),
        needs=("sb3_contrib",),
        install="pip install sb3-contrib",
    ),
    Contender(
        name="torchrl",
        title="TorchRL A2C, numpy game (GRU)",
        build=_ours("in_torchrl"),
        needs=("torchrl",),
        install="pip install torchrl",
    ),
    Contender(
        name="pufferlib",
        title="PufferLib (LSTM)",
        build="",
        absent="3.0 has no wheel, fetches sources from elsewhere when it is built, and asks for "
        "numpy < 2 and gymnasium <= 0.29.1, which the others no longer run with",
    ),
)


def chosen(names: Sequence[str]) -> tuple[Contender, ...]:
    """The contenders of these names, all if there are none; ours and the floor are always among.

    Raises:
        UnknownName: there is no such contender.
    """
    known = [contender.name for contender in CONTENDERS]
    for name in names:
        if name not in known:
            raise UnknownName("contender", name, known)
    wanted = {*names, OURS, FLOOR} if names else set(known)
    return tuple(contender for contender in CONTENDERS if contender.name in wanted)
