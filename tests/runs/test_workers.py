"""The executor: as `concurrent.futures` has it, with processes that may die."""

import os
import signal
import time
from concurrent.futures import as_completed
from multiprocessing import active_children

import pytest
import torch
from pebble import ProcessExpired
from pebble.pool.channel import ChannelMutex

from inwit.agent import train
from inwit.errors import InvalidOption
from inwit.games.recipe import any_recipe_for
from inwit.runs.workers import Ended, Finished, Workers, holds, job_of
from tests.recipes import recipe_of


def process_and_threads(number):
    return number, os.getpid(), torch.get_num_threads()


@pytest.mark.slow
def test_results_come_in_order_each_from_its_own_process():
    with Workers(2) as workers:
        results = list(workers.map(process_and_threads, range(4)))
    assert [number for number, _, _ in results] == [0, 1, 2, 3]
    assert len({process for _, process, _ in results} | {os.getpid()}) == 5
    assert {threads for _, _, threads in results} == {1}
    assert not active_children()


@pytest.mark.slow
def test_what_is_raised_arrives_and_stops_no_other():
    with Workers(2) as workers:
        calls = {workers.submit(divmod, 7, by): by for by in (0, 2, 3)}
        for call in as_completed(calls):
            if calls[call]:
                assert call.result() == divmod(7, calls[call])
            else:
                with pytest.raises(ZeroDivisionError):
                    call.result()


@pytest.mark.slow
def test_a_killed_process_is_an_error_of_its_call_alone():
    with Workers(1) as workers:
        dead = workers.submit(end)
        assert workers.submit(abs, -3).result() == 3
        with pytest.raises(ProcessExpired) as error:
            dead.result()
    assert error.value.exitcode == -signal.SIGKILL


def end():
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.slow
def test_an_error_in_the_block_ends_what_runs(monkeypatch):
    monkeypatch.setattr("inwit.runs.workers.processes.PATIENCE", 600)  # a call saves nothing
    began = time.monotonic()
    with pytest.raises(ZeroDivisionError), Workers(1) as workers:
        print(1 / (workers.submit(time.sleep, 600) is None))
    assert time.monotonic() - began < 60
    assert not active_children()


@pytest.mark.slow
def test_a_mistake_of_ours_in_one_run_stops_no_other(tmp_path):
    small = {"updates": 2, "batch": 16, "policy.width": 8}
    good, bad = (
        job_of(recipe_of(**small, out=tmp_path / name), name, problems=20)
        for name in ("good", "bad")
    )
    del bad.recipe["source"]
    jobs = iter([bad, good])
    with Workers(2) as workers:
        last = dict(workers.train(lambda: next(jobs, None)))
    assert isinstance(last["good"], Finished)
    assert last["bad"] == Ended(reason="KeyError: 'source'", stopped=False)


def test_several_runs_step_their_environments_themselves(tmp_path):
    recipe = any_recipe_for("memory-length").but(out=tmp_path / "run", updates=1, batch=3, window=2)
    assert job_of(recipe, "one").recipe["processes"] == 1
    assert job_of(recipe.but(processes=3), "one").recipe["processes"] == 3
    train(recipe.but(processes=1))
    assert holds(recipe) == holds(recipe.but(processes=3)) == "all"
    with pytest.raises(InvalidOption, match="other options: window 2, not 3; name another"):
        holds(recipe.but(window=3, processes=3))


def test_workers_that_get_nothing_to_do_start_no_process(monkeypatch):
    started = []
    monkeypatch.setattr(Workers, "_kill_all", lambda self: started.append(self))
    with Workers(2) as workers:
        monkeypatch.setattr(type(workers.pool), "_start_pool", lambda pool: started.append(pool))
        assert list(workers.train(lambda: None)) == []
    assert not started


def test_no_jobs_are_refused():
    with pytest.raises(InvalidOption, match="--jobs 0: it must be at least 1"):
        Workers(0)


@pytest.mark.slow
def test_no_process_is_left_that_would_miss_its_lock(monkeypatch):
    """One begins whenever one ends; it prints a traceback if it cannot load what it is given."""
    alive, unlink = [], ChannelMutex.unlink

    def noted(mutex):
        alive.append(len(active_children()))
        unlink(mutex)

    monkeypatch.setattr(ChannelMutex, "unlink", noted)
    with Workers(1) as workers:
        assert workers.submit(abs, -1).result() == 1
        time.sleep(0.3)  # the next one begins
    assert alive == [0]
