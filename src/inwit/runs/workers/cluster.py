"""The executor on the nodes of a Ray cluster: the same shape as `processes`, other machines.

The caller keeps the run folders. A job travels with its folder; the node trains in a folder of its
own and sends that back at every snapshot and at the end. Where a node dies, the run goes on on
another one from the last folder that came back; a run is repeatable, so the result is the same.
"""

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from typing import Any

from inwit.errors import InvalidOption
from inwit.extras import require
from inwit.runs.workers.base import TICK, RunExecutor
from inwit.runs.workers.jobs import Ended, Job, Message, Progressed
from inwit.runs.workers.nodes import Mailbox, call_on_node, work_on_node
from inwit.runs.workers.travelling import modules_with, packed, settle, sources_of, unpacked

AUTO = "auto"
"""A cluster that runs here already, otherwise a new one on this machine."""
TRIES = 4
"""How often a run is begun on a node, or gone on with, before it is given up."""
PATIENCE = 5.0
"""Seconds in which a cluster must answer; Ray itself would try for minutes."""


class RayWorkers(RunExecutor):
    """At most `jobs` runs at once on a cluster, each with one core."""

    def __init__(self, address: str = AUTO, jobs: int | None = None) -> None:
        """Join a cluster.

        Args:
            address: `auto`, or the address of a cluster.
            jobs: how many at once; as many as the cluster has cores if none is given.

        Raises:
            InvalidOption: Ray is not installed, or there is no cluster at the address.
        """
        super().__init__(jobs)
        self.ray: Any = require("ray", "ray")
        self.joined = not self.ray.is_initialized()
        if self.joined:
            _check_address(address)
            where = None if address == AUTO else address
            try:
                self.ray.init(where, log_to_driver=False, logging_level="error")
            except (ConnectionError, ValueError, RuntimeError) as error:
                reason = (str(error).splitlines() or [repr(error)])[0]
                raise InvalidOption(f"--ray {address}: {reason:.200}") from error
        self.jobs = jobs or max(1, int(self.ray.cluster_resources().get("CPU", 1)))
        here = self.ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy(
            self.ray.get_runtime_context().get_node_id(), soft=False
        )
        kind = self.ray.remote(num_cpus=0, scheduling_strategy=here)(Mailbox)
        self.mailbox = kind.remote()
        # A process of its own for every run; a dead node is ours to see, so that the folder counts.
        self.work = self.ray.remote(num_cpus=1, max_calls=1, max_retries=0)(work_on_node)
        self.call = self.ray.remote(num_cpus=1, max_calls=1)(call_on_node)
        self.runs: dict[str, tuple[Any, Job, int]] = {}
        self.calls: set[Any] = set()

    def submit(self, function: Callable[..., Any], /, *given: Any, **named: Any) -> Future[Any]:
        """Call a function on a node; `map` does so for many arguments.

        The function travels, with what it uses of its own module and of those beside it.
        """
        for module in modules_with(function):
            self.ray.cloudpickle.register_pickle_by_value(module)
        call = self.call.remote(function, given, named)
        self.calls.add(call)
        result = Future[Any]()
        result.set_running_or_notify_cancel()
        call.future().add_done_callback(partial(self._pass_on, call, result))
        return result

    def _pass_on(self, call: Any, result: Future[Any], ended: Future[Any]) -> None:
        """Pass on what a call has returned, or the error that its function has raised."""
        self.calls.discard(call)
        error = ended.exception()
        if error is None:
            result.set_result(ended.result())
        else:
            result.set_exception(getattr(error, "cause", None) or error)

    def train(self, next_job: Callable[[], Job | None]) -> Iterator[tuple[str, Message]]:
        """Train or resume runs; see `RunExecutor`."""
        while self._fill(next_job):
            if self.asked:
                self._stop_all()
            waiting = [run for run, _, _ in self.runs.values()]
            done, _ = self.ray.wait(waiting, num_returns=len(waiting), timeout=TICK)
            for name, message, archive in self.ray.get(self.mailbox.take.remote()):
                if name in self.runs:
                    run, job, number = self.runs[name]
                    unpacked(archive, job.out)
                    if isinstance(message, Progressed):  # another node may have to go on from here
                        self.runs[name] = run, replace(job, spent=message.cpu), number
                    yield name, message
            for name in [name for name, (run, _, _) in self.runs.items() if run in done]:
                message = self._end_of(name)
                if message is not None:
                    yield name, message

    def _ask_to_stop(self, name: str) -> None:
        self.ray.get(self.mailbox.stop.remote(name))

    def _begin(self, job: Job, number: int = 1) -> None:
        settle(job.out)
        run = self.work.remote(job, packed(job.out), sources_of(job), self.mailbox)
        self.runs[job.name] = run, job, number

    def _end_of(self, name: str) -> Message | None:
        """The last message of a run; None where its node has died and another goes on with it."""
        run, job, number = self.runs.pop(name)
        stopped = bool(self.asked) or name in self.stopping
        try:
            message, archive = self.ray.get(run)
        except self.ray.exceptions.RayTaskError as error:  # a mistake of ours ends no other run
            cause = error.cause
            return Ended(reason=f"{type(cause).__name__}: {cause}", stopped=False)
        except self.ray.exceptions.RayError as error:  # its process or its node has died
            if stopped or number == TRIES:
                reason = "stopped" if stopped else f"{type(error).__name__}, {number} times"
                return Ended(reason=reason, stopped=stopped)
            self._begin(job, number + 1)
            return None
        unpacked(archive, job.out)
        self.stopping.discard(name)
        last: Message = message
        return last

    def _kill_all(self) -> None:
        for each in [*(run for run, _, _ in self.runs.values()), *self.calls]:
            self.ray.cancel(each, force=True)

    def _close(self, error: BaseException | None) -> None:
        if error is not None:
            self._kill_all()
        elif calls := list(self.calls):
            self.ray.wait(calls, num_returns=len(calls))
        if self.joined:
            self.ray.shutdown()


def _check_address(address: str) -> None:
    """Refuse an address at which nothing answers.

    Raises:
        InvalidOption: it is neither `auto` nor HOST:PORT, or nothing answers there.
    """
    if address == AUTO:
        return
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not host or not port.isdecimal():
        raise InvalidOption(f"--ray {address}: give auto, or HOST:PORT of a cluster")
    try:
        socket.create_connection((host, int(port)), PATIENCE).close()
    except (OSError, OverflowError) as error:
        raise InvalidOption(f"--ray {address}: no cluster answers there: {error}") from error
