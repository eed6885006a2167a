import torch

from inwit.policies import Scripted, UniformRandom
from inwit.training.rollout import rollout


@torch.no_grad()
def test_given_keys_are_pressed(environment, stages, generator, draw_mixed):
    problems = draw_mixed(stages, 9, generator)
    made, _ = rollout(Scripted(problems.oracle.T), environment, problems)
    assert made.right.all()
    for row in range(9):
        presses = int(made.pressed[:, row].sum())
        assert torch.equal(made.key[:presses, row], problems.oracle[row, :presses])


@torch.no_grad()
def test_where_a_given_key_is_illegal_another_is_pressed(environment, stages):
    problems = stages.parse("3*7+2")
    keys = torch.tensor(stages.rules.vocabulary.encode("ANS ANS 1 ANS"))[:, None]
    made, _ = rollout(Scripted(keys), environment, problems)
    assert made.observation.legal.gather(-1, made.key[..., None])[made.pressed].all()
    assert made.key[0] != stages.rules.vocabulary["ANS"]
    assert made.terminated.any()


@torch.no_grad()
def test_even_play_meets_every_legal_key(environment, stages, generator):
    problems = stages.parse("3*7+2").repeat(500)
    made, _ = rollout(UniformRandom(), environment, problems, generator)
    names = [stages.rules.vocabulary.names[key] for key in made.key[0].tolist()]
    assert set(names) == {"0", "1", "2"}
    assert all(abs(names.count(name) / 500 - 1 / 3) < 0.1 for name in "012")
