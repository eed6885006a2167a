"""Terminal output: the live table of a run, scores, traces."""

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.table import Table

from inwit.agent import Agent
from inwit.cli import games
from inwit.cli.waiting import waiting
from inwit.evaluation.advice import GOOD
from inwit.evaluation.scores import Answered, LevelScore, Score, Scores
from inwit.evaluation.traces import Trace
from inwit.reports.columns import print_columns, print_sheet
from inwit.tools import Tool, show
from inwit.training.metrics import Report

COLUMNS = (
    "update",
    "level",
    "exploring",
    "entropy",
    "value loss",
    "episodes/s",
    "time left",
)
WITH_GREEDY = (*COLUMNS[:3], "greedy", *COLUMNS[3:])
"""The same where the agent is asked for greedy answers now and then."""
LINES = 24
"""Rows that a run leaves behind."""
REFRESH = 0.2
"""Seconds between refreshes of a live table."""


@contextmanager
def printed(console: Console) -> Iterator[None]:
    """Print the library's log, one line per message."""
    logger, handler = logging.getLogger("inwit"), _Printer(console)
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)


class _Printer(logging.Handler):
    """Prints messages as plain lines, above a live table."""

    def __init__(self, console: Console) -> None:
        """Print to this console."""
        super().__init__()
        self.console = console

    def emit(self, record: logging.LogRecord) -> None:
        """Print one."""
        text = record.getMessage()
        self.console.print(text, highlight=False, soft_wrap=True)


class Pace:
    """Episodes or actions per second, and the time left, from the first update that was seen.

    What comes before the first update takes long, and only once.
    """

    def __init__(self, updates: int) -> None:
        """Of a run of this many updates."""
        self.updates = updates
        self.first: Report | None = None

    def __call__(self, report: Report) -> list[str]:
        """Two cells; `-` where nothing is known yet."""
        first = self.first = self.first or report
        done, seconds = report.update - first.update, report.seconds - first.seconds
        if done <= 0 or seconds <= 0:
            return ["-", "-"]
        actions = report.metrics.get("episodes/actions")
        counted = report.episodes - first.episodes if actions is None else actions * done
        left = seconds / done * (self.updates - report.update)
        return [f"{counted / seconds:,.0f}", f"{left:.0f} s"]


class Progress:
    """The table of a run: live on a terminal, plain lines elsewhere."""

    def __init__(self, console: Console, updates: int, *, greedy: bool = False) -> None:
        """Follow a run of this many updates; `greedy`: it is asked for greedy answers."""
        self.console, self.updates, self.asked = console, updates, greedy
        self.pace, self.games = Pace(updates), games.Lines(updates)
        self.every = max(1, updates // LINES)
        self.lines: list[list[str]] = []
        self.columns: Sequence[str] = COLUMNS
        self.drawn = 0.0
        self.live: Live | None = None
        self.headed = False
        self.warned: set[str] = set()
        self.greedy: float | None = None

    def __enter__(self) -> "Progress":
        if self.console.is_terminal:
            self.live = Live(console=self.console, auto_refresh=False)
            self.live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self.live is not None:
            self.live.update(self._table(self.lines), refresh=True)
            self.live.stop()

    def __call__(self, report: Report) -> None:
        """Show an update."""
        game = "episodes/ended" in report.metrics
        self.greedy = report.metrics.get("episodes/greedy", self.greedy)
        self.columns = games.COLUMNS if game else WITH_GREEDY if self.asked else COLUMNS
        line = self.games(report) if game else self._line(report)
        line += self.pace(report)
        kept = report.update % self.every == 0 or report.update == self.updates or report.learnt
        if kept:
            self.lines.append(line)
        if self.live is None and not self.headed:
            self.headed = True
            self.console.print("".join(f"{name:>12}" for name in self.columns), soft_wrap=True)
        if self.live is None and kept:
            self.console.print("".join(f"{cell:>12}" for cell in line), soft_wrap=True)
        elif self.live is not None and time.monotonic() - self.drawn > REFRESH:
            self.drawn = time.monotonic()
            self.live.update(self._table([*self.lines, line]), refresh=True)
        self._warn(report)
        if report.learnt and report.update < self.updates:
            text = f"stopped early after update {report.update}: greedy answers were all right"
            self.console.print(text, highlight=False, soft_wrap=True)

    def _warn(self, report: Report) -> None:
        """Print a persistent failure once."""
        for name in report.warnings.keys() - self.warned:
            text = f"update {report.update}: warning: {report.warnings[name]}"
            self.console.print(text, style="yellow", highlight=False, soft_wrap=True)
        self.warned = set(report.warnings)

    def _line(self, report: Report) -> list[str]:
        metrics = report.metrics
        return [
            f"{report.update}/{self.updates}",
            str(report.level),
            f"{metrics['episodes/accuracy']:.1%}",
            *(["-" if self.greedy is None else f"{self.greedy:.1%}"] if self.asked else []),
            f"{metrics['policy/entropy']:.3f}",
            f"{metrics['loss/value']:.4f}" if "loss/value" in metrics else "-",
        ]

    def _table(self, lines: Sequence[Sequence[str]]) -> Table:
        table = Table(box=None, pad_edge=False)
        for name in self.columns:
            table.add_column(name, justify="right", no_wrap=True)
        for line in lines:
            table.add_row(*line)
        return table


def print_scores(console: Console, scores: Sequence[LevelScore]) -> None:
    """Accuracy per level with its interval, beside the oracle's and chance."""
    for sheet in Scores(scores).sheets():
        print_sheet(console, sheet)
    if found := Scores(scores).found:
        console.print(found, highlight=False, soft_wrap=True)


def print_advice(console: Console, agent: Agent, scores: Scores) -> None:
    """What to change where a level was not learnt; nothing where all were."""
    failed = [str(each.level) for each in scores if each.agent.accuracy < GOOD]
    if not failed:
        return
    levels = f"level{'s' * (len(failed) > 1)} {', '.join(failed)}"
    say = partial(console.print, highlight=False, soft_wrap=True)
    say(f"\nnot learnt: {levels}; looking for reasons ...")
    with waiting("looking for reasons"):
        found = agent.advice(scores)
    for line in map(str, found):
        say(f"  - {line}")
    if not found:
        say("  - none was found: a longer training, another seed or another policy may help")
    say("docs/it_does_not_learn.md in the repository lists symptoms and remedies")


def print_answers(console: Console, answers: Sequence[Answered], *, each: bool) -> None:
    """Print the answers to a file of problems, and how many are right."""
    for answer in answers if each else ():
        found = answer.refusal or show(answer.answer)
        verdict = "right" if answer.right else f"wrong, the file says {answer.problem.stated}"
        console.print(
            f"{answer.problem.question} = {found} ({verdict})",
            highlight=False,
            soft_wrap=True,
        )
    score = Score(right=sum(answer.right for answer in answers), count=len(answers))
    low, high = score.interval
    console.print(
        f"{score.right} of {score.count} right: {score.percent} ({low:.1%} to {high:.1%})",
        highlight=False,
    )
    refused = [answer for answer in answers if answer.refusal]
    if refused:
        first = refused[0]
        console.print(
            f"{len(refused)} could not be read, first line {first.problem.line}: {first.refusal}",
            highlight=False,
            soft_wrap=True,
        )


def print_trace(console: Console, trace: Trace) -> None:
    """One episode on one line: the problem, the keys, the answer beside the exact one."""
    exact = f", exactly {show(trace.exact)}" if trace.verdict == "wrong" else ""
    console.print(
        f"{trace.problem}:  {trace.keys}  = {show(trace.answer)} ({trace.verdict}{exact})",
        highlight=False,
        soft_wrap=True,
    )
    _print_faults(console, trace)


def _print_faults(console: Console, trace: Trace) -> None:
    for count, press in enumerate(trace.presses, 1):
        if press.fault:
            text = f"    fault at press {count}: {press.fault}"
            console.print(text, highlight=False, soft_wrap=True)


def print_presses(console: Console, trace: Trace) -> None:
    """One episode press by press; values only if the learner trains them."""
    for sheet in trace.sheets():
        print_sheet(console, sheet)
    _print_faults(console, trace)
    if trace.note:
        console.print(trace.note, highlight=False, soft_wrap=True)
    exact = f"exact: {show(trace.exact)}, {trace.verdict}"
    if trace.exact is None:
        exact = "the exact answer is unknown"
    console.print(
        f"{trace.problem} = {show(trace.answer)}   ({exact})",
        highlight=False,
        soft_wrap=True,
    )


def print_tools(console: Console, tools: Sequence[Tool]) -> None:
    """Tools: names, number of arguments, types, summaries."""
    rows = [
        (tool.name, str(tool.arity), tool.signature or "numbers", tool.summary or "-")
        for tool in tools
    ]
    headings = ("key", "arguments", "types", "summary")
    print_columns(console, [headings, *rows], left=("key", "types", "summary"))
