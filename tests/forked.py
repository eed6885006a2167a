"""Children of audits, forked from a process that has imported what each of them imports.

Python and the imports take 0.1 s a child, and the tests start hundreds. A fork has the environment,
the folder, the pipes, the session and the hash seed with which the child would have been started.
As a program this is that process: it reads orders from a socket until that is closed.
"""

import json
import os
import select
import socket
import subprocess
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path

SOURCES = Path(__file__).parent.parent / "src"
MODULE = "inwit.auditing.child"
MOST = 100_000
"""Bytes of an order."""


class Forked:
    """What the parent's side of a child uses of `subprocess.Popen`."""

    def __init__(self, command, *, cwd, env, start_new_session, **pipes):
        assert command == [sys.executable, "-m", MODULE]
        assert start_new_session
        (incoming, stdin), (stdout, outgoing) = os.pipe(), os.pipe()
        self.status, theirs = socket.socketpair()
        order = json.dumps({"folder": str(cwd), "environment": env}).encode()
        handed = [incoming, outgoing, theirs.fileno()]
        socket.send_fds(_forks_of(env), [order], handed)
        os.close(incoming)
        os.close(outgoing)
        theirs.close()
        self.stdin, self.stdout = os.fdopen(stdin, "wb", 0), os.fdopen(stdout, "rb", 0)
        self.pid, self.returncode = int(self.status.recv(64)), None

    def wait(self, timeout=None):
        """The exit code, as the process that forked it tells it."""
        if self.returncode is None:
            self.status.settimeout(timeout)
            try:
                self.returncode = int(self.status.recv(64))
            except TimeoutError:
                raise subprocess.TimeoutExpired("a fork", timeout) from None
            self.status.close()
        return self.returncode


class Subprocess:
    """In the place of the module of that name."""

    Popen, TimeoutExpired = Forked, subprocess.TimeoutExpired
    PIPE, DEVNULL = subprocess.PIPE, subprocess.DEVNULL
    running: dict[str, tuple[socket.socket, subprocess.Popen]] = {}  # noqa: RUF012
    """The processes that fork, by their hash seeds."""

    @classmethod
    def close(cls):
        """End them."""
        for orders, process in cls.running.values():
            orders.close()
            process.wait()
        cls.running.clear()


def _forks_of(environment):
    """The connection to the process with this hash seed, begun if need be."""
    seed = environment["PYTHONHASHSEED"]
    if seed not in Subprocess.running:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        process = subprocess.Popen(
            [sys.executable, __file__, str(theirs.fileno())],
            env=environment | {"PYTHONPATH": str(SOURCES)},
            stdin=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
        )
        theirs.close()
        Subprocess.running[seed] = ours, process
    return Subprocess.running[seed][0]


def _serve(orders):
    """Fork children, and tell of each how it ended."""
    children = {}  # by a descriptor that can be read when it has ended
    while True:
        ready, _, _ = select.select([orders, *children], [], [])
        for each in ready:
            if each is orders:
                told, given, _, _ = socket.recv_fds(orders, MOST, 3)
                if not told:
                    return
                identity = os.fork()
                if not identity:
                    _become(json.loads(told), given, [orders.fileno(), *children])
                status = socket.socket(fileno=given.pop())
                status.send(str(identity).encode())
                children[os.pidfd_open(identity)] = identity, status
                for descriptor in given:
                    os.close(descriptor)
            else:
                identity, status = children.pop(each)
                code = os.waitstatus_to_exitcode(os.waitpid(identity, 0)[1])
                os.close(each)
                with suppress(BrokenPipeError):  # nobody waits for it any more
                    status.send(str(code).encode())
                status.close()


def _become(order, given, others):
    """Be a child as `Popen` would have started it; does not return."""
    code = 1
    try:
        os.setsid()
        os.dup2(given[0], 0)
        os.dup2(given[1], 1)
        for descriptor in (*given, *others):
            os.close(descriptor)
        os.chdir(order["folder"])
        os.environ.clear()
        os.environ.update(order["environment"])
        paths = order["environment"]["PYTHONPATH"].split(os.pathsep)
        rest = [each for each in sys.path if each not in (str(Path(__file__).parent), str(SOURCES))]
        sys.path[:] = [order["folder"], *paths, *rest]
        sys.modules["inwit.auditing.child.serving"].main()
        code = 0
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else error.code is not None
    finally:
        os._exit(code)


if __name__ == "__main__":
    for name in ("child.serving", "formats.function", "formats.gymnasium"):
        import_module(f"inwit.auditing.{name}")
    _serve(socket.socket(fileno=int(sys.argv[1])))
