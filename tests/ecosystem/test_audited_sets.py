"""Sets of reasoning-gym, audited: a hole, a sound one, one that another process draws anew."""

import pytest

import inwit
from inwit.auditing import Verdict
from inwit.errors import InwitError

pytest.importorskip("reasoning_gym")


def audited(name, **options):
    return inwit.audit(f"reasoning-gym:{name}", items=12, **options)


def test_a_word_is_paid_where_a_text_is_taken_for_its_truth():
    found = audited("game_of_life_halting", only=["wrong/word"]).find("wrong/word")
    assert found.verdict is Verdict.FAIL
    assert found.figure == 1.0
    assert found.reply == "banana"


def test_a_sound_set_does_not_fail():
    audit = audited("chain_sum")
    assert audit.at_least(Verdict.FAIL) == ()
    assert audit.find("right/gold").figure == 0.0
    assert audit.find("data/solver").count == 12
    assert "reasoning-gym" in audit.versions


@pytest.mark.slow
def test_items_that_depend_on_the_process_are_found():
    names = ["property/items-elsewhere"]
    assert audited("polynomial_multiplication", only=names).verdict is Verdict.FAIL
    assert audited("word_ladder", only=names).verdict is Verdict.WARN  # other golds alone
    assert audited("lcm", only=names).verdict is Verdict.PASS


def test_invalid_syllogisms_that_are_called_valid_are_found():
    audit = inwit.audit("reasoning-gym:syllogism", items=40, only=["data/solver"])
    assert audit.verdict is Verdict.FAIL


@pytest.mark.slow
def test_options_reach_the_set_and_wrong_ones_are_refused():
    audit = audited("chain_sum", set={"min_terms": "2", "max_terms": "2"}, only=["right/gold"])
    assert audit.items == 12
    with pytest.raises(InwitError, match="did you mean 'min_terms'"):
        audited("chain_sum", set={"min_term": "2"})
    with pytest.raises(InwitError, match="did you mean 'chain_sum'"):
        audited("chain_sums")
    with pytest.raises(InwitError, match="refuses --set"):
        audited("chain_sum", set={"min_terms": "9", "max_terms": "2"})
