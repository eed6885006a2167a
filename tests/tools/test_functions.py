from dataclasses import dataclass
from datetime import date, timedelta

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import inwit
from inwit.errors import InvalidOption
from inwit.tools import FAULT, HANDLES


def call(tool, *rows):
    """The results of some calls, as values."""
    objects = tool.function.objects
    given = [[objects.encode(value) for value in row] for row in rows]
    results = tool.call(torch.tensor(given, dtype=torch.double)).tolist()
    return [objects.decode(value) for value in results]


def reason(tool, *values):
    return tool.explain([tool.function.objects.encode(value) for value in values])


@inwit.tool
def add_days(day: date, count: int) -> date:
    """The date so many days later."""
    return day + timedelta(count)


def test_a_tool_says_what_its_function_says():
    assert (add_days.name, add_days.arity) == ("ADD_DAYS", 2)
    assert add_days.signature == "(day: datetime.date, count: int) -> datetime.date"
    assert add_days.summary == "The date so many days later."
    assert add_days(date(2024, 2, 28), 2) == date(2024, 3, 1)  # as the function


@dataclass(frozen=True)
class Place:
    row: int


def test_dataclasses_are_types_of_parameters():
    @inwit.tool
    def row_of(place: Place) -> int:
        return place.row

    assert call(row_of, (Place(3),), (Place(4),)) == [3, 4]
    assert call(row_of, (date(2024, 1, 1),)) == [FAULT]


@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), min_size=1, max_size=20))
def test_rows_and_batches_are_pythons(rows):
    @inwit.tool
    def one(first: float, second: float) -> float:
        return first / second

    @inwit.tool(batched=True)
    def many(first, second):
        return first / second

    expected = [first / second if second else FAULT for first, second in rows]
    assert call(one, *rows) == [value if abs(value) < HANDLES else FAULT for value in expected]
    assert call(many, *rows) == call(one, *rows)


def test_objects_go_in_and_come_out():
    assert call(add_days, (date(2024, 2, 28), 2.0)) == [date(2024, 3, 1)]


@pytest.mark.parametrize(
    ("values", "why"),
    [
        (("monday", 1.0), "ADD_DAYS(monday, 1): TypeError: day is 'monday': Input should be"),
        ((date(2024, 1, 1), 1.5), "TypeError: count is 1.5: Input should be a valid integer"),
        ((3.0, 1.0), "TypeError: day is 3: Input should be a valid date"),
        ((date(9999, 12, 31), 1.0), "OverflowError: date value out of range"),
    ],
)
def test_a_failed_call_is_a_fault_with_a_reason_and_the_others_go_on(values, why):
    assert call(add_days, values, (date(2024, 1, 1), 1.0)) == [FAULT, date(2024, 1, 2)]
    assert why in reason(add_days, *values)


@pytest.mark.parametrize(
    ("result", "why"),
    [
        (float("nan"), "must be finite"),
        (1e305, "must be finite and below 2^1000"),
        ("three", "it returned 'three': Input should be a valid number"),
        ([1.0], "it returned [1.0]"),
        (None, "it returned None"),
    ],
)
def test_a_result_that_was_not_promised_is_a_fault(result, why):
    @inwit.tool
    def broken(value: float) -> float:
        return result

    assert call(broken, (1.0,)) == [FAULT]
    assert why in reason(broken, 1.0)


def test_a_result_that_cannot_be_hashed_is_a_fault():
    @inwit.tool
    def rows(value: float) -> object:
        return [value]

    assert call(rows, (1.0,)) == [FAULT]
    assert "the list [1.0] cannot be hashed" in reason(rows, 1.0)


def test_a_fault_is_passed_on_and_the_function_is_not_called():
    calls = []

    @inwit.tool
    def count(value: float) -> float:
        calls.append(value)
        return value

    assert count.call(torch.tensor([[FAULT]], dtype=torch.double)).tolist() == [FAULT]
    assert calls == []
    assert "an argument is a fault" in count.explain([FAULT])


@pytest.mark.parametrize(("cached", "times"), [(True, 1), (False, 3)])
def test_the_same_arguments_are_asked_once_if_cached(cached, times):
    calls = []

    @inwit.tool(cached=cached)
    def count(value: float) -> float:
        calls.append(value)
        return value

    assert call(count, (2.0,), (2.0,)) + call(count, (2.0,)) == [2.0] * 3
    assert len(calls) == times


def test_a_batch_that_raises_is_tried_in_halves():
    @inwit.tool(batched=True)
    def root(value):
        if bool((value < 0).any()):
            raise ValueError("a negative number has no root")
        return value.sqrt()

    assert call(root, *[(value,) for value in (4.0, -1.0, 9.0, 16.0, -4.0)]) == [
        2.0,
        FAULT,
        3.0,
        4.0,
        FAULT,
    ]
    assert "a negative number has no root" in reason(root, -1.0)


@pytest.mark.parametrize("result", [3.0, torch.zeros(7), "text"])
def test_a_batched_function_must_give_a_tensor_of_its_size(result):
    @inwit.tool(batched=True)
    def broken(value):
        return result

    assert call(broken, (1.0,), (2.0,)) == [FAULT, FAULT]
    assert "it must return a tensor of shape (1,)" in reason(broken, 1.0)


def untyped(value) -> float: ...
def resultless(value: float): ...
def nullary() -> float: ...
def unknown(value: "Nowhere") -> float: ...  # noqa: F821


@pytest.mark.parametrize(
    ("function", "why"),
    [
        (untyped, "parameter 'value' has no type"),
        (resultless, "its result has no type"),
        (nullary, "has no parameter"),
        (unknown, "its signature cannot be read"),
    ],
)
def test_a_function_without_types_is_refused(function, why):
    with pytest.raises(InvalidOption, match=f"tool '{function.__name__}'.*{why}"):
        inwit.tool(function)


@pytest.mark.parametrize("name", ["two words", "0", "+"])
def test_a_tools_name_is_one_word(name):
    with pytest.raises(InvalidOption, match="must be one word"):
        inwit.tool(name=name)(add_days.plain)


@pytest.mark.parametrize("name", ["ans", "sto", "read"])
def test_a_tool_cannot_have_the_name_of_another_key(name):
    with pytest.raises(InvalidOption, match=f"'{name.upper()}': this is the name of another key"):
        inwit.tool(name=name)(add_days.plain)


def test_a_batched_function_may_work_in_place_and_then_fail():
    """Its rows are tried again in halves, with what they were given."""

    @inwit.tool(batched=True)
    def doubled(a: torch.Tensor) -> torch.Tensor:
        a *= 2
        if (a > 150).any():
            raise ValueError("too large")
        return a

    given = torch.tensor([[1.0], [2.0], [3.0], [100.0]], dtype=torch.double)
    assert doubled.call(given.clone()).tolist() == [2.0, 4.0, 6.0, torch.inf]
