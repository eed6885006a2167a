"""A task for language models: trained by TRL, or scored in the harness of the small networks.

    values              numbers, text, and names for other objects
    toolbox             what can be called, made of the task's tools
    episode             one episode: calls, faults, right or wrong
    prompts             what is told before a problem; rows for a trainer
    trainers            TRL's environment_factory, tools and reward functions
    demonstrations      chats made of programs
    tiny                a small random model with its tokenizer, to try a training on
    chats               what a model answers in, and how a call is read
    endpoint, local     models behind an HTTP endpoint, and in this process
    scoring             accuracy beside the oracle and chance, and what the model does

Nothing here needs an optional package before a model or a dataset is made: `pip install
'inwit[llm]'`.
"""

from inwit.llm.demonstrations import demonstrations
from inwit.llm.episode import Call, Episode
from inwit.llm.prompts import dataset, instructions, prompt_rows
from inwit.llm.toolbox import Toolbox
from inwit.llm.trainers import environment_factory, right_answers, tool_functions

__all__ = [
    "Call",
    "Episode",
    "Toolbox",
    "dataset",
    "demonstrations",
    "environment_factory",
    "instructions",
    "prompt_rows",
    "right_answers",
    "tool_functions",
]
