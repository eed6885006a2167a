"""Environments with tools: each fault is found, the sound one has none that fails."""

import json
from pathlib import Path

import pytest

import inwit
from inwit.auditing.base import Verdict
from inwit.errors import InwitError
from tests.tiers import few_fast

ROOMS = Path(__file__).parent / "rooms.py"


@pytest.fixture
def data(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps({"number": place}) + "\n" for place in (0, 1, 2, 3, 5)))
    return str(path)


def audited(name, data, **given):
    return inwit.audit(f"trl:{ROOMS}:{name}", items=20, data=data, set={"range": "[0,1]"} | given)


@pytest.mark.slow
def test_nothing_is_found_in_a_sound_environment(data):
    audit = audited("Guess", data)
    assert [each.id for each in audit.findings if each.verdict is not Verdict.PASS] == []
    told = audit.find("play/best-blind").message
    assert "random play" in told


@pytest.mark.parametrize(
    ("name", "id", "verdict"),
    few_fast(
        [
            ("Keeps", "seed/left-over", "fail"),
            ("RaisesInReward", "fault/reward", "fail"),
            ("PaysIdle", "play/best-blind", "warn"),
            ("Hurts", "reward/range", "fail"),
        ],
        0,
        many=True,
    ),
)
def test_each_fault_is_found(name, id, verdict, data):
    finding = audited(name, data).find(id)
    assert str(finding.verdict) == verdict
    assert finding.hits > 0


def test_what_is_missing_is_named(data, tmp_path):
    with pytest.raises(InwitError, match="no get_reward"):
        audited("NoReward", data)
    with pytest.raises(InwitError, match=r"Guess.reset: .*'number'.*--data"):
        audited("Guess", None)
    other = tmp_path / "other.jsonl"
    other.write_text('{"nmuber": 1}\n')
    with pytest.raises(InwitError, match="columns: nmuber"):
        audited("Guess", str(other))
