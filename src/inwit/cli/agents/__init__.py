"""A small trained agent that comes with the package, so that there is one to play with at once.

`expressions/` is the run folder of `inwit train expressions --seed 0`; `origin.json` has the hashes
of its recipe and of its weights.
"""

from pathlib import Path

SHIPPED = Path(__file__).parent / "expressions"
"""The agent's run folder."""
