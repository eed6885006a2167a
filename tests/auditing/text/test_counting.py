"""What can be counted is counted, and what is unsure is left alone."""

from collections import Counter
from fractions import Fraction

import pytest

from inwit.auditing.text.counting import counted
from inwit.auditing.text.solver import chosen


def test_letters_are_counted():
    asked = 'How many times does the letter "r" appear in the word "strawberry"?'
    assert counted(asked) == Counter("strawberry")["r"]
    assert counted('How many letters e are in "sentence"?') == Counter("sentence")["e"]
    assert counted('How many times does the letter "s" appear in "Sam says so"?') is None  # case


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("What is the sum of the numbers 3, 4, 5?", 12),
        ("Find the largest number in the list [3, -9, 5].", 5),
        ("Find the smallest number in the list [3, -9, 5].", -9),
        ("What is the average of 1, 2, 4?", Fraction(7, 3)),
        ("What is the median of 9, 1, 4?", 4),
        ("Find the Greatest Common Divisor (GCD) of these numbers: 26, 760.", 2),
        ("Find the Least Common Multiple (LCM) of these numbers: 18, 24", 72),
    ],
)
def test_lists_are_added_up(question, answer):
    assert counted(question) == answer


@pytest.mark.parametrize(
    "question",
    [
        "What is the sum of the even numbers 3, 4, 5?",
        "What is the largest difference of 3, 4, 5?",
        "What is the sum of 3, 4, 5 or of 6, 7, 8?",
        "What is the sum of the squares of 3, 4, 5?",
        "Sort 3, 4, 5.",
    ],
)
def test_what_can_be_read_in_two_ways_is_left_alone(question):
    assert counted(question) is None


def test_the_letter_of_the_option_with_the_value_is_the_answer():
    asked = "What is 61 + 24? (A) 86 (B) 85 (C) 87 Answer with one letter."
    assert chosen(asked, ("A", "B", "C")) == "B"
    assert chosen(asked.replace("86", "85"), ("A", "B", "C")) == ""  # two are right
    assert chosen(asked, ("yes", "no")) == ""
