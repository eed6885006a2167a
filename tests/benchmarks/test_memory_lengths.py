"""`memory_lengths`: the longest length, and that the page and its picture are the records'."""

import json

import pytest

import memory_lengths as lengths


def line(length, seed, drawn, policy="gru", actions=100):
    found = {"drawn": drawn, "greedy": 1.0, "updates": 3, "actions": actions, "cpu": 1.0}
    return {"policy": policy, "length": length, "seed": seed} | found


def seeds(length, *drawn):
    return [line(length, seed, value) for seed, value in enumerate(drawn)]


@pytest.mark.parametrize(
    ("lines", "reached"),
    [
        ([], 0),
        (seeds(1, 1.0, 1.0), 1),
        (seeds(1, 1.0, 0.5) + seeds(3, 1.0, 1.0), 0),  # a shorter one is missed by one seed
        (seeds(1, 1.0, 1.0) + seeds(3, 0.9, 0.9), 3),
        (seeds(1, 1.0, 1.0) + seeds(3, 0.89, 1.0), 1),
        (seeds(1, 1.0, 1.0) + seeds(3, 1.0), 1),  # a seed was not run
        (seeds(1, 1.0, 1.0) + seeds(10, 1.0, 1.0), 1),  # a length was not run
    ],
)
def test_the_longest_length_is_the_last_that_all_seeds_solve(lines, reached):
    assert lengths.longest(lines, "gru", seeds=2) == reached


def test_actions_are_those_of_the_seeds_that_solved_it():
    lines = [line(1, 0, 1.0, actions=50), line(1, 1, 0.0, actions=999), line(1, 2, 0.9, actions=70)]
    (row,) = [each for each in lengths.table(lines).splitlines() if each.startswith("| gru")]
    assert row == "| gru | 1 | 2 of 3 | 60 | 0.00 to 1.00 | 1.00 to 1.00 | 1 |"


def test_a_run_ends_when_its_length_is_solved(monkeypatch):
    monkeypatch.setattr(lengths, "UPDATES", 30)
    monkeypatch.setattr(lengths, "EPISODES", 50)
    found = lengths.run("gru", 1, 0)
    assert found["updates"] < 30
    assert found["actions"] == found["updates"] * lengths.BATCH * 2  # a bit, then its question
    assert lengths.solved(found)


def test_the_page_and_the_picture_say_what_the_records_say():
    lines = [json.loads(each) for each in lengths.RECORDS.read_text().splitlines()]
    keys = [(each["policy"], each["length"], each["seed"]) for each in lines]
    assert len(set(keys)) == len(keys)
    page = (lengths.ROOT.parent / "docs" / "memory_length.md").read_text()
    assert lengths.table(lines) in page
    assert lengths.PICTURE.read_text() == lengths.picture(lines) + "\n"
