"""Small recipes for tests, and every architecture in each form that a recipe of ours uses."""

from inwit.policies import GRU, Aggregated, Ensemble, FeedForward, Memoryless, Pointer, Transformer
from inwit.recipe import Recipe
from inwit.recipes import recipe_for
from inwit.tasks import Stages

ARCHITECTURES = {
    "gru": GRU(),
    "gru-recurrent": GRU(reader="recurrent"),
    "gru-attentive": GRU(reader="attentive"),
    "pointer": Pointer(),
    "pointer-attentive": Pointer(reader="attentive"),
    "pointer-text": Pointer(reader="text", reluctance=0.0, dropout=0.5),
    "ensemble": Ensemble(),
    "memoryless": Memoryless(),
    "feedforward": FeedForward(),
    "aggregated": Aggregated(),
    "transformer": Transformer(),
}
"""By a name of the tests' own."""

HELPED = Recipe(task=Stages(once=True))
"""The stages with the legal keys given and each operand used once: no search, no practice."""
PLAIN = ("--masks", "given", "--search", "0")
"""Options with which the command line neither practises nor searches before it trains stages."""
TWIN = """
@inwit.register
@dataclass(frozen=True, kw_only=True)
class Twin(Memoryless):
    name = "twin"
"""
"""A policy of one's own, as a file or a module registers it."""


def recipe_of(task: str = "stages", policy: str = "", width: int = 8, **changes: object) -> Recipe:
    """The recipe of a task with a small network, and other changes."""
    recipe = HELPED if task == "stages" else recipe_for(task)
    architecture = ARCHITECTURES[policy] if policy else recipe.policy
    return recipe.but(policy=architecture.but(width=width), **changes)
