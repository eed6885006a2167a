import torch

from inwit.curriculum import Fixed, Gated, Uniform

LEVELS = range(1, 4)


def went(level, *right):
    return torch.full((len(right),), level), torch.tensor(right)


def test_the_fixed_schedule_is_spread_over_the_updates(generator):
    fixed = Fixed((0, 0, 1), updates=7)
    assert [int(fixed.choose(1, generator)) for _ in range(9)] == [0, 0, 0, 0, 0, 1, 1, 1, 1]


def test_the_gate_opens_at_its_share_and_not_before(generator):
    gated = Gated(LEVELS, gate=0.5)
    # The success follows by 0.3 of the way: 0.3, 0.51.
    gated.record(*went(1, True))
    assert gated.top == 1
    gated.record(*went(1, True))
    assert (gated.top, gated.success) == (2, 0.0)
    for _ in range(20):
        gated.record(*went(1, True))  # only the hardest level counts
    assert gated.top == 2
    for _ in range(20):
        gated.record(*went(gated.top, True, True, False))
    assert gated.top == 3  # the last one


def test_open_levels_are_rehearsed(generator):
    gated = Gated(LEVELS, gate=0.5)
    assert set(gated.choose(50, generator).tolist()) == {1}
    gated.restore({"top": 3, "success": 0.0})
    level = gated.choose(6000, generator)
    shares = torch.bincount(level, minlength=4)[1:] / 6000
    # Half is the hardest level, the other half is even.
    torch.testing.assert_close(shares, torch.tensor([1 / 6, 1 / 6, 2 / 3]), atol=0.03, rtol=0)


def test_uniform_levels_are_even(generator):
    shares = torch.bincount(Uniform(LEVELS).choose(6000, generator), minlength=4)[1:] / 6000
    torch.testing.assert_close(shares, torch.full((3,), 1 / 3), atol=0.03, rtol=0)


def test_a_curriculum_goes_on_from_its_state(generator):
    gated, fixed = Gated(LEVELS, gate=0.5), Fixed((0, 1), updates=10)
    gated.record(*went(1, True))
    fixed.choose(1, generator)
    for before, after in ((gated, Gated(LEVELS, gate=0.5)), (fixed, Fixed((0, 1), updates=10))):
        after.restore(before.state())
        assert after.state() == before.state()
        assert after.choose(8, torch.Generator().manual_seed(1)).equal(
            before.choose(8, torch.Generator().manual_seed(1))
        )
