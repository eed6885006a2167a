from dataclasses import fields, is_dataclass, replace

import torch

from inwit.environment import Environment
from inwit.tasks import Stages
from inwit.training.rollout import rollout
from inwit.trajectory import join, masked_mean

FIRST = ("problem", "level", "right", "prompt.symbols", "prompt.level", "prompt.values")
"""Fields whose first axis is that of the episodes."""


def leaves(record, path=""):
    for field in fields(record):
        value = getattr(record, field.name)
        if is_dataclass(value):
            yield from leaves(value, f"{path}{field.name}.")
        else:
            yield path + field.name, value


def same(first, second):
    for (name, one), (_, other) in zip(leaves(first), leaves(second), strict=True):
        assert torch.equal(one, other), name


def episodes(level, seed, make_network, count=6):
    environment = Environment(Stages(once=True))
    generator = torch.Generator().manual_seed(seed)
    problems = environment.task.sample(torch.full((count,), level), generator)
    with torch.no_grad():
        return rollout(make_network(environment), environment, problems, generator)[0]


def test_select_takes_the_episodes_in_the_order_given(make_network):
    made = episodes(1, 0, make_network)
    chosen = made.select(torch.tensor([4, 0, 4]))
    for name, tensor in leaves(chosen):
        first = name in FIRST
        whole = dict(leaves(made))[name]
        for place, row in enumerate((4, 0, 4)):
            one = tensor[place] if first else tensor[:, place]
            assert torch.equal(one, whole[row] if first else whole[:, row]), name


def test_select_of_no_rows_is_empty(make_network):
    empty = episodes(0, 0, make_network).select(torch.tensor([], dtype=torch.long))
    assert empty.key.shape[1] == 0
    assert len(empty.problem) == 0


def test_join_keeps_every_episode_and_pads_the_shorter(make_network):
    short, long = episodes(0, 1, make_network), episodes(2, 2, make_network)
    assert len(short.key) < len(long.key)
    joined = join([short, long])
    same(joined.select(torch.arange(6, 12)), long)
    padded = dict(leaves(joined.select(torch.arange(6))))
    for name, tensor in leaves(short):
        if name in FIRST:
            assert torch.equal(padded[name], tensor), name
        else:
            assert torch.equal(padded[name][: len(tensor)], tensor), name
            assert not padded[name][len(tensor) :].any(), name


def test_join_pads_prompts_of_other_lengths(record):
    narrow, wide = record(reward=[[0.0]]), record(reward=[[1.0], [1.0]])
    symbols = torch.zeros(1, 4, dtype=torch.long)
    prompt = replace(wide.prompt, symbols=symbols, values=torch.ones(1, 4, 2))
    narrow = replace(narrow, prompt=replace(narrow.prompt, values=torch.ones(1, 1, 2)))
    joined = join([narrow, replace(wide, prompt=prompt)])
    assert joined.prompt.values.tolist() == [[[1, 1]] + [[0, 0]] * 3, [[1, 1]] * 4]
    assert joined.prompt.symbols.tolist() == [[0, -1, -1, -1], [0, 0, 0, 0]]
    assert joined.pressed.tolist() == [[True, True], [False, True]]


def test_join_of_one_changes_nothing(make_network):
    made = episodes(2, 3, make_network)
    same(join([made]), made)


def test_the_mean_is_over_the_rows_of_the_mask():
    values = torch.tensor([[1.0, 5.0], [float("nan"), 6.0]])
    mask = torch.tensor([[True, True], [False, True]])
    assert masked_mean(values, mask) == 4
    assert masked_mean(values, mask & False) == 0
