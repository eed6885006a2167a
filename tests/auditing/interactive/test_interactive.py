"""A finding for each faulty game, and none for the sound one."""

from pathlib import Path

import pytest

import inwit
from inwit.auditing.base import Verdict
from inwit.errors import InwitError
from tests.tiers import few_fast

GAMES = Path(__file__).parent / "games.py"
FAULTY = {
    "Unseeded": ("seed/same-episode", "fail"),
    "OneWorld": ("seed/another-episode", "warn"),
    "Remembers": ("seed/left-over", "fail"),
    "StaysBroken": ("seed/after-error", "fail"),
    "Raises": ("fault/step", "fail"),
    "RaisesInReset": ("fault/reset", "fail"),
    "NotANumber": ("reward/finite", "fail"),
    "Endless": ("end/never", "warn"),
    "BothAtOnce": ("end/both", "warn"),
    "LimitAsRule": ("end/limit-as-rule", "warn"),
    "NoSignal": ("play/signal", "warn"),
    "PaysAfterEnd": ("end/paid-after", "warn"),
    "ChangesWhatWasSeen": ("api/aliased", "warn"),
    "PaysNonsense": ("api/illegal", "fail"),
    "Dies": ("fault/death", "fail"),
}


def audited(name, **given):
    return inwit.audit(f"gymnasium:{GAMES}:{name}", items=12, **given)


def test_nothing_is_found_in_a_sound_game():
    audit = audited("Sound", set={"range": "[0,30]"})
    assert [each.id for each in audit.findings if each.verdict is not Verdict.PASS] == []
    assert audit.kind == "interactive"
    ids = {each.id for each in audit.findings}
    assert {id for id, _ in FAULTY.values()} <= ids


@pytest.mark.parametrize("name", few_fast(FAULTY, 2, 4, 14))
def test_each_fault_is_found(name, monkeypatch):
    monkeypatch.setattr("inwit.auditing.child.process.MOST_STARTS", 6)  # one dies in each episode
    id, verdict = FAULTY[name]
    finding = audited(name).find(id)
    assert str(finding.verdict) == verdict
    assert finding.hits > 0


def test_actions_that_are_the_same_are_named():
    further = Path(__file__).parents[1] / "fixtures" / "further_worlds.py"
    faulty, mended = (
        inwit.audit(f"gymnasium:{further}:{name}", items=12, only=["play/same-actions"]).findings[0]
        for name in ("TwoLefts", "ThreeWays")
    )
    assert (faulty.verdict, faulty.hits, faulty.count) == (Verdict.WARN, 1, 6)
    assert "0 and 2" in faulty.message
    assert mended.hits == 0


def test_one_finding_is_played_again():
    found = audited("Remembers", only=["seed/left-over"])
    assert [each.id for each in found.findings] == ["seed/left-over"]
    shown = found.findings[0]
    assert (shown.verdict, shown.item.fields["seed"]) == (Verdict.FAIL, 0)
    assert shown.reply[0]["kind"] == "random"


@pytest.mark.slow
def test_a_reward_outside_of_the_stated_range_and_one_action_that_earns_all_of_it():
    assert audited("Sound", set={"range": "[1,30]"}).find("reward/range").verdict is Verdict.FAIL
    blind = audited("PaysOneAction", set={"range": "[0,1]"}).find("play/best-blind")
    assert blind.verdict is Verdict.WARN
    assert "always 1" in blind.message


def test_seeds_that_overlap_are_counted():
    seeds = {"train_seeds": "0:100", "held_out_seeds": "90:110"}
    found = audited("Sound", set=seeds).find("data/held-out-seeds")
    assert (found.verdict, found.hits, found.count) == (Verdict.FAIL, 10, 20)


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("Soudn", {}, "did you mean 'Sound'"),
        ("Two", {}, "no reset"),
        ("Sound", {"set": {"train_seeds": "9:3"}}, "FIRST:END"),
    ],
)
def test_what_is_no_environment_is_refused(name, given, words):
    with pytest.raises(InwitError, match=words):
        audited(name, **given)
