"""The contracts of a policy's weights: seeded, saved, and all of them learn."""

import torch
from torch import Tensor

from inwit.environment import Environment
from inwit.errors import InvalidOption
from inwit.policies import Architecture, Policy, log_probabilities
from inwit.recipe import Recipe
from inwit.tasks import Stages, by_turns
from inwit.testing.base import equal, hold
from inwit.testing.comparing import alike, whole
from inwit.training.rollout import rollout
from inwit.trajectory import Trajectory

EPISODES = 12
"""Episodes played."""
WAYS = ("steps", "unroll", "unroll_from", "unroll_window")
"""How outputs come about, from the first press on."""


def check_seed_of_weights(
    made: Architecture, recipe: Recipe, environment: Environment, network: Policy
) -> None:
    """A second network of the same seed has the same weights."""
    contract = "the same seed builds the same network"
    one, other = _held(network), _held(recipe.network(environment))
    hold(one.keys() == other.keys(), made, contract, "the second one has other tensors")
    for name, tensor in one.items():
        hold(equal(tensor, other[name]), made, contract, f"the second one has another {name}")


def check_saved(
    made: Architecture,
    recipe: Recipe,
    environment: Environment,
    network: Policy,
    episodes: Trajectory,
) -> None:
    """What was played by a network is played by another one with its `state_dict`."""
    contract = "state_dict holds the whole network"
    copy = recipe.but(seed=recipe.seed ^ 1).network(environment)
    try:
        copy.load_state_dict(network.state_dict())
    except RuntimeError as error:
        hold(False, made, contract, " ".join(str(error).split()))
    where = "in a network of another seed that has loaded it"
    alike(whole(copy, episodes), whole(network, episodes), made, contract, where)


def check_learning(
    made: Architecture, recipe: Recipe, network: Policy, episodes: Trajectory
) -> None:
    """One backward pass through each way to the outputs reaches every parameter."""
    contract = "every parameter learns"
    kept = {name for name, each in network.named_parameters() if each.requires_grad}
    hold(bool(kept), made, contract, "there is none that requires a gradient")
    for way in WAYS:
        still = kept - _learning(made, network, episodes, way)
        if still and not episodes.prompt.symbols.shape[1]:
            still -= _reading(made, recipe)
        shown = f"the gradient of {', '.join(sorted(still)[:5])} is zero by {way}"
        hold(not still, made, contract, shown)


def _learning(made: Architecture, network: Policy, episodes: Trajectory, way: str) -> set[str]:
    """The parameters that a backward pass reaches."""
    network.zero_grad()
    with torch.enable_grad():
        scores, values = _outputs(network, episodes, way)
        for part, told in ((scores, "scores"), (values, "values")):
            hold(part.requires_grad, made, "outputs have a gradient", f"{told} have none by {way}")
        likely = log_probabilities(scores, episodes.observation.legal)
        generator = torch.Generator().manual_seed(0)
        weight = torch.rand(likely.shape, generator=generator)
        ((weight * likely).mean() + values.square().mean()).backward()
    found = {
        name
        for name, each in network.named_parameters()
        if each.grad is not None and bool(each.grad.any())
    }
    network.zero_grad()
    return found


def _outputs(network: Policy, episodes: Trajectory, way: str) -> tuple[Tensor, Tensor]:
    prompt, observation, starts = episodes.prompt, episodes.observation, episodes.starts
    if way == "unroll":
        return network.unroll(prompt, observation, starts)
    memory = network.begin(prompt)
    if way != "steps":
        unroll = network.unroll_from if way == "unroll_from" else network.unroll_window
        return unroll(memory, prompt, observation, starts)
    made = []
    for t in range(len(episodes.key)):
        scores, values, memory = network.step(observation.at(t), memory)
        made.append((scores, values))
    scores, values = (torch.stack(parts) for parts in zip(*made, strict=True))
    return scores, values


def _reading(made: Architecture, recipe: Recipe) -> set[str]:
    """The parameters that learn where there is a prompt to be read: at the stages."""
    task = Stages()
    environment = Environment(task)
    try:
        network = Recipe(task=task, policy=made, seed=recipe.seed).network(environment)
    except InvalidOption:
        return set()
    generator = torch.Generator().manual_seed(recipe.seed)
    problems = task.sample(by_turns(task.levels, EPISODES), generator)
    episodes, _ = rollout(network, environment, problems, generator)
    return _learning(made, network, episodes, "unroll")


def _held(network: Policy) -> dict[str, Tensor]:
    """Parameters and buffers by name."""
    return dict(network.named_parameters()) | dict(network.named_buffers())
