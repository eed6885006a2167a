"""The commands, a file for each kind; every command is a dataclass of its options."""

from collections.abc import Callable

from inwit.interfaces.commands.export import Export
from inwit.interfaces.commands.measuring import Bench
from inwit.interfaces.commands.playing import Play
from inwit.interfaces.commands.scoring import Certify, Evaluate, Solve, TraceEpisodes
from inwit.interfaces.commands.sweeping import Sweep
from inwit.interfaces.commands.tasks import AuditTask, ListTools
from inwit.interfaces.commands.training import Resume, train

COMMANDS: dict[str, type[Callable[[], None]]] = {
    "audit": AuditTask,
    "resume": Resume,
    "sweep": Sweep,
    "evaluate": Evaluate,
    "certify": Certify,
    "trace": TraceEpisodes,
    "solve": Solve,
    "play": Play,
    "export": Export,
    "tools": ListTools,
    "bench": Bench,
}

__all__ = ["COMMANDS", "train"]
