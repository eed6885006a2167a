"""The commands; each is a dataclass of its options."""

from collections.abc import Callable

from inwit.cli.commands.auditing import Audit
from inwit.cli.commands.creating import NewTask
from inwit.cli.commands.export import Export
from inwit.cli.commands.measuring import Bench
from inwit.cli.commands.playing import Play
from inwit.cli.commands.scoring import Certify, Evaluate, Solve, TraceEpisodes
from inwit.cli.commands.sweeping import Sweep
from inwit.cli.commands.tasks import ListTools
from inwit.cli.commands.training import Resume, train

COMMANDS: dict[str, type[Callable[[], None]]] = {
    "new": NewTask,
    "audit": Audit,
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
