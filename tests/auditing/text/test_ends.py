"""Which part of a reply is graded; held-out rows that are trained on."""

import json

import pytest

import inwit
from inwit.auditing import Verdict
from tests.auditing.fixtures import reading
from tests.tiers import few_fast

ROWS = [
    {
        "question": f"What is {n} + {n + 5}? End with Answer: and the number.",
        "answer": f"{2 * n + 5}",
    }
    for n in range(11, 31)
]


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rows")

    def written(name, rows):
        path = folder / f"{name}.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return path

    return written


@pytest.mark.parametrize(
    ("grader", "finding", "verdict"),
    few_fast(
        [
            ("marked_faulty", "doubtful/taken-back", Verdict.WARN),
            ("marked_mended", "doubtful/taken-back", Verdict.PASS),
            ("thought_faulty", "doubtful/unfinished", Verdict.WARN),
            ("thought_mended", "doubtful/unfinished", Verdict.PASS),
        ],
        0,
        1,
        many=True,
    ),
)
def test_the_end_of_a_reply_counts(file, grader, finding, verdict):
    target = f"{reading.__file__}:{grader}"
    found = inwit.audit(target, data=file("rows", ROWS), items=12, only=[finding]).findings
    assert [(each.id, each.verdict) for each in found] == [(finding, verdict)]
    assert (found[0].hits > 0) == (verdict is Verdict.WARN)


@pytest.mark.parametrize(("known", "verdict"), [(3, Verdict.FAIL), (0, Verdict.PASS)])
def test_held_out_rows_that_are_trained_on_are_found(file, known, verdict):
    trained, apart = ROWS[:12], [*ROWS[12 - known : 12], *ROWS[12:]]
    (found,) = inwit.audit(
        f"{reading.__file__}:thought_mended",
        data=file("trained", trained),
        held_out=file("apart", apart),
        only=["data/overlap"],
    ).findings
    assert (found.verdict, found.hits, found.count) == (verdict, known, 8 + known)


def test_a_file_of_held_out_rows_that_is_not_there_is_refused(file):
    with pytest.raises(inwit.InwitError, match=r"none\.jsonl"):
        inwit.audit(
            f"{reading.__file__}:thought_mended",
            data=file("rows", ROWS),
            held_out=file("rows", ROWS).with_name("none.jsonl"),
        )
