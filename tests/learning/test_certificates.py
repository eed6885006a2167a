"""Agents that the default recipes make are certified, and say of themselves what is true."""

import json
import subprocess
from pathlib import Path

import pytest

from inwit.agent import train
from inwit.probes import Verdict
from inwit.recipes import RECIPES

pytestmark = [pytest.mark.learning, pytest.mark.xdist_group("stages")]
ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def certificates(tmp_path_factory, learnt_stages):
    """One of the stages and one of the expressions, each with what its run folder says."""
    made, out = {}, tmp_path_factory.mktemp("expressions")
    learnt = train(RECIPES["expressions"]().but(search=0, out=out)), out
    for task, (agent, folder) in (("stages", learnt_stages), ("expressions", learnt)):
        config = json.loads((folder / "config.json").read_text())
        made[task] = agent.certify(500), config
    return made


@pytest.mark.parametrize("task", ["stages", "expressions"])
def test_a_trained_agent_passes(certificates, task):
    made, _ = certificates[task]
    assert [line.name for line in made.lines if line.verdict == Verdict.FAIL] == []
    assert made.count(Verdict.PASS) > 5


@pytest.mark.parametrize("task", ["stages", "expressions"])
def test_it_says_what_was_trained_and_what_examined_it(certificates, task):
    made, config = certificates[task]
    told = json.loads(json.dumps(made.to_json()))
    assert told["made"] == config["made"]
    commit = subprocess.run(
        ["git", "-C", str(ROOT), "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True
    )
    for stated in (told["commit"], told["made"]["commit"]):
        assert stated.removesuffix("-dirty") == commit.stdout.strip()


def test_its_memory_is_what_its_answers_are_made_from(certificates):
    for made, _ in certificates.values():
        (line,) = made.find("memory")
        assert line.figure == 1.0
        assert line.count > 300


def test_where_one_program_does_nothing_is_claimed_of_reading(tmp_path):
    """The legal keys say which stage it is."""
    helped = train("stages", masks="given", once=True, out=tmp_path / "run")
    made = helped.certify(500)
    for line in (*made.find("information"), *made.find("lesions", "level withheld")):
        assert line.verdict == Verdict.STATED
        assert "the audit" in line.note


def test_what_is_read_symbol_by_symbol_is_needed(certificates):
    made, _ = certificates["expressions"]
    (every,) = made.find("lesions", "another's observations, all")
    assert every.figure < 0.2
    (far,) = made.find("generalisation", "1000")
    assert far.figure == 1.0
