"""Copies in other processes do what they do in this one, bit for bit; what goes wrong is a line."""

import os
import re
import signal
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import torch

import inwit
from inwit.errors import InvalidOption
from inwit.games import processes as module
from inwit.games import stepping
from inwit.games.base import World
from inwit.games.game import SeededGame
from inwit.games.processes import Processes
from inwit.games.recipe import GameRecipe
from inwit.games.stepping import Choice, Measured
from inwit.games.training import GameTraining
from inwit.policies import GRU
from inwit.training.rollout import fill
from inwit.training.run_folder import RunFolder
from tests.games.worlds import Walks, length_of
from tests.resuming import cut_off
from tests.tiers import few_fast


def small(world=None, **changes):
    recipe = GameRecipe(environment=world or Walks(), policy=GRU(width=8), batch=5, window=7)
    return recipe.but(updates=6, **changes)


def weights(player):
    return player.policy.state_dict()


def same(one, other):
    return all(torch.equal(one[name], other[name]) for name in one)


def gone(process):
    """The process has ended and was waited for."""
    return process.returncode is not None and not Path(f"/proc/{process.pid}").exists()


def test_steps_and_resets_are_those_of_one_process():
    ours, others = Walks().open(5), Processes(Walks(), 5, 2)
    dice = np.random.default_rng(0)
    over, seeds = np.ones(5, bool), np.zeros(5, int)
    try:
        assert others.spec == ours.spec
        for step in range(60):
            rows = np.flatnonzero(over).tolist() if step % 3 else [0, 1, 2, 3, 4][:: 1 + step % 2]
            seeds = dice.integers(2**32, size=len(rows)).tolist()
            actions, active = dice.integers(3, size=5), dice.random(5) < 0.7
            if step % 2:
                for copies in (ours, others):
                    copies.reset(rows, seeds)
                made = [copies.step(actions, active) for copies in (ours, others)]
            else:
                active[rows] = False
                made = [copies.advance(actions, active, rows, seeds) for copies in (ours, others)]
            for name in ("reward", "terminated", "truncated"):
                first, second = (getattr(outcome, name) for outcome in made)
                assert first.dtype == second.dtype
                assert (first == second).all()
            over = made[0].terminated | made[0].truncated
            first, second = ours.see(), others.see()
            assert (first.fields == second.fields).all()
            assert (first.values == second.values).all()
            second.values[:] = 7  # it is the caller's own
    finally:
        others.close()
    assert all(gone(worker.process) for worker in others.workers)


@pytest.mark.slow
def test_a_run_is_the_same_to_the_bit_and_continues_to_it(tmp_path, monkeypatch):
    monkeypatch.setitem(World.registered, "walks", Walks)
    alone = inwit.train(small(processes=1), out=tmp_path / "alone")
    recipe = small(processes=2, out=tmp_path / "cut")
    folder = cut_off(recipe, kept=3, at=4)  # in the middle of episodes
    resumed = inwit.resume(tmp_path / "cut")
    assert resumed.recipe.processes == 2
    assert list(folder.metrics()) == list(RunFolder(tmp_path / "alone").metrics())
    assert same(weights(resumed), weights(alone))
    assert resumed.evaluate(7) == alone.evaluate(7)


@pytest.mark.slow
def test_copies_move_in_the_middle_of_a_run(monkeypatch, caplog):
    monkeypatch.setattr(stepping, "usable_cores", lambda: 2)
    monkeypatch.setattr(Measured, "share", 0.9)
    monkeypatch.setattr(Measured, "saved", lambda self, processes, left: 11.0)
    caplog.set_level("INFO")
    moved, stayed = GameTraining(small()), GameTraining(small(processes=1))
    for one, other in zip(moved.reports(), stayed.reports(), strict=True):
        assert one.metrics == other.metrics
        assert isinstance(moved.game.copies, Processes) == (one.update in {2, 3})
        if one.update == 2:
            others = moved.game.copies
            object.__setattr__(moved.choice.here, "seconds", 0.0)  # no update is faster elsewhere
    assert same(moved.policy.state_dict(), stayed.policy.state_dict())
    assert caplog.text.count("environments: ") == 2
    assert "environments: stepped in 2 processes: stepping took 90% of an update" in caplog.text
    assert "environments: stepped in this process again: an update took " in caplog.text
    assert all(gone(worker.process) for worker in others.workers)


def test_copies_stay_where_updates_are_faster():
    choice, here = Choice(small()), measured(seconds=2.0)
    choice._compare(None, here, 7.0)  # something is loaded there
    assert choice.open
    choice._compare(None, here, 1.9)
    assert not choice.open


@pytest.mark.parametrize(
    ("world", "told"),
    few_fast(
        [
            (Walks(shows=True), "another one does not come to the same: .* does something else"),
            (Walks(fault="reset"), "another one does not come to the same: no floor"),
        ],
        0,
        many=True,
    ),
)
def test_copies_that_do_something_else_elsewhere_stay(world, told):
    game = SeededGame(Walks(shows=world.shows).open(5), 0)
    policy = small().network(game.spec)
    with torch.no_grad():
        fill(policy, game, game.start(policy), 9, noise=torch.rand(9, 5))
    copies, state = game.copies, game.state()
    assert re.search(told, Choice(small(world))._move(game, 2, "why"))
    assert game.copies is copies
    after = game.state()
    assert same(state, after)


def test_what_cannot_be_opened_elsewhere_stays():
    class Local(Walks):
        """Of a function: plain pickle does not find it by name."""

        def opener(self):
            return lambda count: self.open(count) if count else None

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "find_spec", lambda name: None)
        line = Choice(small(Local()))._move(SeededGame(Walks().open(5), 0), 2, "why")
    assert line.startswith("stepped in this process, since others cannot: --processes: the envi")


def measured(**changes):
    usual = {"seconds": 8.0, "stepping": 6.4, "rows": 64, "copies": 32, "longest": 128}
    return Measured(**(usual | changes))


def test_the_choice_is_what_the_figures_say():
    one = measured()
    assert str(one) == "stepping took 80% of an update, 3.1 ms a step"
    # A row takes 0.1 s; in four processes 0.025, and 4 messages 0.0004: 64 rows save 4.7744 s.
    # Starting takes 3 s, and 128 rows are played again: 3.2 s.
    assert one.saved(4, 10) == pytest.approx(47.744 - 3 - 3.2)
    assert stepping._against(one, 4, 10) == ""
    assert stepping._against(one, 4, 3) == f"stepped in this process: {one}, but 4 processes " + (
        "would save 8 s of the rest"
    )
    assert "one core or one episode" in stepping._against(one, 1, 10)
    little = measured(stepping=3.9)
    assert stepping._against(little, 4, 1000) == f"stepped in this process: {little}"


def test_the_second_update_is_the_one_that_counts(caplog):
    caplog.set_level("INFO")
    game, choice = SeededGame(Walks().open(5), 0), Choice(small())
    game.stepping = 5.0
    choice.after(game, 5.0, 4)
    assert not caplog.text
    game.stepping = 5.1
    choice.after(game, 1.0, 3)
    choice.after(game, 1.0, 2)
    assert caplog.text.count("stepping took 10% of an update") == 1


@pytest.mark.parametrize(
    ("fault", "told"),
    few_fast(
        [
            ("raises", "^it fell"),
            ("dies", "^a process that steps the environment was killed by SIGKILL"),
            ("exits", "^a process that steps the environment ended with exit code 3"),
            ("panics", r"^Panic: a pointer \(worlds\.py:\d+ in fail\)"),
            ("errs", r"^KeyError: 'lost' \(worlds\.py:\d+ in fail\)"),
        ],
        1,
        many=True,
    ),
)
def test_a_fault_says_how_to_go_on(fault, told, tmp_path, caplog):
    recipe = small(Walks(fault=fault), processes=2, window=2)
    with pytest.raises(InvalidOption, match=told) as raised:
        inwit.train(recipe, out=tmp_path / "run")
    assert re.search("checkpoint of update .* is whole; continue with: inwit", str(raised.value))
    assert "\n" not in str(raised.value)
    if fault == "raises":
        assert caplog.text.count("a cliff") == 1
        with pytest.raises(InvalidOption) as alone:
            inwit.train(recipe.but(processes=1), out=tmp_path / "alone")
        first, second = (str(each.value).replace("alone", "run") for each in (raised, alone))
        assert first == second


@pytest.mark.slow
def test_warnings_at_the_end_are_heard(caplog):
    Processes(Walks(fault="closes"), 4, 2).close()
    assert caplog.text.count("a door is stuck") == 1


@pytest.mark.slow
def test_signals_are_for_the_parent():
    copies = Processes(Walks(), 4, 2)
    copies.reset(range(4), range(4))
    for worker in copies.workers:
        os.kill(worker.process.pid, signal.SIGINT)
        os.kill(worker.process.pid, signal.SIGTERM)
    assert copies.step(np.zeros(4, int), np.ones(4, bool)).terminated.tolist() == [
        length_of(seed) == 1 and seed % 2 == 0 for seed in range(4)
    ]
    copies.close()
    assert [worker.process.returncode for worker in copies.workers] == [0, 0]


@pytest.mark.slow
def test_a_process_that_hangs_is_killed_at_the_end(monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 4.0)
    copies = Processes(Walks(), 4, 2)
    os.kill(copies.workers[0].process.pid, signal.SIGSTOP)
    copies.close()
    assert [worker.process.returncode for worker in copies.workers] == [-signal.SIGKILL, 0]


def test_what_processes_do_not_suit_is_refused():
    with pytest.raises(InvalidOption, match="--processes 6: there are 5 episodes to step"):
        small(processes=6)
    with pytest.raises(InvalidOption, match=r"--processes 0: it must be at least 1"):
        small(processes=0)


@pytest.mark.slow
def test_cpu_time_counts_the_processes_that_step():
    """Each of two groups burns as much at every step, and it is not lost when they are left."""
    with closing(Processes(Walks(burns=0.05), 4, 2)) as copies:
        copies.reset(range(4), range(4))
        for _ in range(3):
            copies.step(np.zeros(4, np.int64), np.ones(4, bool))
        assert copies.cpu >= 2 * 3 * 0.05
        moved = SeededGame(copies, 0)
        moved.open()
        spent = copies.cpu
        moved.move(Walks().open(4))
        assert moved.copies.cpu >= spent
