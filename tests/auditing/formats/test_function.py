import json

import pytest

import inwit
from inwit.auditing.formats.files import Rows, as_question
from inwit.errors import InwitError
from tests.auditing.conftest import GRADERS


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("soudn", ["soudn", "did you mean 'sound'"]),
        ("NUMBER", ["NUMBER is int", "score(reply, row)"]),
        ("one_argument", ["one_argument(reply)", "(reply, row)"]),
    ],
)
def test_a_function_of_another_kind_is_refused(rows, name, words):
    with pytest.raises(InwitError) as error:
        inwit.audit(f"{GRADERS}:{name}", data=rows)
    assert all(word in str(error.value) for word in words)
    assert "\n" not in str(error.value)


def test_without_rows_or_columns_it_is_refused(rows):
    with pytest.raises(InwitError, match="--data"):
        inwit.audit(f"{GRADERS}:sound")
    with pytest.raises(InwitError, match="did you mean 'answer'"):
        inwit.audit(f"{GRADERS}:sound", data=rows, gold="anwser")


def test_an_import_that_fails_shows_the_authors_frame(tmp_path, rows):
    path = tmp_path / "broken.py"
    path.write_text("def inner():\n    return 1 / 0\n\ninner()\n")
    with pytest.raises(InwitError) as error:
        inwit.audit(f"{path}:score", data=rows)
    told = str(error.value)
    assert "ZeroDivisionError" in told
    assert "broken.py:2 in inner: return 1 / 0" in told
    assert "serving.py" not in told


@pytest.mark.parametrize("line", ["{", "[1]", '"text"'])
def test_rows_that_are_none_are_refused_with_their_line(tmp_path, line):
    path = tmp_path / "rows.jsonl"
    path.write_text('{"question": "a", "answer": "b"}\n' + line + "\n")
    with pytest.raises(InwitError, match=r"rows.jsonl:2"):
        Rows({"data": str(path)})


def test_rows_are_drawn_by_their_seed(tmp_path):
    path = tmp_path / "rows.jsonl"
    lines = [json.dumps({"prompt": f"q{n}", "label": n, "other": [n]}) for n in range(40)]
    path.write_text("\n".join(lines))
    rows = Rows({"data": str(path)})
    first, again, other = rows.items(10, 0), rows.items(10, 0), rows.items(10, 1)
    assert first == again != other
    assert first[0].gold == str(first[0].fields["label"])
    assert len(rows.items(100, 0)) == 40


def test_the_question_of_a_conversation_is_what_is_said():
    messages = [{"role": "system", "content": "Be short."}, {"role": "user", "content": "2+2?"}]
    assert as_question(messages) == "2+2?"
