"""A search for good options of a recipe, by trials that are runs, as a TOML file says.

plan: the file -> a Plan       study: trials by Optuna, on several worker processes
rows: their results            optuna-dashboard draws them
"""

from inwit.runs.sweeps.plan import Plan, read_plan
from inwit.runs.sweeps.rows import Row, table
from inwit.runs.sweeps.spaces import Choices, Range, WholeRange
from inwit.runs.sweeps.study import sweep

__all__ = ["Choices", "Plan", "Range", "Row", "WholeRange", "read_plan", "sweep", "table"]
