import json
from pathlib import Path

import pytest

import inwit
from inwit.auditing import Verdict
from inwit.auditing.child.process import Limits
from tests.tiers import few_fast

FAULTY = Path(__file__).parent / "faulty.py"
SOUND = [name for name in FAULTY.read_text().split() if name.startswith("sound_")]
SOUND = [name.partition("(")[0] for name in SOUND]
FAULTS = {
    "pays_empty": "wrong/empty",
    "pays_what_does_not_parse": "wrong/word",
    "pays_truth_of_text": "wrong/word",
    "pays_a_part": "near/longer",
    "pays_the_beginning": "near/shorter",
    "truncates": "near/fraction",
    "tolerates_too_much": "near/off-by-one",
    "ignores_the_sign": "near/sign",
    "has_the_wrong_sign": "property/order",
    "obeys_the_reply": "wrong/instructed",
    "evaluates": "property/evaluates",
    "forgets_nothing": "property/same-twice",
    "depends_on_the_process": "property/same-elsewhere",
    "is_not_finite": "property/finite",
    "refuses_one_gold": "right/gold",
    "hangs_on_long": "property/time-out",
    "dies": "property/death",
    "pays_other_types": "property/types",
    "pays_each_time": "partial/repeated",
    "pays_what_cannot_be_calculated": "wrong/unreadable",
}
LIMITS = Limits(call=0.3)


def audited(name, rows, **options):
    audit = inwit.audit(f"{FAULTY}:{name}", data=rows, items=12, limits=LIMITS, **options)
    return {each.id: each for each in audit.findings}


@pytest.mark.parametrize("name", few_fast(SOUND, 0))
def test_a_sound_grader_does_not_fail(rows, name):
    found = audited(name, rows)
    assert not {name: each.message for name, each in found.items() if each.verdict is Verdict.FAIL}
    assert len(found) > 40


@pytest.mark.parametrize("name", few_fast(FAULTS, 0, 10, 16))
def test_a_fault_fails_and_is_shown(rows, name):
    found = audited(name, rows, only=[FAULTS[name]])[FAULTS[name]]
    assert found.verdict is Verdict.FAIL, found.message
    assert found.item is not None
    assert 0 < found.hits <= found.count


@pytest.mark.parametrize(
    ("name", "id"),
    [("pays_half_for_a_number", "partial/lazy"), ("reads_the_first_number", "right/after-numbers")],
)
def test_what_may_be_meant_warns_and_is_shown(rows, name, id):
    assert audited(name, rows, only=[id])[id].verdict is Verdict.WARN
    assert audited("sound_number", rows, only=["partial/lazy"])["partial/lazy"].hits == 0


@pytest.mark.slow
def test_the_last_sentence_tells_the_answer(tmp_path):
    said = {"yes": "It has wings.", "no": "It has wheels."}
    lines = [
        {"question": f"Thing {n} has {n * n} parts. Can it fly? {said[gold]}", "answer": gold}
        for n in range(40)
        for gold in [("yes", "no")[n * 7 % 5 % 2]]
    ]
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)))
    found = inwit.audit(f"{FAULTY}:sound_exact", data=path, items=20, limits=LIMITS)
    alone, without = found.find("ceiling/alone"), found.find("ceiling/without")
    assert (alone.verdict, alone.figure) == (Verdict.WARN, 1.0)
    assert "last sentence" in alone.message
    assert without.count == alone.count == 20


@pytest.fixture(scope="module")
def choices(tmp_path_factory):
    """Questions with a few options, and golds that all share."""
    path = tmp_path_factory.mktemp("choices") / "choices.jsonl"
    words = ["stone", "river", "cloud", "tower", "candle", "wheel", "garden", "mirror"]
    lines = [
        {"question": f"Is a {word} number {n} alive? yes, no or maybe", "answer": answer}
        for n, word in enumerate(words * 3)
        for answer in [("yes", "no", "maybe")[n % 3]]
    ]
    path.write_text("\n".join(map(json.dumps, lines)))
    return path


@pytest.mark.slow
def test_every_option_listed_is_a_hedge(choices):
    limits = Limits(call=0.3)
    for name, verdict in (("pays_a_part", Verdict.FAIL), ("sound_exact", Verdict.PASS)):
        audit = inwit.audit(f"{FAULTY}:{name}", data=choices, items=24, limits=limits)
        assert audit.find("wrong/all-options").verdict is verdict
        assert audit.find("wrong/two-answers").verdict is verdict
        assert audit.find("ceiling/constant").figure == pytest.approx(1 / 3, abs=0.01)
