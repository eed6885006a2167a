"""The calculator: what each key may do (`rules`, `tables`) and what a press does (`machine`)."""

from inwit.machine.machine import Machine, State

__all__ = ["Machine", "State"]
