"""Terminal output of runs in environments: a line per update, scores, traces."""

from rich.console import Console

from inwit.cli.waiting import waiting
from inwit.games.player import EPISODES, Player
from inwit.games.scores import SHORT, GameScore
from inwit.games.traces import GameTrace
from inwit.reports.columns import print_sheet
from inwit.training.metrics import Report

COLUMNS = ("update", "return", "steps", "entropy", "value loss", "actions/s", "time left")
SHOWN_METRICS = (
    ("episodes/return", 3),
    ("episodes/steps", 1),
    ("policy/entropy", 3),
    ("loss/value", 4),
)
"""Under the first columns, with how many decimals; the first two are of episodes that have ended,
the last is missing where a learner of one's own does not report it."""
TRACES, SHOWN = 3, 60
"""Episodes that are shown, and actions of each."""


class Lines:
    """The lines of a run's table, without its pace.

    Where no episode ended in an update, the latest ones that did are shown; before any, `-`.
    """

    def __init__(self, updates: int) -> None:
        """Follow a run of this many updates, whose reports are all passed on."""
        self.updates, self.known = updates, dict[str, float]()

    def __call__(self, report: Report) -> list[str]:
        """The line of an update."""
        self.known |= report.metrics
        cells = (
            f"{self.known[name]:.{digits}f}" if name in self.known else "-"
            for name, digits in SHOWN_METRICS
        )
        return [f"{report.update}/{self.updates}", *cells]


def show_player(console: Console, player: Player) -> None:
    """Print some episodes, the scores and the run folder; a live environment has no fresh ones."""
    if player.recipe.environment.resumable:
        console.print()
        with waiting("playing"):
            traces = player.trace(TRACES, longest=SHORT)
        for trace in traces:
            print_game_trace(console, trace)
        console.print(f"\nreturns of {EPISODES} fresh episodes:", highlight=False)
        with waiting("scoring"):
            score = player.evaluate(longest=SHORT)
        print_game_score(console, score)
    text = f"\nrun folder: {player.recipe.out}"
    console.print(text, highlight=False, soft_wrap=True)


def print_game_score(console: Console, score: GameScore) -> None:
    """Mean returns with their intervals, and the best of training."""
    (sheet,) = score.sheets()
    print_sheet(console, sheet)
    if sheet.note:
        console.print(sheet.note, highlight=False)


def print_game_trace(console: Console, trace: GameTrace) -> None:
    """One episode on one line: its seed, the actions, the return."""
    actions = " ".join(act.action for act in trace.acts[:SHOWN])
    more = f" and {len(trace.acts) - SHOWN} more" if len(trace.acts) > SHOWN else ""
    stopped = f"  stopped after {len(trace.acts):,} actions" if trace.cut else ""
    text = f"seed {trace.seed}:  {actions}{more}{stopped}  return {trace.total:.3f}"
    console.print(text, highlight=False, soft_wrap=True)
