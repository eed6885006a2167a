"""What can be learnt of an environment in a stated budget: the last lines of its audit.

A policy with a gated recurrent unit and one without memory are trained for as many actions, then
all play the same fresh episodes with drawn actions. A low line says nothing of a larger budget.
"""

from collections.abc import Iterator
from contextlib import closing

from inwit.auditing.base import Finding, Verdict
from inwit.errors import InvalidOption
from inwit.games.base import World
from inwit.games.certificate import best_constant, trained
from inwit.games.game import SeededGame
from inwit.games.recipe import GameRecipe, game_recipe_for
from inwit.games.scores import ReturnScore, fresh_seeds, play_episodes, side_by_side
from inwit.policies import GRU, Memoryless, Policy, UniformRandom

EPISODES = 100
"""Fresh episodes that are compared."""
RECURRENT, MEMORYLESS = "a gated recurrent unit", "a policy without memory"


def learnability(world: World, *, actions: int, seed: int = 0) -> list[Finding]:
    """Train both policies, and compare what they earn.

    Args:
        world: the environment; it is opened in this process, as training does.
        actions: of each in training, rounded up to whole updates of the default recipe.
        seed: fixes training and episodes.

    Raises:
        InvalidOption: the environment cannot be trained on, or the budget is below one update.
    """
    recipe = recipe_of(world, actions=actions, seed=seed)
    with closing(world.open(side_by_side(EPISODES, recipe.batch))) as copies:
        game = SeededGame(copies, seed)
        recurrent, memoryless = (
            _play(trained(recipe.but(policy=policy), f"training {name}"), game, seed)
            for policy, name in ((GRU(), RECURRENT), (Memoryless(), MEMORYLESS))
        )
        random = _play(UniformRandom(), game, seed)
        constant = best_constant(game.spec, lambda policy: _play(policy, game, seed), recurrent)
    taken = recipe.updates * recipe.batch * recipe.window
    return list(_findings(recurrent, memoryless, random, constant, taken))


def recipe_of(world: World, *, actions: int, seed: int) -> GameRecipe:
    """The recipe of both trainings.

    Raises:
        InvalidOption: the environment cannot be trained on, or the budget is below one update.
    """
    found = game_recipe_for(world)
    assert found is not None  # it is a world
    recipe = found.but(seed=seed)
    window = recipe.batch * recipe.window
    if actions < window:
        raise InvalidOption(f"--learn {actions}: one update takes {window:,} actions, give more")
    world.look()
    return recipe.but(updates=-(-actions // window))


def _play(policy: Policy, game: SeededGame, seed: int) -> ReturnScore:
    """Play episodes of another seed than that of training."""
    return play_episodes(policy, game, fresh_seeds(seed + 1, EPISODES), dice=seed + 1)


def _findings(
    recurrent: ReturnScore,
    memoryless: ReturnScore,
    random: ReturnScore,
    constant: ReturnScore,
    taken: int,
) -> Iterator[Finding]:
    """What each reaches beside random play; then one beside the other."""
    beside = f"random play {random.mean:.3f}"
    for name, score, what in (
        ("learn/recurrent", recurrent, RECURRENT),
        ("learn/memoryless", memoryless, MEMORYLESS),
    ):
        low, high = score.less(random)
        learns = low > 0
        rest = "" if learns else ": nothing is learnt in this budget"
        text = f"after {taken:,} actions {what} earns {_shown(score)}, {beside}{rest}"
        verdict = Verdict.PASS if learns or name == "learn/memoryless" else Verdict.WARN
        yield _finding(name, verdict, text, score, random)
    low, high = recurrent.less(memoryless)
    says = "memory earns nothing that this budget shows"
    if low > 0:
        says = "memory earns more in this budget"
        if recurrent.less(constant)[0] <= 0:
            says += ", but one action all the time earns as much"
    elif high < 0:
        says = "the policy without memory learns faster"
    mean = recurrent.mean - memoryless.mean
    text = f"{says}: with memory {mean:+.3f} ({low:.3f} to {high:.3f})"
    yield _finding("learn/memory", Verdict.PASS, text, recurrent, memoryless)


def _finding(
    name: str, verdict: Verdict, text: str, one: ReturnScore, other: ReturnScore
) -> Finding:
    """A line; its figure is the share of episodes in which one earns more than the other."""
    pairs = list(zip(one.returns, other.returns, strict=True))
    more = sum(first > second for first, second in pairs)
    message = f"{text}; the figure: episodes in which it earns more"
    return Finding(id=name, verdict=verdict, message=message, hits=more, count=len(pairs))


def _shown(score: ReturnScore) -> str:
    low, high = score.interval
    return f"{score.mean:.3f} ({low:.3f} to {high:.3f})"
