"""Failures to order: the n-th call of the system fails, or a child process is killed at it."""

import errno
import os
import resource
import signal
import time
import traceback
from contextlib import suppress
from pathlib import Path

from inwit import agent
from inwit.errors import DamagedRun, Interrupted, InvalidOption
from inwit.training import keeping
from inwit.training.loop import Training
from inwit.training.resuming import checkpoint_of, restore
from inwit.training.run_folder import RunFolder
from tests.recipes import recipe_of

CALLS = ("open", "write", "fsync", "close", "replace", "unlink", "mkdir")
"""The calls by which a file or a folder is changed."""


def recipe(path):
    return recipe_of(updates=10, batch=16, replay=16, curriculum="gated", out=path)


class Faults:
    """While it lasts, the n-th of the calls does something else."""

    def __init__(self, at, act):
        self.at, self.act, self.count, self.true = at, act, 0, {}

    def __enter__(self):
        for name in CALLS:
            self.true[name] = getattr(os, name)
            setattr(os, name, self._call(name))
        return self

    def __exit__(self, *_):
        for name, call in self.true.items():
            setattr(os, name, call)

    def _call(self, name):
        def call(*arguments, **named):
            self.count += 1
            if self.count == self.at:
                self.act(name, self.true[name], arguments)
            return self.true[name](*arguments, **named)

        return call


def full(name, call, arguments):
    """The disk is full; half of what was to be written may have been."""
    if name == "write":
        call(arguments[0], bytes(arguments[1])[: len(arguments[1]) // 2])
    if name == "close":
        call(*arguments)  # the descriptor is gone in any case
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def interrupt(name, call, arguments):
    """A second Ctrl-C."""
    if name == "close":
        call(*arguments)
    raise KeyboardInterrupt


def kill(name, call, arguments):
    if name == "write":
        call(arguments[0], bytes(arguments[1])[: len(arguments[1]) // 2])
    os.kill(os.getpid(), signal.SIGKILL)


def keep(path, at=0, size=None):
    """One more update and checkpoint, and a kill at a call or a limit to the size of files."""
    folder = RunFolder(path)
    training = Training(folder.recipe())
    restore(training, folder.latest())
    next(iter(training.reports()))
    checkpoint = checkpoint_of(training)
    if size is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    with Faults(at, kill):
        folder.keep(checkpoint)
        folder.save(training.policy)


def begin(path, at=0):
    """A new run to its first checkpoint, and a kill at a call."""

    def stop(report):
        raise Interrupted(signal.SIGTERM)

    with Faults(at, kill), suppress(Interrupted):
        agent.train(recipe(path), report=stop)


def train(path):
    keeping.PAUSE = 0.0
    agent.train(recipe(path))


def resume(path):
    keeping.PAUSE = 0.0
    agent.resume(path)


def hold(path):
    with RunFolder(path).held():
        time.sleep(60)


def run(do, path, after=None, **options):
    """What became of a child: 0, 3 for a damaged run, 4 for a locked one, -9 for a kill.

    Args:
        do: `begin`, `keep`, `train`, `resume` or `hold`.
        path: the run folder.
        after: the child is killed after so many seconds.
        options: of what is done.
    """
    child = os.fork()
    if not child:
        try:
            {"begin": begin, "keep": keep, "train": train, "resume": resume, "hold": hold}[do](
                Path(path), **options
            )
            code = 0
        except DamagedRun:
            code = 3
        except InvalidOption:
            code = 4
        except BaseException:
            traceback.print_exc()
            code = 1
        os._exit(code)
    if after is not None:
        time.sleep(after)
        os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
