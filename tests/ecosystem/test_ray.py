"""Runs on a Ray cluster of two nodes: the same table as on one machine, also if a node dies."""

import json
import os
import shutil
import sys
from functools import partial
from importlib import import_module

import pytest

pytest.importorskip("ray")

import ray
from ray.cluster_utils import Cluster

import inwit
from inwit.errors import InvalidOption
from inwit.runs.seeds import table, train_seeds
from inwit.runs.workers import Progressed
from inwit.runs.workers.cluster import RayWorkers

OPTIONS = {"updates": 30, "batch": 16, "window": 32, "length": 5, "policy.width": 8}
NODE = {"num_cpus": 1, "include_dashboard": False, "object_store_memory": 80 * 2**20}


@pytest.fixture(scope="module")
def cluster():
    os.environ.setdefault("RAY_worker_niceness", "0")  # they would yield to everything else
    made = Cluster(initialize_head=True, head_node_args=NODE)
    yield made
    ray.shutdown()
    made.shutdown()


def without_seconds(results):
    """The table but for its CPU seconds."""
    return [row[:-2] for row in table(results)]


def threads():
    import torch

    return torch.get_num_threads(), os.getpid()


def test_a_node_that_dies_in_the_middle_changes_nothing(cluster, tmp_path):
    alone = train_seeds("memory-length", (0, 1), jobs=1, out=tmp_path / "alone", **OPTIONS)
    second, seen, killed = cluster.add_node(num_cpus=1), set[int](), []

    def report(seed, message):
        seen.add(seed)
        if isinstance(message, Progressed) and seen == {0, 1} and not killed:
            killed.append(message.report.update)
            cluster.remove_node(second, allow_graceful=False)

    options = OPTIONS | {"out": tmp_path / "nodes"}
    far = train_seeds("memory-length", (0, 1), ray=cluster.address, report=report, **options)
    assert killed
    assert killed[0] < OPTIONS["updates"]
    assert without_seconds(far) == without_seconds(alone)
    for seed in (0, 1):
        for name in ("weights.safetensors", "metrics.jsonl"):
            paths = [tmp_path / place / f"seed-{seed}" / name for place in ("alone", "nodes")]
            assert paths[0].read_bytes() == paths[1].read_bytes()


def test_calls_have_one_thread_and_a_process_each(cluster):
    with RayWorkers(cluster.address, 1) as workers:
        found = [workers.submit(threads).result() for _ in range(2)]
    assert {each[0] for each in found} == {1}
    assert len({each[1] for each in found} | {os.getpid()}) == 3


HELPED = """
from helper import Pair

FACTOR = 3

def scaled(number):
    return Pair(number, FACTOR * number)
"""
HELPER = """
from dataclasses import dataclass

@dataclass(frozen=True)
class Pair:
    number: int
    other: int
"""


def test_a_call_brings_the_modules_beside_its_own(cluster, tmp_path, monkeypatch):
    """As on another machine: the files are gone when the node is asked."""
    for name, text in {"helped": HELPED, "helper": HELPER}.items():
        (tmp_path / f"{name}.py").write_text(text)
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    helped = import_module("helped")
    shutil.rmtree(tmp_path)
    with RayWorkers(cluster.address, 1) as workers:
        ((number, call),) = workers.as_ended(helped.scaled, [5])
    assert (number, call.result()) == (5, helped.Pair(5, 15))


PAYS = """
def pays_all(reply, gold):
    return 1.0
"""


def test_an_audit_on_a_node_is_that_of_this_process(cluster, tmp_path):
    (tmp_path / "rewards.py").write_text(PAYS)
    (tmp_path / "rows.jsonl").write_text('{"question": "6 * 7 = ?", "gold": "42"}\n' * 4)
    target, data = f"{tmp_path / 'rewards.py'}:pays_all", str(tmp_path / "rows.jsonl")
    examine = partial(inwit.audit, only=["wrong/word"], data=data)
    with RayWorkers(cluster.address, 1) as workers:
        (far,) = workers.map(partial(examine, items=4), [target])
        refused = workers.submit(examine, target, items=3)
        with pytest.raises(InvalidOption) as error:
            refused.result()
    assert type(error.value) is InvalidOption  # as it was raised there
    assert far.verdict == "fail"
    near = examine(target, items=4)
    assert far.to_json() | {"seconds": 0} == near.to_json() | {"seconds": 0}


def test_benchmark_runs_on_nodes_are_those_of_this_process(cluster, tmp_path, monkeypatch, capsys):
    pytest.importorskip("popgym")
    scores, contenders = import_module("popgym_scores"), import_module("popgym_contenders")
    monkeypatch.setattr(contenders, "EPISODES", 4)  # the modules travel with their values
    monkeypatch.setattr(contenders, "STEPPED", 50)
    out, names = tmp_path / "scores.jsonl", ["random play", "ours, gru"]
    command = ["popgym_scores", "--steps=2048", "--seeds=1", f"--ray={cluster.address}"]
    command += ["--environments", "RepeatFirstEasy", "--contenders", *names, "--out", str(out)]
    monkeypatch.setattr(sys, "argv", command)
    scores.main()
    assert "| `RepeatFirstEasy` | 1, 0 |" in capsys.readouterr().out
    far = {line["contender"]: line for line in map(json.loads, out.read_text().splitlines())}
    assert sorted(far) == sorted(names)
    for name in names:
        here = contenders.CONTENDERS[name]("RepeatFirstEasy", 2048, 0)
        for found in (here, far[name]):
            assert found.pop("cpu") > 0
        key = {"environment": "RepeatFirstEasy", "contender": name, "seed": 0, "steps": 2048}
        assert far[name] == key | here


def test_a_cluster_that_is_not_there_is_refused():
    with pytest.raises(InvalidOption, match=r"--ray 127\.0\.0\.1:1"):
        RayWorkers("127.0.0.1:1")
    with pytest.raises(InvalidOption, match="give auto, or HOST:PORT"):
        RayWorkers("somewhere")
