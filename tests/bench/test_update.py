"""What is timed: our own update, and the matrix products alone."""

import pytest
import torch

from inwit.bench import floor, ours
from inwit.bench.contenders import PRESSES, WIDTH
from inwit.tasks.stages import PROGRAMS


@pytest.mark.slow
def test_ours_presses_six_times_at_the_first_stage():
    update = ours.build(32, 1)
    reports = [update() for _ in range(3)]
    assert [report.episodes for report in reports] == [32, 64, 96]
    assert {report.level for report in reports} == {0}
    assert all(report.metrics["episodes/presses"] <= PRESSES for report in reports)
    task = ours.FirstStage()
    problems = task.sample(torch.zeros(9, dtype=torch.long), torch.Generator())
    assert task.max_presses(problems) == PRESSES == len(PROGRAMS[0].split())


def test_the_floor_makes_the_products_of_an_update(monkeypatch):
    counted, multiply = [], torch.mm

    def mm(one, two, out):
        counted.append(2 * one.shape[0] * one.shape[1] * two.shape[1])
        return multiply(one, two, out=out)

    monkeypatch.setattr(torch, "mm", mm)
    floor.build(20, 1)()
    rows, gates, heads = 20 * PRESSES, 3 * WIDTH, floor.KEYS + 1
    forward = 2 * rows * WIDTH * (gates + heads)
    table = 2 * floor.KEYS * WIDTH * gates
    assert sum(counted) == 3 * forward + 2 * rows * floor.KEYS * gates + 3 * table
