"""A recipe -> its parts: the task, the environment, the network, the curriculum, the learner."""

from collections.abc import Callable

import torch

from inwit.curriculum import Curriculum, Fixed, Gated, Uniform
from inwit.devices import check_device
from inwit.environment import Environment
from inwit.errors import UnknownName
from inwit.learners import POLICY_GRADIENTS, Learner
from inwit.policies import POLICIES, Policy, Senses
from inwit.recipe import Recipe
from inwit.tasks import TASKS, Borrowed, Task, is_borrowed


def make_task(recipe: Recipe) -> Task:
    """The task of a recipe."""
    if is_borrowed(recipe.task):
        return Borrowed.from_recipe(recipe)
    if recipe.task not in TASKS:
        raise UnknownName("task", recipe.task, TASKS)
    return TASKS[recipe.task].from_recipe(recipe)


def make_environment(recipe: Recipe, task: Task) -> Environment:
    """The environment of a recipe, on its device."""
    check_device(recipe.device)
    return Environment(
        task,
        device=recipe.device,
        masks=recipe.masks,
        shaping=recipe.shaping,
        fault_cost=recipe.fault_cost,
    )


def make_policy(recipe: Recipe, environment: Environment) -> Policy:
    """A fresh network, to be asked; its weights depend on the recipe's seed alone."""
    task = environment.task
    senses = Senses(
        keys=len(environment.machine.vocabulary),
        symbols=0 if task.rules.stream else len(task.symbols),
        operands=task.rules.operands,
        operand_symbols=tuple(map(task.symbols.index, task.operand_symbols)),
        levels=len(task.levels) if task.shows_level else 1,
        percepts=environment.percept_sizes,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed)
        return POLICIES[recipe.policy](senses, recipe.width).to(environment.device).eval()


def make_curriculum(recipe: Recipe, task: Task) -> Curriculum:
    """The curriculum of a recipe."""
    if recipe.curriculum == "gated":
        return Gated(task.levels, gate=recipe.gate)
    if recipe.curriculum == "uniform":
        return Uniform(task.levels)
    return Fixed(task.schedule, recipe.updates)


def make_learner(recipe: Recipe) -> Learner | None:
    """The policy gradient of a recipe; None if replay is to do alone."""
    if recipe.learner == "replay":
        return None
    learner: Callable[..., Learner] = POLICY_GRADIENTS[recipe.learner]
    return learner(entropy_weight=recipe.entropy)
