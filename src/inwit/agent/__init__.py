"""From Python: train, resume or load an agent, and what an agent does."""

from inwit.agent.agent import HELD_OUT_SEED, Agent, load_agent
from inwit.agent.starting import load, resume, train

__all__ = ["HELD_OUT_SEED", "Agent", "load", "load_agent", "resume", "train"]
