"""A network whose outputs have wrong shapes is refused in one line, not stretched to fit."""

import subprocess
import sys

import pytest

SHOWN = """
import sys
from dataclasses import dataclass
import inwit
from inwit.cli.mistakes import mistakes_in_a_line
from inwit.policies import GRU, GRUPolicy

CHANGES = {
    "value": lambda scores, value, memory: (scores, value[:, None], memory),
    "batch": lambda scores, value, memory: (scores[:1], value, memory),
    "one": lambda scores, value, memory: (scores[:, :1], value, memory),
    "pair": lambda scores, value, memory: (scores, value),
    "more": lambda scores, value, memory: (scores.repeat(1, 2), value, memory),
    "state": lambda scores, value, memory: (scores, value, tuple(each[:1] for each in memory)),
}

class Mine(GRUPolicy):
    change = ""

    def step(self, observation, memory):
        return CHANGES[self.change](*super().step(observation, memory))

@dataclass(frozen=True, kw_only=True)
class Own(GRU):
    name = "own"

    def build(self, spec):
        made = super().build(spec)
        made.__class__ = Mine
        return made

inwit.register(Own)
for masks in ("given", "learned"):
    for change in CHANGES:
        Mine.change = change
        print(masks, change, file=sys.stderr, flush=True)
        try:
            with mistakes_in_a_line():
                inwit.train("stages", policy=Own(), masks=masks, updates=1, batch=8, search=0)
        except SystemExit as end:
            print("exit", end.code, file=sys.stderr)
for change in ("value", "batch", "pair", "state"):
    Mine.change = change
    print("game", change, file=sys.stderr, flush=True)
    try:
        with mistakes_in_a_line():
            inwit.train("memory-length", policy=Own(), updates=1)
    except SystemExit as end:
        print("exit", end.code, file=sys.stderr)
"""


@pytest.mark.slow  # without the checks of types that the other tests run under
def test_wrong_shapes_are_one_line_that_names_the_network(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", SHOWN], cwd=tmp_path, capture_output=True, text=True, timeout=300
    )
    assert done.stderr.count("\n") == 16 * 3, done.stderr
    assert "Traceback" not in done.stderr
    blocks = done.stderr.splitlines()
    for head, told, end in zip(blocks[::3], blocks[1::3], blocks[2::3], strict=True):
        assert end == "exit 2", head
        assert "Mine" in told or "--masks learned needs" in told, (head, told)
