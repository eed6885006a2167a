"""Certificates and audits as pages: made once, in the background, while the page polls."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from inwit.auditing.exhaustive import audit_task
from inwit.playground.runs import Runs
from inwit.reports.audit_page import audit_page
from inwit.reports.certificate_page import certificate_page

PROBLEMS = 300
"""Problems of each level for a certificate or an audit made here."""
BUDGET = 60_000
"""Presses of an audit's search."""


class Reports:
    """Makes one report at a time and keeps it."""

    def __init__(self, runs: Runs) -> None:
        """Report on these runs."""
        self.runs, self.made = runs, dict[tuple[str, int], Future[str]]()
        self.worker = ThreadPoolExecutor(1, thread_name_prefix="reports")

    def begin(self, kind: str, number: int) -> str:
        """Begin a report unless it has begun; returns its state, `working` or `done`.

        Raises:
            InwitError: it could not be made.
        """
        self.runs.folder(number)
        kinds: dict[str, Callable[[int], str]] = {
            "certificate": self._certificate,
            "audit": self._audit,
        }
        if (kind, number) not in self.made:
            self.made[kind, number] = self.worker.submit(kinds[kind], number)
        made = self.made[kind, number]
        if made.done():
            made.result()
        return "done" if made.done() else "working"

    @property
    def at_work(self) -> bool:
        """Whether a report is being made."""
        return not all(each.done() for each in self.made.values())

    def page(self, kind: str, number: int) -> str | None:
        """A finished report; None if it is not finished."""
        made = self.made.get((kind, number))
        return made.result() if made and made.done() and not made.exception() else None

    def _certificate(self, number: int) -> str:
        return certificate_page(self.runs.agent(number).certify(PROBLEMS))

    def _audit(self, number: int) -> str:
        task = self.runs.agent(number).environment.task
        return audit_page(audit_task(task, problems=PROBLEMS, budget=BUDGET))
