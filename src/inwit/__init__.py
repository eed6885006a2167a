"""inwit: one small network that plans, remembers and uses tools, learnt from one reward.

The flow, and the modules in its order:

    errors, answers                      mistakes of users, answers
    texts, records, progress             files of others, tensors, how far it is
    parts, tokens, trajectory            the language that the stages share
    files, devices, provenance, extras   files of ours; where and with what
    tabular                              results as tables
    tools -> machine                     what can be called, what a press does, what is legal
    tasks                                what is asked
    environment | policies               the game, and who presses
    learners                             losses
    curriculum                           which level next
    recipe -> recipes                    the typed parts of a run, and named runs
    training                             episodes, the loop, the run folder
    evaluation                           how well it does, and how
    auditing                             is the task worth training on? asked before any training
    probes | testing                    what the network knows; contracts
    games                               anybody's environment
    reports | interruption               audits and certificates on a page; Ctrl-C
    agent                                from Python
    runs | bench | tracking              many runs, how fast one is, who follows it
    playground | exports                 in a browser, in other programs
    gymnasium | llm                      for other learners, for language models
    cli                                  the command line, for all of the above
"""

from typing import TYPE_CHECKING

from inwit.extras import at_first_use

if TYPE_CHECKING:
    from inwit.agent import Agent, load, resume, train
    from inwit.auditing import audit
    from inwit.errors import InwitError
    from inwit.parts import register
    from inwit.recipe import Recipe
    from inwit.runs.comparison import compare
    from inwit.tasks import Problem, Problems, Task, see_number, task
    from inwit.tools import Tool, tool

_MODULES = {
    "Agent": "agent",
    "InwitError": "errors",
    "Problem": "tasks",
    "Problems": "tasks",
    "Recipe": "recipe",
    "Task": "tasks",
    "Tool": "tools",
    "audit": "auditing",
    "compare": "runs.comparison",
    "load": "agent",
    "register": "parts",
    "resume": "agent",
    "see_number": "tasks",
    "task": "tasks",
    "tool": "tools",
    "train": "agent",
}
"""The public names and their modules, which are imported when a name is first used."""

__all__ = [
    "Agent",
    "InwitError",
    "Problem",
    "Problems",
    "Recipe",
    "Task",
    "Tool",
    "audit",
    "compare",
    "load",
    "register",
    "resume",
    "see_number",
    "task",
    "tool",
    "train",
]


__getattr__ = at_first_use(__name__, _MODULES)


def __dir__() -> list[str]:
    return list(__all__)
