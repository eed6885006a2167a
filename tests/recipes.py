"""Small recipes for tests, and every architecture in each form that a recipe of ours uses."""

from inwit.policies import GRU, Aggregated, Ensemble, FeedForward, Memoryless, Pointer, Transformer
from inwit.recipe import Recipe
from inwit.recipes import recipe_for

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


def recipe_of(task: str = "stages", policy: str = "", width: int = 8, **changes: object) -> Recipe:
    """The recipe of a task with a small network, and other changes."""
    recipe = recipe_for(task)
    architecture = ARCHITECTURES[policy] if policy else recipe.policy
    return recipe.but(policy=architecture.but(width=width), **changes)
