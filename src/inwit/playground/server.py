"""The page's local server; it answers in JSON."""

import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from pathlib import Path
from threading import Event, Thread
from typing import TypeVar

import uvicorn
from pydantic import TypeAdapter, ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from inwit.errors import InvalidOption, InwitError
from inwit.playground.description import another, describe, drawn_problem
from inwit.playground.episodes import Edit, episode
from inwit.playground.guard import Guard, policy_with
from inwit.playground.learning import example, progress, tried
from inwit.playground.reports import Reports
from inwit.playground.runs import Runs
from inwit.reports.page import STYLE
from inwit.texts import to_json

HOST = "127.0.0.1"
STATIC = Path(__file__).parent / "static"
Asked = TypeVar("Asked")


@dataclass(frozen=True, kw_only=True)
class OfRun:
    """A request about a run."""

    run: int = 0
    """Its number."""
    snapshot: int | None = None
    """The update of a snapshot; without it, the last weights."""


@dataclass(frozen=True, kw_only=True)
class OfProblem(OfRun):
    """A request about a problem."""

    problem: str
    """The problem as typed."""
    drawn: int | None = None
    """The number of a drawn problem, in place of the text."""
    off: tuple[str, ...] = ()
    """What the agent goes without."""
    edits: tuple[Edit, ...] = ()
    """Stored values to overwrite."""


@dataclass(frozen=True, kw_only=True)
class OfDrawing(OfRun):
    """A request to draw a problem of a run's task."""

    drawn: int
    """The number of the problem to draw."""


@dataclass(frozen=True, kw_only=True)
class OfProgress(OfRun):
    """A request about a run's training."""

    after: int = 0
    """The last update whose metrics the page has."""


def application(reports: Reports, port: int) -> ASGIApp:
    """The application: everything that the server answers."""
    runs = reports.runs

    def solve(asked: OfProblem) -> object:
        agent = runs.agent(asked.run, asked.snapshot)
        probes = runs.forecast(asked.run) if asked.snapshot is None else None
        forecast = probes.result() if probes and probes.done() else None
        task = agent.environment.task
        drawn = None if asked.drawn is None else drawn_problem(task, asked.drawn)
        text = asked.problem if drawn is None else task.describe(drawn, 0)
        made = episode(
            agent, text, drawn=drawn, off=asked.off, edits=asked.edits, forecast=forecast
        )
        return made.to_json()

    def agent(asked: OfRun) -> object:
        probes = runs.forecast(asked.run) if asked.snapshot is None else None
        training = probes is not None and not probes.done()
        forecast = probes.result() if probes and not training else None
        described = describe(runs.agent(asked.run, asked.snapshot), forecast)
        return {**described, "forecasting": training}

    def draw(asked: OfDrawing) -> object:
        return another(runs.agent(asked.run, asked.snapshot).environment.task, asked.drawn)

    def report(kind: str) -> Callable[[OfRun], object]:
        return lambda asked: {"state": reports.begin(kind, asked.run)}

    posts = [
        _post("/api/runs", OfRun, lambda _: runs.names()),
        _post("/api/agent", OfRun, agent),
        _post("/api/episode", OfProblem, solve),
        _post(
            "/api/progress", OfProgress, lambda asked: progress(runs.folder(asked.run), asked.after)
        ),
        _post(
            "/api/tried",
            OfProblem,
            lambda asked: tried(runs, asked.run, asked.problem, asked.drawn),
        ),
        _post("/api/problem", OfDrawing, draw),
        _post("/api/example", OfRun, lambda asked: example(runs, asked.run)),
        _post("/api/certificate", OfRun, report("certificate")),
        _post("/api/audit", OfRun, report("audit")),
    ]
    pages = [
        Route(f"/report/{kind}/{{run:int}}", partial(_report, reports, kind))
        for kind in ("certificate", "audit")
    ]
    static = Mount("/", StaticFiles(directory=STATIC, html=True))
    return Guard(Starlette(routes=[*posts, *pages, static]), port)


def _json(content: object, status: int = HTTPStatus.OK) -> Response:
    return Response(to_json(content), status, media_type="application/json")


def _post(path: str, kind: type[Asked], answer: Callable[[Asked], object]) -> Route:
    """A request in JSON, answered in its own thread; an error is answered in one line."""
    reader = TypeAdapter(kind)

    async def endpoint(request: Request) -> Response:
        try:
            asked = reader.validate_json(await request.body())
            return _json(await run_in_threadpool(answer, asked))
        except ValidationError as error:
            first = error.errors()[0]
            message = f"{'.'.join(map(str, first['loc']))}: {first['msg']}".removeprefix(": ")
        except InwitError as error:
            message = str(error)
        return _json({"error": message}, HTTPStatus.BAD_REQUEST)

    return Route(path, endpoint, methods=["POST"])


async def _report(reports: Reports, kind: str, request: Request) -> Response:
    page = reports.page(kind, request.path_params["run"])
    if page is None:
        return Response("there is no such report", HTTPStatus.NOT_FOUND, media_type="text/plain")
    return HTMLResponse(page, headers={"content-security-policy": policy_with(STYLE)})


class Server:
    """The page of some runs at a port of the loopback interface."""

    def __init__(self, paths: list[Path], port: int, task: str = "") -> None:
        """Bind the port; 0 binds any free one.

        Raises:
            InvalidOption: the port is in use, or not allowed.
        """
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self.socket.bind((HOST, port))
            self.socket.listen()
        except (OSError, OverflowError) as error:
            self.socket.close()
            reason = getattr(error, "strerror", None) or error
            raise InvalidOption(
                f"--port {port} cannot be used: {reason}; name another, or 0 for any that is free"
            ) from error
        self.port: int = self.socket.getsockname()[1]
        self.ended, self.reports = Event(), Reports(Runs(paths, task))
        settings = uvicorn.Config(
            application(self.reports, self.port),
            log_level="warning",
            server_header=False,
            timeout_graceful_shutdown=1,
        )
        self.server = uvicorn.Server(settings)

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"http://{HOST}:{self.port}/"

    @property
    def at_work(self) -> bool:
        """Whether probes or a report are being made; the end of the process waits for them."""
        return self.reports.at_work or self.reports.runs.at_work

    def wait(self) -> None:
        """Answer until Ctrl-C.

        An interrupted `Thread.join` takes a thread for ended that still runs, so an event is
        waited for.
        """
        with suppress(KeyboardInterrupt):
            while not self.ended.wait(1):
                pass

    def __enter__(self) -> "Server":
        self.thread = Thread(target=self._run, daemon=True)
        self.thread.start()
        return self

    def _run(self) -> None:
        try:
            self.server.run([self.socket])
        finally:
            self.ended.set()

    def __exit__(self, *_: object) -> None:
        self.server.should_exit = True
        self.thread.join(timeout=5)
        self.socket.close()
