"""Pools and the split, beside slow definitions."""

from collections import Counter

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from inwit.tasks import Pool, Problems, oracles, split
from inwit.tasks.pool import HELD_OUT, is_held_out
from inwit.tasks.problems import padded
from inwit.tokens import Vocabulary

LEVELS = st.lists(st.integers(0, 5), min_size=1, max_size=30)


def pool_of(levels):
    """Problems whose answer is the number of their row."""
    level, count = torch.tensor(levels), len(levels)
    return Problems(
        symbols=torch.arange(count)[:, None],
        operands=torch.arange(count).double()[:, None],
        answer=torch.arange(count).double(),
        level=level,
        oracle=torch.zeros(count, 1, dtype=torch.long),
    ).pool


@given(LEVELS, st.data())
def test_a_row_of_the_level_is_drawn_as_a_slow_definition_does(levels, data):
    asked = data.draw(st.lists(st.sampled_from(levels), min_size=1, max_size=40))
    seed = data.draw(st.integers(0, 2**32))
    drawn = pool_of(levels).draw(torch.tensor(asked), torch.Generator().manual_seed(seed))
    shares = torch.rand(len(asked), generator=torch.Generator().manual_seed(seed))
    rows = []
    for level, share in zip(asked, shares, strict=True):
        candidates = [row for row, each in enumerate(levels) if each == level]
        rows.append(candidates[int(share * len(candidates))])
    assert drawn.answer.tolist() == rows
    assert drawn.symbols[:, 0].tolist() == rows
    assert drawn.level.tolist() == asked


def test_all_rows_of_a_level_are_equally_likely():
    drawn = pool_of([1, 0, 1, 1, 0]).draw(
        torch.ones(30_000).long(), torch.Generator().manual_seed(0)
    )
    count = Counter(drawn.answer.tolist())
    assert set(count) == {0.0, 2.0, 3.0}
    assert all(abs(times - 10_000) < 400 for times in count.values())  # 5 standard deviations


@given(LEVELS, st.integers(1, 100), st.integers(0, 2**32))
def test_shuffled_rows_come_again_only_after_all_the_others(levels, count, seed):
    drawn = pool_of(levels).shuffled(count, torch.Generator().manual_seed(seed)).answer.tolist()
    assert len(drawn) == count
    for start in range(0, count, len(levels)):
        rounded = drawn[start : start + len(levels)]
        assert len(set(rounded)) == len(rounded)


@given(st.lists(st.text(max_size=8), max_size=50))
def test_the_split_keeps_every_item_once_and_equal_ones_together(items):
    known, apart = split(items, str)
    assert Counter([*known, *apart]) == Counter(items)
    assert not {*known} & {*apart}
    assert [*map(is_held_out, apart)] == [True] * len(apart)


def test_a_fifth_is_held_out():
    _, apart = split(range(100_000), repr)
    assert len(apart) == pytest.approx(100_000 / HELD_OUT, rel=0.03)


@given(st.lists(st.lists(st.integers(0, 9), max_size=6), min_size=1, max_size=8))
def test_padding_adds_fillers_at_the_end_alone(rows):
    width = max(map(len, rows))
    expected = [[*row, *[-1] * (width - len(row))] for row in rows]
    assert padded(rows, -1).tolist() == expected


def test_oracles_are_the_programs_and_may_be_empty():
    vocabulary = Vocabulary(operands=2, tools=("ADD",))
    table = oracles(vocabulary, ["0 ADD 1 ANS", "", "1 ANS"])
    assert [vocabulary.decode(row) for row in table.tolist()] == ["0 ADD 1 ANS", "", "1 ANS"]
    assert isinstance(pool_of([0]), Pool)
