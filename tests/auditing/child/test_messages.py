import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inwit.auditing.child.messages import decode, encode, plain

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(VALUES)
def test_plain_values_come_back_as_they_were(value):
    assert decode(encode(value)) == value


@pytest.mark.parametrize("value", [math.inf, -math.inf])
def test_what_is_not_finite_comes_back(value):
    assert decode(encode({"score": [value]})) == {"score": [value]}
    assert math.isnan(decode(encode(math.nan)))


def test_other_values_become_plain():
    assert plain(np.float32(0.5)) == 0.5
    assert plain(np.arange(3)) == [0, 1, 2]
    assert plain({1: (2, {"b", "a"})}) == {"1": [2, ["a", "b"]]}
    assert isinstance(plain(object()), str)
    assert type(plain(np.bool_(True))) is bool


def test_a_message_is_one_line():
    assert encode("a\nb\r\0\ud800").count(b"\n") == 1
