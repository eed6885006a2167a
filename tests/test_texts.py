"""Texts in other encodings and files that are not texts are refused with their line."""

import os
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inwit.errors import InvalidOption, InvalidProblem
from inwit.texts import MAX_LINE, read_lines, read_text

LINE = st.text(alphabet=st.characters(exclude_characters="\n\r\0\ufeff", exclude_categories=["Cs"]))


@given(st.lists(LINE, min_size=1), st.sampled_from(["\n", "\r\n", "\r"]), st.booleans())
def test_lines_are_those_that_were_written(tmp_path_factory, lines, end, marked):
    path = tmp_path_factory.mktemp("texts") / "file"
    path.write_bytes(end.join([*lines, ""]).encode("utf-8-sig" if marked else "utf-8"))
    assert list(read_lines(path, InvalidProblem)) == [
        (number, f"{line}\n") for number, line in enumerate(lines, 1)
    ]
    assert read_text(path, InvalidProblem, 10**6) == "".join(f"{line}\n" for line in lines)
    kept = [line for _, line in read_lines(path, InvalidProblem, ends=True)]
    assert kept == [f"{line}{end}" for line in lines]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("täst\n".encode("utf-16"), "is UTF-16 text, not UTF-8"),
        ("täst\n".encode("utf-32"), "is UTF-32 text, not UTF-8"),
        (b"\xfe\xff\0a", "is UTF-16 text"),
        ("one\ntwo\n".encode("utf-16-le"), ":1: character 2 is a byte of value 0"),
        (b"fine\nno\0t\n", ":2: character 3 is a byte of value 0"),
        ("fine\ntäst\n".encode("latin-1"), ":2: character 2 is the byte 0xe4, which is not UTF-8"),
        (b"\xef\xbb\xbffine\n\r\nab\xff", ":3: character 3 is the byte 0xff"),
        (b"a" * MAX_LINE, "too large at line 1"),
        (b"0123456789\n" * 10, "too large at line 10: at most .*, 100 in all"),
    ],
)
@pytest.mark.parametrize("refusal", [InvalidProblem, InvalidOption])
def test_what_is_no_text_is_refused(tmp_path, content, told, refusal):
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(refusal, match=f"^{path}.*{told}"):
        read_text(path, refusal, 100)


def test_what_is_no_file_is_refused(tmp_path):
    with pytest.raises(InvalidProblem, match="is a folder, not a file"):
        list(read_lines(tmp_path, InvalidProblem))
    with pytest.raises(InvalidProblem, match="cannot be read: No such file"):
        list(read_lines(tmp_path / "nothing", InvalidProblem))
    with pytest.raises(InvalidProblem, match="is not a path"):
        list(read_lines(tmp_path / "a\0b", InvalidProblem))


def test_files_that_were_joined_have_a_mark_in_each(tmp_path):
    path = tmp_path / "file"
    path.write_bytes("one\n".encode("utf-8-sig") + "two\n".encode("utf-8-sig"))
    assert read_text(path, InvalidProblem, 100) == "one\ntwo\n"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes")
def test_a_pipe_is_read(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = Thread(target=lambda: path.write_bytes(b"\xef\xbb\xbfone\r\ntwo"))
    writer.start()
    assert read_text(path, InvalidProblem, 100) == "one\ntwo"
    writer.join()
