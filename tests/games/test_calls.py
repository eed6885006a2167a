"""What environments return is read as the number or the truth that it is, or refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inwit.errors import InvalidOption
from inwit.games import calls

FORMS = (float, int, bool, np.float64, np.float32, np.int8, np.bool_, np.array, lambda x: [x])


@pytest.mark.parametrize("form", FORMS)
@given(number=st.sampled_from([0, 1, -1, 0.5, -0.0, 2.75, 100]))
def test_a_reward_is_its_number(form, number):
    made = form(number)
    (plain,) = np.asarray(made, np.float64).reshape(1).tolist()
    assert calls.reward(made) == plain
    assert type(calls.reward(made)) is float


@pytest.mark.parametrize("number", [2**53, 2**53 + 1, -(2**63), 2**64 - 1])
def test_a_large_reward_is_the_nearest_float(number):
    assert calls.reward(number) == float(number)


@pytest.mark.parametrize(
    "given", [np.longdouble("1e4000"), 10**400, np.float64("nan"), -np.inf, 1j, "1", np.str_("1")]
)
def test_what_is_no_finite_number_is_no_reward(given):
    with pytest.raises(InvalidOption, match="it must be a finite number"):
        calls.reward(given)


@pytest.mark.parametrize("form", [bool, int, np.bool_, np.uint8, np.array, lambda x: [x]])
@pytest.mark.parametrize("over", [True, False])
def test_an_end_is_its_truth(form, over):
    assert calls.end(form(over), "terminated") is over
