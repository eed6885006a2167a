"""Calls side by side: what ends is kept, whatever becomes of the others."""

import os
import signal
import time
from argparse import ArgumentParser
from multiprocessing import active_children

import pytest

from inwit.errors import Interrupted, InvalidOption, InwitError
from side_by_side import add_options, side_by_side


def options(*given):
    parser = ArgumentParser()
    add_options(parser)
    return parser.parse_args(given)


def inverse(number):
    if number == 7:
        os.kill(os.getpid(), signal.SIGKILL)
    return os.getpid(), 1 / number


@pytest.mark.slow
def test_a_call_that_fails_is_told_and_stops_no_other(capsys):
    found = {}
    with pytest.raises(InwitError, match="2 of 5 have failed; the same command tries them again"):
        found.update(side_by_side(inverse, [2, 0, 7, 4, 5], options("--jobs=2")))
    assert {number: result for number, (_, result) in found.items()} == {2: 0.5, 4: 0.25, 5: 0.2}
    assert len({process for process, _ in found.values()} | {os.getpid()}) == 4
    told = capsys.readouterr().err
    assert "0: ZeroDivisionError: division by zero\n" in told
    assert "7: ProcessExpired: " in told


def slept(seconds):
    time.sleep(seconds)
    return seconds


def interrupting(pairs):
    for pair in pairs:
        yield pair
        os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.slow
def test_ctrl_c_keeps_what_has_ended_and_gives_up_the_rest():
    found, began = [], time.monotonic()
    calls = side_by_side(slept, [0, 600, 601], options("--jobs=2"))
    with pytest.raises(Interrupted, match="what has ended is kept"):
        found.extend(interrupting(calls))
    assert found == [(0, 0)]
    assert time.monotonic() - began < 100
    assert not active_children()


def test_mistakes_are_told_where_nothing_is_left_to_do():
    assert list(side_by_side(slept, [], options())) == []
    with pytest.raises(InvalidOption, match="--jobs 0: it must be at least 1"):
        list(side_by_side(slept, [], options("--jobs=0")))
