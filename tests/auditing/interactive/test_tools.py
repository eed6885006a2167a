"""Wrong calls of tools: each fault is seen by its probe, and the sound environment has none."""

import json
from pathlib import Path

import pytest

import inwit
from inwit.auditing.base import Verdict
from tests.tiers import few_fast

SHOPS = Path(__file__).parent / "shops.py"


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    path = tmp_path_factory.mktemp("shop") / "rows.jsonl"
    lines = [{"thing": f"thing {n}", "answer": str(7 * n + 40)} for n in range(30)]
    path.write_text("\n".join(map(json.dumps, lines)) + "\n")
    return path


def audited(name, rows, **options):
    return inwit.audit(f"trl:{SHOPS}:{name}", data=str(rows), items=8, **options)


def test_a_sound_environment_has_no_finding_that_fails(rows):
    found = audited("Shop", rows)
    assert found.at_least(Verdict.FAIL) == ()
    tools = {each.id: each.hits for each in found.findings if each.id.startswith("tool/")}
    wanted = {"unknown", "arguments", "loop", "guesses", "reward-twice"}
    assert tools == dict.fromkeys((f"tool/{name}" for name in wanted), 0)


@pytest.mark.parametrize(
    ("name", "id", "verdict"),
    few_fast(
        [
            ("PaysForCalls", "tool/loop", "fail"),
            ("PaysErrors", "tool/arguments", "fail"),
            ("PaysUnknown", "tool/arguments", "fail"),
            ("Changes", "tool/reward-twice", "warn"),
            ("LetsGuess", "tool/guesses", "warn"),
        ],
        0,
        many=True,
    ),
)
def test_a_fault_is_seen_by_its_probe(name, id, verdict, rows):
    found = audited(name, rows).find(id)
    assert str(found.verdict) == verdict
    assert found.hits > 0
