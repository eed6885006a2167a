"""`popgym_report`: verdicts, and that the page says what the records say."""

import json
from pathlib import Path

import pytest

import popgym_report as report

ROOT = Path(__file__).parents[2]
RECORDS = ROOT / "benchmarks" / "popgym_records" / "scores.jsonl"


def line(contender, returns, seed=0, cpu=1.0):
    found = {"drawn": returns, "greedy": 0.0, "cpu": cpu, "steps": 100}
    return {"environment": "A", "contender": contender, "seed": seed} | found


@pytest.mark.parametrize(
    ("own", "word"), [([2.0, 3.0, 2.5], "better"), ([0.0, 1.0, 0.5], "worse"), ([0, 3, 1], "even")]
)
def test_a_verdict_needs_an_interval_without_0(own, word):
    both = [line(report.OURS, own)], [line(report.THEIRS, [1.0, 2.0, 1.5])]
    assert report.judged(report.difference(*both)).startswith(word + ":")


def test_episodes_are_compared_one_by_one_on_the_seeds_that_both_have():
    own = [line(report.OURS, [5.0, 1.0], seed=0), line(report.OURS, [9.0, 9.0], seed=1)]
    assert report.difference(own, [line(report.THEIRS, [4.0, 0.0])]) == (1.0, 1.0, 1.0)
    assert report.difference(own, [line(report.THEIRS, [4.0, 0.0], seed=2)]) is None


def records():
    return [json.loads(each) for each in RECORDS.read_text().splitlines()]


@pytest.mark.slow
@pytest.mark.parametrize("steps", sorted({each["steps"] for each in records()}))
def test_the_table_of_the_page_is_that_of_the_records(steps):
    page = (ROOT / "docs" / "popgym.md").read_text()
    for part in report.told([each for each in records() if each["steps"] == steps]).split("\n\n"):
        assert part in page


def test_no_run_is_recorded_twice():
    keys = [
        tuple(each[key] for key in ("environment", "contender", "seed", "steps", "setting"))
        for each in records()
    ]
    assert len(set(keys)) == len(keys)
