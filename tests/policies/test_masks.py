"""Masks that the agent is given, learns or does without."""

from math import log

import pytest
import torch

import inwit
from inwit.environment import Environment
from inwit.errors import InvalidOption, UnknownName
from inwit.policies import GRU, Ensemble, Learned, Scripted, SelfMasked
from inwit.recipe import Recipe
from inwit.recipes import read_recipe, recipe_for
from inwit.tasks import Stages
from inwit.training.loop import Training
from inwit.training.rollout import press_probabilities, rollout
from tests.recipes import ARCHITECTURES, HELPED


def untrained(**options):
    recipe = Recipe(**({"task": Stages(once=False), "policy": GRU(width=16)} | options))
    environment = recipe.environment()
    return recipe.network(environment), environment


@pytest.fixture
def played(draw_mixed, generator):
    """A fresh network that masks itself, and episodes in which it pressed anything."""
    policy, environment = untrained(masks=Learned(weight=2.0, floor=0.01, firmness=2.0))
    problems = draw_mixed(environment.task, 24, generator)
    return policy, rollout(policy, environment, problems, generator, explore=0.4)[0]


def parted(policy, trajectory):
    """What both heads say, in ordinary numbers."""
    both, _ = policy.policy.unroll(trajectory.prompt, trajectory.observation, trajectory.starts)
    scores, meaning = both[..., : policy.keys], both[..., policy.keys :]
    return scores, torch.sigmoid(meaning)


@torch.no_grad()
def test_a_key_is_as_likely_as_its_score_times_the_belief_in_it(played):
    policy, trajectory = played
    scores, belief = parted(policy, trajectory)
    weights = scores.exp() * belief.clamp(min=0.01) ** 2
    masked, _ = policy.unroll(trajectory.prompt, trajectory.observation, trajectory.starts)
    torch.testing.assert_close(masked.softmax(-1), weights / weights.sum(-1, keepdim=True))


@torch.no_grad()
def test_a_firm_belief_is_as_good_as_a_mask_but_for_the_floor(played):
    policy, _ = played
    no = torch.arange(policy.keys) % 2 == 0
    scores = torch.randn(5, policy.keys)
    both = torch.cat([scores, torch.where(no, -50.0, 50.0).expand(5, -1)], -1)
    chances = policy._masked(both).softmax(-1)
    least = scores.exp() * torch.where(no, 0.01**2, 1.0)
    torch.testing.assert_close(chances, least / least.sum(-1, keepdim=True))


def test_the_loss_is_the_cross_entropy_of_what_presses_meant(played):
    policy, trajectory = played
    total, count = 0.0, 0
    with torch.no_grad():
        _, belief = parted(policy, trajectory)
    for t, row in trajectory.pressed.nonzero().tolist():
        chance = float(belief[t, row, trajectory.key[t, row]])
        total -= log(chance if trajectory.meant[t, row] else 1 - chance)
        count += 1
    assert policy.loss(trajectory).item() == pytest.approx(2 * total / count, rel=1e-4)
    assert trajectory.meant[trajectory.pressed].float().mean() not in (0, 1)


def test_only_its_own_loss_trains_the_second_head(played):
    policy, trajectory = played
    second = slice(policy.keys, 2 * policy.keys)
    heads = policy.policy.heads.weight

    def gradient(loss):
        policy.zero_grad()
        loss.backward()
        return heads.grad[second]

    scores, values = policy.unroll(trajectory.prompt, trajectory.observation, trajectory.starts)
    assert not gradient(scores.square().mean() + values.mean()).any()
    assert gradient(policy.loss(trajectory)).any()


def test_presses_after_the_end_teach_nothing(played):
    policy, trajectory = played
    changed = trajectory.select(torch.arange(len(trajectory.right)))
    over = ~trajectory.pressed
    assert over.any()
    changed.meant[over] = ~changed.meant[over]
    assert torch.equal(policy.loss(trajectory), policy.loss(changed))


@torch.no_grad()
def test_half_of_the_exploring_presses_go_to_keys_that_are_believed_in(played):
    policy, trajectory = played
    legal, scores = trajectory.observation.legal[0], torch.zeros(24, policy.keys)
    belief = torch.rand(24, policy.keys)
    chances = press_probabilities(scores, legal, torch.full((24,), 0.4), belief)
    for row, key in ((0, 0), (3, 7), (9, 12)):
        count, believed = int(legal[row].sum()), float(belief[row, legal[row]].sum())
        exploring = (1 / count + float(belief[row, key]) / believed) / 2
        assert float(chances[row, key]) == pytest.approx(0.6 / count + 0.4 * exploring)


@pytest.mark.slow
def test_the_second_head_learns_what_keys_mean_without_being_shown():
    """At its own states, beside the legal keys that an environment would show."""
    recipe = recipe_for("expressions").but(
        largest=1, updates=80, batch=128, masks=Learned(practice=0), **{"policy.width": 32}
    )
    training = Training(recipe)
    reports = list(training.reports())
    assert reports[-1].metrics["loss/masks"] < 0.6 * reports[0].metrics["loss/masks"]
    assert reports[-1].metrics["episodes/wasted"] < 0.6 * reports[0].metrics["episodes/wasted"]
    problems = training.task.sample(torch.ones(200, dtype=torch.long), training.generator)
    with torch.no_grad():
        seen, _ = rollout(training.policy, training.environment, problems)
        belief = parted(training.policy, seen)[1] > 0.5
        legal = rollout(Scripted(seen.key), Environment(training.task), problems)[0]
    possible = seen.observation.legal & seen.pressed[..., None]
    truth = legal.observation.legal
    assert (belief == truth)[possible].float().mean() > 0.9
    assert truth[possible].float().mean() < 0.5


@pytest.mark.parametrize("name", sorted(set(ARCHITECTURES) - {"ensemble"}))
def test_every_policy_can_have_a_second_head(name, draw_mixed, generator):
    policy, environment = untrained(policy=ARCHITECTURES[name].but(width=16), masks=Learned())
    assert isinstance(policy, SelfMasked)
    problems = draw_mixed(environment.task, 12, generator)
    trajectory, outputs = rollout(policy, environment, problems, generator)
    unrolled, _ = policy.unroll(trajectory.prompt, trajectory.observation, trajectory.starts)
    chosen = press_probabilities(unrolled, trajectory.observation.legal)
    chosen = chosen.gather(-1, trajectory.key[..., None])[..., 0].log()
    torch.testing.assert_close(outputs.log_prob, chosen, rtol=1e-4, atol=1e-5)
    policy.loss(trajectory).backward()
    assert any(part.grad is not None and part.grad.any() for part in policy.parameters())


def test_what_does_not_go_together_is_refused():
    with pytest.raises(InvalidOption, match="ensemble has no second head"):
        untrained(policy=Ensemble(width=16), masks=Learned())
    with pytest.raises(UnknownName, match=r"'learnt'.*did you mean 'learned'"):
        recipe_for("stages").but(masks="learnt")
    with pytest.raises(InvalidOption, match=r"--masks.floor 0"):
        Learned(floor=0)


def test_a_network_without_a_second_head_is_refused(draw_mixed, generator):
    plain, environment = untrained()
    policy = SelfMasked(plain, Learned(), plain.heads.out_features - 1)
    problems = draw_mixed(environment.task, 4, generator)
    with pytest.raises(InvalidOption, match=r"needs 36 scores \(PolicySpec.scores\).* gives 18"):
        rollout(policy, environment, problems)


@pytest.mark.slow
def test_a_run_is_the_same_after_it_was_interrupted(tmp_path):
    masks = Learned(practice=1)
    options = {"masks": masks, "updates": 6, "batch": 32, "policy.width": 16, "search": 1}
    whole = inwit.train(HELPED, out=tmp_path / "whole", **options)

    def stop(report):
        if report.update == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        inwit.train(HELPED, out=tmp_path / "cut", report=stop, **options)
    resumed = inwit.resume(tmp_path / "cut")
    loaded = inwit.load(tmp_path / "cut")
    assert loaded.recipe.masks == masks
    for name, weights in whole.policy.state_dict().items():
        assert torch.equal(weights, resumed.policy.state_dict()[name]), name
        assert torch.equal(weights, loaded.policy.state_dict()[name]), name


@pytest.mark.parametrize(("stored", "name"), [(True, "given"), (False, "none")])
def test_masks_of_earlier_run_folders_are_read(stored, name):
    plain = recipe_for("stages").dump() | {"masks": stored}
    assert read_recipe(plain).masks.name == name
