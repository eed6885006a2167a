"""Problem files of strangers: what is read is what Python's own reader of JSON finds."""

import json
import re
from collections import Counter
from math import isfinite

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from inwit.errors import InvalidProblem
from inwit.tasks import read_problems
from tests.test_hostile import ANYTHING

WITHIN = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
LINE = st.binary(max_size=60) | ANYTHING.map(lambda each: json.dumps(each).encode())


@given(
    st.lists(
        LINE
        | st.tuples(st.text("0123456789.+-*/() \u00d7?eE_n"), ANYTHING).map(
            lambda each: json.dumps({"question": each[0], "answer": each[1]}).encode()
        ),
        max_size=5,
    )
)
@example([b'{"question": "1+1", "answer": 2}', b"", b'{"answer": "2", "question": ""}'])
@WITHIN
def test_a_problem_file_is_read_as_json_has_it_or_refused(tmp_path, lines):
    path, content = tmp_path / "problems.jsonl", b"\n".join(lines)
    path.write_bytes(content)
    wanted = stated(content)
    if wanted is None:
        with pytest.raises(InvalidProblem):
            read_problems(path)
        return
    read = read_problems(path)
    assert [each.question for each in read] == [question for question, _ in wanted]
    for each, (_, answer) in zip(read, wanted, strict=True):
        assert isinstance(answer, str) or each.answer == float(answer)
        assert not isinstance(answer, str) or each.stated == answer


def stated(content):
    """Questions and answers as Python's own reader has them; None where it is no such file."""
    try:
        rows = [each for each in re.split("\r\n?|\n", content.decode("utf-8-sig")) if each.strip()]
        rows = [json.loads(row, object_pairs_hook=list) for row in rows]
        counted = [Counter(name for name, _ in row) for row in rows]
        pairs = [(dict(row)["question"], dict(row)["answer"]) for row in rows]
    except (ValueError, TypeError, KeyError):
        return None
    if not pairs or any(each["question"] > 1 or each["answer"] > 1 for each in counted):
        return None
    fits = all(
        isinstance(question, str)
        and (isinstance(answer, str) or (type(answer) in (int, float) and isfinite(answer)))
        for question, answer in pairs
    )
    return pairs if fits else None
