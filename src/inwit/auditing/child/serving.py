"""The child's loop: read calls, make them, answer each in one line.

first line      {"format", "reference", "options", "limits"}
its answer      {"ready": {"kind", "about"}}, {"refused": words} or {"failed": ...}
a batch         {"do": name, "seconds": of a call, "calls": [[argument, ...], ...]}
its answers     {"value": ...}, {"refused": words} or {"failed": {"outcome", "message", "frames"}},
                a line for each call, with the processor time so far
"""

import os
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

from inwit.auditing.base import Item, Outcome
from inwit.auditing.child.guards import (
    OutOfTime,
    at_most,
    leave_network,
    limit_resources,
    private_pipes,
)
from inwit.auditing.child.messages import decode, encode, plain
from inwit.auditing.interactive import playing
from inwit.errors import InwitError

OURS = str(Path(__file__).parents[2])
"""Frames in this folder are not the author's."""
FRAMES, LINE = 6, 160


def main() -> None:
    """Serve one target until the pipe closes."""
    incoming, outgoing = private_pipes()
    first = decode(incoming.readline())
    limits = first["limits"]
    network = "on" if limits["network"] else leave_network()
    limit_resources(limits["memory"], limits["seconds"])
    identity = os.getpid()
    made: list[dict[str, Callable[..., object]]] = []

    def opened() -> object:
        opener = import_module(f"inwit.auditing.formats.{first['format']}").open_target
        subject = opener(first["reference"], first["options"])
        kind = "graded" if hasattr(subject, "score") else "interactive"
        made.append(graded(subject) if kind == "graded" else interactive(subject))
        return {"kind": kind, "network": network, "about": dict(subject.about)}

    _answer(outgoing, _call(opened, [], limits["opening"]))
    for line in incoming if made else ():
        batch = decode(line)
        for arguments in batch["calls"]:
            answer = _call(made[0][batch["do"]], arguments, batch["seconds"])
            if os.getpid() != identity:  # the target forked, and this is not the one that serves
                os._exit(0)
            _answer(outgoing, answer)


def listed(items: Sequence[Item]) -> list[list[Any]]:
    """Items as they go through the pipe; `text.context.items_of` reads them."""
    return [[item.question, item.gold, dict(item.fields)] for item in items]


def graded(subject: Any) -> dict[str, Callable[..., object]]:
    """The calls of graded text; items stay here and are referred to by number."""
    kept: list[Item] = []

    def items(count: int, seed: int, keep: bool) -> object:
        drawn = subject.items(count, seed)
        if keep:
            kept[:] = drawn
        return listed(drawn)

    def score(index: int, reply: object) -> float:
        return as_score(subject.score(reply, kept[index]))

    def score_together(pairs: list[list[Any]]) -> list[float]:
        replies, asked = [reply for _, reply in pairs], [kept[index] for index, _ in pairs]
        return [as_score(each) for each in subject.score_together(replies, asked)]

    calls: dict[str, Callable[..., object]] = {"items": items, "score": score}
    if hasattr(subject, "held_out"):
        calls["held_out"] = lambda: listed(subject.held_out())
    return calls | ({"together": score_together} if hasattr(subject, "score_together") else {})


def interactive(subject: Any) -> dict[str, Callable[..., object]]:
    """The calls of an interactive environment and further ones of its adapter."""

    return {**playing.calls(subject), **getattr(subject, "calls", {})}


def as_score(value: Any) -> float:
    """A number as a float: Python's, numpy's or a tensor of one element.

    Raises:
        TypeError: it is none.
    """
    if isinstance(value, (str, bytes)) or not hasattr(value, "__float__"):
        raise TypeError(f"the grader returned {value!r:.60}, which is not a number")
    return float(value)


def _call(function: Callable[..., object], arguments: list[Any], seconds: float) -> dict[str, Any]:
    """Make a call; errors are answers, too."""
    try:
        with at_most(seconds):
            return {"value": plain(function(*arguments))}
    except InwitError as error:
        return {"refused": str(error)}
    except OutOfTime:
        late = _failed(Outcome.TIMEOUT, f"no answer within {seconds:g} s")
        late["failed"]["seconds"] = seconds
        return late
    except SystemExit as error:
        return _failed(Outcome.ERROR, f"it left with sys.exit({error.code!r:.40})", error)
    except BaseException as error:
        return _failed(Outcome.ERROR, f"{type(error).__name__}: {error!s:.{LINE}}", error)


def _failed(
    outcome: Outcome, message: str, error: BaseException | None = None
) -> dict[str, dict[str, Any]]:
    frames = traceback.extract_tb(error.__traceback__) if error else []
    theirs = [
        f"{Path(frame.filename).name}:{frame.lineno} in {frame.name}: {(frame.line or '').strip()}"
        for frame in frames
        if not frame.filename.startswith((OURS, "<frozen")) and "importlib" not in frame.filename
    ]
    if isinstance(error, SyntaxError) and error.filename:
        theirs.append(f"{Path(error.filename).name}:{error.lineno}: {(error.text or '').strip()}")
    message = " ".join(message.split())
    return {"failed": {"outcome": outcome, "message": message, "frames": theirs[-FRAMES:]}}


def _answer(outgoing: BinaryIO, answer: Mapping[str, Any]) -> None:
    try:
        line = encode({**answer, "seconds": time.process_time()})
    except (ValueError, RecursionError, MemoryError) as error:
        line = encode(_failed(Outcome.ERROR, f"what it returned cannot be passed on: {error}"))
    try:
        outgoing.write(line)
        outgoing.flush()
    except BrokenPipeError:
        sys.exit(0)
