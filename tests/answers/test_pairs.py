"""The reader of answers against a table of replies, each judged by hand."""

import json
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from inwit import answers
from inwit.answers import Outcome, grade, read_number

PAIRS = Path(__file__).with_name("pairs.jsonl")
TABLE = [tuple(json.loads(line)) for line in PAIRS.read_text().splitlines()]


@pytest.mark.parametrize("outcome", Outcome)
def test_replies_are_judged_as_a_person_judges_them(outcome):
    """All of one outcome together: hundreds of tests would take longer than what they try."""
    rows = [row[:2] for row in TABLE if row[2] == outcome]
    found = {row: grade(*row) for row in rows}
    assert found == dict.fromkeys(rows, outcome)


def test_the_table_holds_all_outcomes():
    counted = Counter(outcome for _, _, outcome in TABLE)
    assert set(counted) == set(Outcome)
    assert min(counted.values()) > 100
    assert len(TABLE) == len(set(TABLE)) >= 300


@pytest.mark.slow
def test_it_reads_the_same_in_threads():
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda row: grade(row[0], row[1]), TABLE * 3))
    assert found == [outcome for _, _, outcome in TABLE] * 3


def test_a_copy_of_the_folder_needs_nothing_but_python():
    folder = Path(answers.__file__).parent
    judge = (
        f"import sys, json; sys.path.insert(0, {str(folder.parent)!r}); import answers\n"
        f"rows = map(json.loads, open({str(PAIRS)!r}))\n"
        "assert all(answers.grade(reply, stated) == wanted for reply, stated, wanted in rows)\n"
        "assert not {'torch', 'numpy', 'sympy', 'inwit'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-I", "-S", "-c", judge], check=True, timeout=60)


@pytest.mark.parametrize(
    "text",
    [
        *("1 " * 9_000, "answer is " * 2_000, r"\boxed{" * 3_000, "**a" * 9_000, "(1 " * 9_000),
        *("9^{9^{9^{9}}}", "9" * 9_000, "1e999999999", "answer: " * 9_000, "\n" * 9_000 + "="),
    ],
)
def test_no_reply_holds_the_reader_up(text):
    with ThreadPoolExecutor(1) as thread:
        assert not thread.submit(read_number, text).result(timeout=20).values


def test_the_end_of_a_long_reply_counts():
    assert grade("word 7 " * 100_000 + "\nThe answer is 18.", "18") is Outcome.RIGHT
    thought = f"<think>{'the answer is 7. ' * 10_000}"
    assert grade(thought, "7") is Outcome.UNREAD
    assert grade(f"{thought}</think>18", "18") is Outcome.RIGHT
