"""Two processes with half of the episodes each learn what one process learns."""

import json
import os
import signal
import socket
import subprocess
import sys
import traceback
from pathlib import Path

import pytest
import torch

import inwit
from inwit.cli.main import main
from inwit.errors import Interrupted, InvalidOption
from inwit.training.distributed import Ranks, join_ranks
from inwit.training.loop import Training
from inwit.training.resuming import checkpoint_of, restore
from tests.recipes import PLAIN, recipe_of

ROOT = Path(__file__).parent.parent.parent
UPDATES = 6
RECIPES = {
    "stages": {"task": "stages", "replay": 8, "epsilon": 0.2},
    "grpo": {"task": "stages", "learner": "grpo", "replay": 0},
    "expressions": {"task": "expressions", "replay": 0, "epsilon": 0.0, "curriculum": "gated"},
}


def recipe(name):
    return recipe_of(batch=16, width=16, updates=UPDATES, **RECIPES[name])


def train(name, checkpoint=None, until=UPDATES):
    training = Training(recipe(name))
    if checkpoint:
        restore(training, checkpoint)
    told = [report.metrics for _, report in zip(range(until), training.reports(), strict=False)]
    return training, told


def work(folder):
    """What each of the two processes does."""
    for name in RECIPES:
        training, told = train(name)
        assert (training.ranks.size, training.ranks.rank) == (2, int(os.environ["RANK"]))
        assert len(training.batch["episodes"].right) == 16  # all episodes, of both
        halfway, _ = train(name, until=UPDATES // 2)
        resumed, _ = train(name, checkpoint_of(halfway), UPDATES // 2)
        torch.save(
            {
                "weights": training.policy.state_dict(),
                "resumed": resumed.policy.state_dict(),
                "halfway": checkpoint_of(halfway).tensors,
                "told": told,
            },
            folder / f"{name}.{training.ranks.rank}",
        )


def launch(*arguments):
    """Start two processes; what they print on the standard output."""
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    done = subprocess.run(
        [*launcher, "--nproc-per-node", "2", *map(str, arguments)],
        check=True,
        timeout=300,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )
    return done.stdout


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def fork(work, rank, port):
    """One of two processes, as `torchrun` would have started it."""
    child = os.fork()
    if child:
        return child
    try:
        told = {"RANK": rank, "WORLD_SIZE": 2, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
        os.environ.update({name: str(value) for name, value in told.items()})
        work()
        os._exit(0)
    except BaseException:
        traceback.print_exc()
    os._exit(1)


TRIED = ("stages", "grpo", "expressions")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ranks")
    port = free_port()
    children = [fork(lambda: work(folder), rank, port) for rank in (0, 1)]
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0]
    return {
        (name, rank): torch.load(folder / f"{name}.{rank}") for name in RECIPES for rank in (0, 1)
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", TRIED)
def test_two_processes_learn_what_one_learns(made, name):
    alone, told = train(name)
    first, second = made[name, 0], made[name, 1]
    for key, weight in alone.policy.state_dict().items():
        assert torch.equal(first["weights"][key], second["weights"][key])  # to the bit
        assert torch.equal(first["resumed"][key], first["weights"][key])
        torch.testing.assert_close(first["weights"][key], weight, rtol=1e-4, atol=1e-5)
    for ours, theirs in zip(told, first["told"], strict=True):
        assert theirs == pytest.approx(ours, rel=1e-4, abs=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("name", TRIED)
def test_one_process_goes_on_where_two_stopped(made, name):
    halfway, _ = train(name, until=UPDATES // 2)
    checkpoint = checkpoint_of(halfway)
    for key, tensor in made[name, 0]["halfway"].items():
        assert key in checkpoint.tensors
        checkpoint.tensors[key] = tensor
    resumed, _ = train(name, checkpoint, UPDATES // 2)
    for key, weight in resumed.policy.state_dict().items():
        torch.testing.assert_close(made[name, 0]["weights"][key], weight, rtol=1e-4, atol=1e-5)


@pytest.mark.nightly
def test_from_the_command_line_the_first_process_writes_and_tells(tmp_path):
    options = ["stages", "--updates", "4", "--batch", "16", "--policy.width", "16", *PLAIN]
    options += ["--once", "--curriculum", "fixed"]
    told = launch("-m", "inwit", "train", *options, "--out", tmp_path / "two")
    assert told.count("run folder:") == 1
    same = {"masks": "given", "search": 0, "once": True, "curriculum": "fixed", "policy.width": 16}
    alone = inwit.train("stages", updates=4, batch=16, **same, out=tmp_path / "one")
    both = inwit.load(tmp_path / "two")
    pairs = zip(both.policy.parameters(), alone.policy.parameters(), strict=True)
    for ours, theirs in pairs:
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)
    lines = (tmp_path / "two" / "metrics.jsonl").read_text().splitlines()
    assert [json.loads(line)["update"] for line in lines] == [1, 2, 3, 4]


def test_episodes_are_shared_evenly_or_refused():
    assert [Ranks(rank, 3).part(12, 2) for rank in range(3)] == [
        slice(0, 4),
        slice(4, 8),
        slice(8, 12),
    ]
    with pytest.raises(InvalidOption, match=r"9 episodes .* 2 processes: .*multiple of 4"):
        Ranks(0, 2).part(9, 2)


def test_variables_that_are_no_numbers_are_refused(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "many")
    with pytest.raises(InvalidOption, match="WORLD_SIZE=many"):
        join_ranks(torch.device("cpu"))


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_where_another_process_is_stopped_nothing_is_lost(tmp_path, number):
    given = recipe("stages").but(updates=8)
    port = free_port()
    other = fork(lambda: inwit.train(given.but(out=tmp_path / "other")), 1, port)

    def first():
        def stop(report):
            if report.update == 5:
                os.kill(other, number)

        with pytest.raises(Interrupted, match=r"after update [56]; continue with: inwit resume"):
            inwit.train(given.but(out=tmp_path / "run"), report=stop)

    child = fork(first, 0, port)
    assert os.waitpid(child, 0)[1] == 0
    assert os.waitpid(other, 0)[1] == number
    whole = inwit.train(given.but(out=tmp_path / "whole"))
    again = inwit.resume(tmp_path / "run")
    for ours, theirs in zip(again.policy.parameters(), whole.policy.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)


def test_several_seeds_are_no_work_for_torchrun(monkeypatch, capsys):
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(SystemExit) as stop:
        main(["train", "stages", "--seeds", "0-1"])
    assert stop.value.code == 2
    assert (
        "2 processes were started (WORLD_SIZE): --seeds starts its own" in capsys.readouterr().err
    )
