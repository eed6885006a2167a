"""Runs on a Ray cluster of two nodes: the same table as on one machine, also if a node dies."""

import os

import pytest

pytest.importorskip("ray")

import ray
from ray.cluster_utils import Cluster

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


def test_a_cluster_that_is_not_there_is_refused():
    with pytest.raises(InvalidOption, match=r"--ray 127\.0\.0\.1:1"):
        RayWorkers("127.0.0.1:1")
    with pytest.raises(InvalidOption, match="give auto, or HOST:PORT"):
        RayWorkers("somewhere")
