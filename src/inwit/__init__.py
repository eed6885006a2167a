"""inwit: one small network that plans, remembers and uses tools, learnt from right-or-wrong alone.

The flow, and the modules in its order:

    tokens, trajectory, errors, recipe   the language that the stages share
    answers                              what a text says that the answer is
    files                                how they are kept, whole or not at all
    parallel                             the processes of one run
    tools -> rules -> control            what can be called, and what each key means
    machine -> tasks                     what a press does, what is asked
    environment | policies               the game, and who presses
    learners -> summary -> rollout       what is learnt from attempts, what is told, attempts
    search | compiled                    found before any training; an update as one program
    curriculum | checkpoint | health     which level next, what is kept, what is going wrong
    assembly                             a recipe -> its parts
    training                             the loop that joins the above
    evaluation | tracing                 how well it does, and how
    audit                                is the task worth training on? asked before any training
    probes                               what the network knows: lesions, causal tests, certificate
    agent -> interfaces                  from Python, and from the command line
"""

from inwit.agent import Agent, load, resume, train
from inwit.errors import InwitError
from inwit.tasks import Problem, Problems, Task, task
from inwit.tools import Tool, tool

__all__ = [
    "Agent",
    "InwitError",
    "Problem",
    "Problems",
    "Task",
    "Tool",
    "load",
    "resume",
    "task",
    "tool",
    "train",
]
