"""Tasks for language models: train one with TRL, or score one like the small networks.

    values              numbers, texts, and names for other objects
    toolbox             the functions of a task, made from its tools
    episode             one episode: calls, faults, right or wrong
    prompts             system prompts; rows for a trainer
    trainers            TRL's environment_factory, tools and reward functions
    known_programs      a right program for each problem, searched for where it comes with none
    demonstrations      chats made from programs
    tiny                a small random model with its tokenizer, for trying out training
    continued           generation that reads only what is new of a chat
    chats               chat models: what they are asked, and what they reply
    written_calls       calls that a model wrote as text
    protocol            the chat-completions protocol
    endpoint, local     models behind an HTTP endpoint and in this process
    scoring             accuracy beside the oracle and chance; counts of calls

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
