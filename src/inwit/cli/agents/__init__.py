"""A small trained agent, shipped with the package so that every command works at once.

`expressions/` is the run folder of `inwit train expressions --seed 0`; `origin.json` has the hashes
of its recipe and its weights.
"""

from pathlib import Path

SHIPPED = Path(__file__).parent / "expressions"
"""The agent's run folder."""
