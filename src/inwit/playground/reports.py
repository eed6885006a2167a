"""Certificates and audits as pages: made once, in the background, while the page asks how far."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from inwit.auditing.exhaustive import audit_task
from inwit.playground.runs import Runs
from inwit.reports.audit_page import audit_page
from inwit.reports.certificate_page import certificate_page

PROBLEMS = 300
"""Problems of a level that a certificate or an audit looks at here."""
BUDGET = 60_000
"""Presses that an audit's search follows."""


class Reports:
    """One report at a time; what is made is kept."""

    def __init__(self, runs: Runs) -> None:
        """Report on these runs."""
        self.runs, self.made = runs, dict[tuple[str, int], Future[str]]()
        self.worker = ThreadPoolExecutor(1, thread_name_prefix="reports")

    def begin(self, kind: str, number: int) -> str:
        """Begin a report unless it is begun, and say where it stands: `working`, `done`.

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

    def page(self, kind: str, number: int) -> str | None:
        """A report that is done."""
        made = self.made.get((kind, number))
        return made.result() if made and made.done() and not made.exception() else None

    def _certificate(self, number: int) -> str:
        return certificate_page(self.runs.agent(number).certify(PROBLEMS))

    def _audit(self, number: int) -> str:
        task = self.runs.agent(number).environment.task
        return audit_page(audit_task(task, problems=PROBLEMS, budget=BUDGET))
