"""Values of which a method ends the process are refused, or shown by their type."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

import inwit
from inwit.errors import InvalidOption
from inwit.tools import show
from tests.tasks.test_user_code import ENDS, task_of


class Awkward:
    """Every method of it may fail."""

    def __init__(self, method, end):
        self.method, self.end = method, end

    def tried(self, method):
        if self.method == method:
            raise self.end

    def __eq__(self, other):
        self.tried("eq")
        return self is other

    def __hash__(self):
        self.tried("hash")
        return 1

    def __str__(self):
        self.tried("str")
        return "awkward"

    def __repr__(self):
        self.tried("repr")
        return "Awkward()"

    @property
    def shape(self):
        self.tried("shape")
        raise AttributeError


@given(st.sampled_from(["eq", "hash", "shape"]), st.sampled_from(ENDS))
def test_an_operand_that_cannot_be_compared_for_an_end_is_refused(method, end):
    value = Awkward(method, end)
    task = task_of(
        draw=lambda source: inwit.Problem(prompt="take {0}", operands=(value,), answer=1)
    )
    with pytest.raises(InvalidOption, match=r"operands\[0\] of 'take \{0\}'.*cannot be hashed"):
        task._drawn(random.Random(0))


@given(st.sampled_from(["str", "repr"]), st.sampled_from(ENDS))
def test_an_operand_that_cannot_be_written_is_shown_by_its_type(method, end):
    value = Awkward(method, end)
    problem = inwit.Problem(prompt="take {0}", operands=(value,), answer=value)
    task = task_of(draw=lambda source: problem)
    objects = task.objects
    problem.check(objects)
    handle = objects.encode(value)
    assert objects.decode(handle) is value
    expected = "the Awkward whose str fails" if method == "str" else "awkward"
    assert show(objects.meaning(handle)) == expected
