"""Agents that the default recipes make are certified, and say of themselves what is true."""

import json

import pytest

from inwit.agent import train
from inwit.probes import Verdict
from inwit.recipes import RECIPES

pytestmark = pytest.mark.learning


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """One of the stages and one of the expressions."""
    made = {}
    for task in ("stages", "expressions"):
        recipe = RECIPES[task]().but(seed=0, out=tmp_path_factory.mktemp(task))
        made[task] = train(recipe).certify(500)
    return made


@pytest.mark.parametrize("task", ["stages", "expressions"])
def test_a_trained_agent_passes(certificates, task):
    made = certificates[task]
    assert [line.name for line in made.lines if line.verdict == Verdict.FAIL] == []
    assert made.made["commit"] is not None
    json.dumps(made.to_json())


def test_its_memory_is_what_its_answers_are_made_from(certificates):
    for made in certificates.values():
        (line,) = made.find("memory")
        assert line.figure == 1.0
        assert line.count > 300


def test_where_one_program_does_nothing_is_claimed_of_reading(certificates):
    made = certificates["stages"]
    for line in (*made.find("information"), *made.find("lesions", "level withheld")):
        assert line.verdict == Verdict.STATED
        assert "the audit" in line.note


def test_what_is_read_symbol_by_symbol_is_needed(certificates):
    made = certificates["expressions"]
    (every,) = made.find("lesions", "another's percepts, all")
    assert every.figure < 0.2
    (far,) = made.find("generalisation", "1000")
    assert far.figure == 1.0
