"""The planted faults change verdicts, and the graders that they are planted in are sound."""

import pytest

from tests.auditing.mutations import graders
from tests.auditing.mutations.making import PLANTED, all_planted, changed, source, verdicts
from tests.auditing.mutations.replies import COUNT, replies_to
from tests.auditing.mutations.rows import rows_of
from tests.tiers import few_fast

FORMS = {
    "boxed": "\\boxed{{{}}}",
    "tagged": "<think>Hm.</think><answer>{}</answer>",
    "last_line": "Hm.\nAnswer: {}",
}
"""How an answer must be written, where it does not stand alone."""


def key(grader, answer):
    """What two golds must share to be the same."""
    return sorted(answer.split(", ")) if grader == "items" else answer


@pytest.mark.parametrize("grader", PLANTED)
def test_a_sound_grader_pays_the_gold_of_its_row_and_of_no_row_with_another_gold(grader):
    score, rows = getattr(graders, grader), rows_of(grader)
    form = FORMS.get(grader, "{}")
    for row in rows:
        for other in rows:
            same = key(grader, row["answer"]) == key(grader, other["answer"])
            assert score(form.format(other["answer"]), row) == float(same)
        assert score("", row) == score("banana", row) == 0


@pytest.mark.slow
def test_at_least_a_hundred_mutations_change_a_verdict_on_a_thousand_replies():
    counts = {(grader, name): changed(grader, text) for grader, name, text in all_planted()}
    assert len(counts) == sum(map(len, PLANTED.values()))
    assert sum(count > 0 for count in counts.values()) >= 100
    assert counts["number", "not equal"] > counts["number", "a tolerance of 1"] > 0


@pytest.mark.parametrize("grader", few_fast(PLANTED, 0, 3, 6, 9))
def test_replies_are_the_same_at_each_call_and_some_are_paid(grader):
    rows = rows_of(grader)
    assert replies_to(rows) == replies_to(rows_of(grader))
    assert len(replies_to(rows)) == COUNT
    paid = verdicts(grader, source(grader))
    assert set(paid) == {0.0, 1.0}
    assert changed(grader, source(grader)) == 0
