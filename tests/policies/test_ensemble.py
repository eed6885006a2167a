import pytest
import torch

from inwit.environment import Environment
from inwit.policies import GRU, EnsemblePolicy, PolicySpec, log_probabilities
from inwit.policies.encoders import Recurrent, Text
from inwit.tasks import Stages
from inwit.training.rollout import evaluate, rollout
from inwit.trajectory import Prompt

SPEC = PolicySpec(keys=18, symbols=20, levels=3, operands=10)


@pytest.fixture
def environment():
    return Environment(Stages(once=True))


@pytest.fixture
def ensemble():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return EnsemblePolicy(GRU(width=8).build(SPEC) for _ in range(3)).eval()


@pytest.fixture
def played(environment, ensemble, generator, draw_mixed):
    problems = draw_mixed(environment.task, 12, generator)
    return rollout(ensemble, environment, problems, generator)[0]


@torch.no_grad()
def test_the_mean_of_the_members_decides(ensemble, played):
    scores, values = ensemble.unroll(played.prompt, played.observation, played.starts)
    legal = played.observation.legal
    own = [
        each.unroll(played.prompt, played.observation, played.starts) for each in ensemble.members
    ]
    expected = sum(log_probabilities(score, legal) for score, _ in own) / 3
    torch.testing.assert_close(scores[legal], expected[legal])
    torch.testing.assert_close(values, sum(value for _, value in own) / 3)
    assert not torch.allclose(own[0][0], own[1][0])


def test_an_update_trains_one_member(ensemble, played):
    trained = set()
    with torch.random.fork_rng(devices=[]):
        for seed in range(12):
            torch.manual_seed(seed)
            ensemble.zero_grad()
            (-evaluate(ensemble.train(), played).log_prob.mean()).backward()
            moved = [
                any(part.grad is not None and part.grad.any() for part in member.parameters())
                for member in ensemble.members
            ]
            assert sum(moved) == 1
            trained.add(moved.index(True))
    assert trained == {0, 1, 2}


@pytest.fixture
def pair():
    """A reader of text, and the reader that it is when nothing is left out."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        text, plain = Text(SPEC, 8), Recurrent(SPEC, 8)
    renamed = {}
    for name, part in text.state_dict().items():
        way = "back" if name.endswith("_reverse") else "forth"
        renamed[name.replace("passes", way).removesuffix("_reverse")] = part
    plain.load_state_dict(renamed)
    return text, plain


PROMPT = Prompt(
    symbols=torch.tensor([[3, 7, 2, -1], [4, 7, 2, 9], [3, 7, 2, -1], [3, 7, 2, -1]]),
    level=torch.zeros(4, dtype=torch.long),
)


@torch.no_grad()
def test_asked_a_reader_of_text_leaves_nothing_out(pair):
    text, plain = pair
    (vectors, state), (expected, same) = text.eval()(PROMPT), plain(PROMPT)
    readable = PROMPT.symbols >= 0
    torch.testing.assert_close(vectors[readable], expected[readable])
    torch.testing.assert_close(state, same)


@torch.no_grad()
def test_in_training_episodes_at_one_text_share_what_is_left_out(pair):
    text, plain = pair
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        vectors, whole = text.train()(PROMPT)
        again, _ = text(PROMPT)
    assert torch.equal(vectors[0], vectors[2])
    assert torch.equal(whole[0], whole[3])
    assert not torch.allclose(vectors, again)
    assert not torch.allclose(whole, plain(PROMPT)[1])
    left_out = (vectors == 0).float()[PROMPT.symbols >= 0].mean()
    assert 0.2 < left_out < 0.8
