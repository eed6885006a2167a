"""What every process of the fleet needs, loaded once by the process that they are forked from."""

import torch._dynamo  # the optimiser loads it at its first use, which takes seconds

from inwit.runs.fleet import working

__all__ = ["torch", "working"]
