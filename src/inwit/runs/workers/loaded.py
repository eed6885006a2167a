"""What every process of the workers needs, loaded once by the process that they are forked from."""

import torch._dynamo  # the optimiser loads it at its first use, which takes seconds

from inwit.runs.workers import working

__all__ = ["torch", "working"]
