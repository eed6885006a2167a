"""A signal lets the update finish and saves the run; going on gives the uninterrupted weights."""

import signal

import pytest

from inwit.agent import train
from inwit.cli.main import main
from inwit.errors import Interrupted, InvalidOption
from inwit.interruption import SIGNALS, Interruptible
from tests.recipes import recipe_of

OPTIONS = ["--updates", "4", "--batch", "64", "--policy.width", "8", "--replay", "16"]


def recipe(out):
    return recipe_of(updates=4, batch=64, replay=16, out=out)


@pytest.mark.slow
@pytest.mark.parametrize("number", SIGNALS)
def test_the_update_is_finished_and_the_run_goes_on(tmp_path, number, capsys):
    handlers = [signal.getsignal(each) for each in SIGNALS]

    def report(done):
        if done.update == 2:
            signal.raise_signal(number)

    match = "after update 2; continue with: inwit resume"
    with Interruptible(report) as watched, pytest.raises(Interrupted, match=match) as stopped:
        train(recipe(tmp_path / "cut"), report=watched)
    assert stopped.value.signal == number
    assert [signal.getsignal(each) for each in SIGNALS] == handlers
    main(["resume", str(tmp_path / "cut")])
    told = capsys.readouterr().out
    assert "3/4" in told
    assert "1/4" not in told
    train(recipe(tmp_path / "whole"))
    for name in ("weights.safetensors", "metrics.jsonl"):
        assert (tmp_path / "cut" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


@pytest.mark.parametrize("number", SIGNALS)
def test_the_exit_code_names_the_signal(tmp_path, number, monkeypatch, capsys):
    def stopped(*_, **__):
        raise Interrupted(int(number), "stopped after update 2")

    monkeypatch.setattr("inwit.agent.train", stopped)
    with pytest.raises(SystemExit) as end:
        main(["train", "--out", str(tmp_path / "run"), *OPTIONS])
    assert end.value.code == 128 + number
    assert capsys.readouterr().err == "inwit: stopped after update 2\n"


@pytest.fixture
def pythons_own_handler():
    """What a process begins with; one that runs tests for another may ignore the signal."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_a_second_signal_ends_it_at_once(pythons_own_handler):
    with Interruptible(lambda report: None):
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


@pytest.mark.slow
def test_a_finished_run_is_only_shown(tmp_path, capsys):
    train(recipe(tmp_path / "run"))
    before = (tmp_path / "run" / "metrics.jsonl").read_bytes()
    main(["resume", str(tmp_path / "run")])
    assert "greedy, on 1,000 held-out problems" in capsys.readouterr().out
    assert (tmp_path / "run" / "metrics.jsonl").read_bytes() == before


def test_a_signal_that_ends_the_compiler_is_no_mistake_of_an_option(tmp_path, monkeypatch, capsys):
    def killed(*_, report, **__):
        signal.raise_signal(signal.SIGTERM)
        raise InvalidOption("--compile: this task and policy cannot be compiled here")

    monkeypatch.setattr("inwit.agent.train", killed)
    with pytest.raises(SystemExit) as end:
        main(["train", "--out", str(tmp_path / "run"), *OPTIONS])
    assert end.value.code == 128 + signal.SIGTERM
    assert capsys.readouterr().err == "inwit: stopped before its first update\n"
