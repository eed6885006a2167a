"""The check of shapes finds what it is for, wherever in a test it comes."""

from contextlib import suppress
from dataclasses import replace

import pytest
import torch
from beartype.roar import BeartypeCallHintViolation

from inwit.learners.returns import generalised_advantages
from inwit.policies import log_probabilities
from tests.shapes import EVERY, FIRST


def advantages(batch):
    """Of three episodes; the flags may be those of another number, and be broadcast."""
    numbers, flags = torch.zeros(5, 3), torch.zeros(5, batch, dtype=torch.bool)
    return generalised_advantages(numbers, numbers, numbers, flags, flags, discount=1.0, decay=1.0)


def test_arguments_that_do_not_go_together_are_found():
    assert advantages(3).shape == (5, 3)
    with pytest.raises(BeartypeCallHintViolation, match="terminated"):
        advantages(1)


def test_numbers_of_another_kind_are_found():
    with pytest.raises(BeartypeCallHintViolation, match="legal"):
        log_probabilities(torch.zeros(2, 3), torch.ones(2, 3, dtype=torch.uint8))


def test_a_record_whose_fields_do_not_go_together_is_found(record):
    made = record(reward=[[0.0, 1.0]])
    with pytest.raises(BeartypeCallHintViolation, match="key"):
        replace(made, key=torch.zeros(3, dtype=torch.long))


def test_after_many_calls_it_is_found_among_the_next():
    for _ in range(3 * FIRST):
        advantages(3)
    passed = 0
    for _ in range(EVERY):
        with suppress(BeartypeCallHintViolation):
            advantages(1)
            passed += 1
    assert passed == EVERY - 1
