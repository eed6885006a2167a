"""One agent beside another: both play the same fresh episodes."""

import json

import pytest

import inwit
from inwit.cli.main import main
from inwit.errors import InvalidOption
from inwit.evaluation.intervals import bootstrap

SMALL = {"updates": 2, "batch": 4, "policy.width": 8}


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("beside")
    for policy in ("gru", "memoryless"):
        inwit.train("memory-length", length=2, policy=policy, out=folder / policy, **SMALL)
    return folder


def test_the_other_agent_plays_the_same_episodes(runs):
    agent, other = (inwit.load(runs / name) for name in ("gru", "memoryless"))
    score = agent.evaluate(20, beside=other)
    assert score.sampled == agent.evaluate(20).sampled
    assert score.beside == other.evaluate(20).sampled
    differences = [a - b for a, b in zip(score.sampled.returns, score.beside.returns, strict=True)]
    assert score.sampled.less(score.beside) == bootstrap(differences)
    assert [row["actions"] for row in score.rows()][-1] == "drawn, memoryless"


def test_the_command_prints_and_writes_the_other_agent(runs, tmp_path, capsys):
    options = ["--beside", str(runs / "memoryless"), "--count", "20"]
    main(["evaluate", str(runs / "gru"), *options, "--json", str(tmp_path / "scores.json")])
    score = inwit.load(runs / "gru").evaluate(20, beside=inwit.load(runs / "memoryless"))
    low, high = score.sampled.less(score.beside)
    mean = score.sampled.mean - score.beside.mean
    printed = " ".join(capsys.readouterr().out.split())
    assert f"{mean:+.3f} ({low:+.3f} to {high:+.3f}) beside memoryless" in printed
    written = json.loads((tmp_path / "scores.json").read_text())["returns"]
    assert tuple(written["beside"]["returns"]) == score.beside.returns


def test_an_agent_of_another_environment_is_refused(runs, tmp_path, capsys):
    inwit.train("memory-length", length=3, out=tmp_path / "longer", **SMALL)
    agent, other = inwit.load(runs / "gru"), inwit.load(tmp_path / "longer")
    with pytest.raises(
        InvalidOption, match=r"of memory-length .*3.* cannot play in memory-length .*2"
    ):
        agent.evaluate(5, beside=other)
    with pytest.raises(SystemExit, match="2"):
        main(["evaluate", "--beside", str(runs / "gru")])  # the shipped agent was trained on a task
    assert "--beside" in capsys.readouterr().err
