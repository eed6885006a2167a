"""Chats in which problems are solved, from which a model learns the form of calls.

The keys of a program are pressed on the machine, and every tool that runs becomes a call. Programs
are the oracle's (where a problem comes with none, what a search finds), or uniform random legal
keys, which show the form and nothing else.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Literal

import torch

from inwit.environment import Environment
from inwit.errors import InvalidOption, UnknownName
from inwit.llm.episode import Episode
from inwit.llm.prompts import Message, opening
from inwit.llm.toolbox import ANSWER, RECALL, STORE, Toolbox, toolbox_for
from inwit.llm.values import Fault
from inwit.parts import check_count, check_seed
from inwit.policies import Policy, Scripted, UniformRandom, log_probabilities
from inwit.tasks import Problems, Task
from inwit.tokens import RECALL as RECALL_KEY
from inwit.tokens import STORE as STORE_KEY
from inwit.tools import FAULT, ObjectTable

Step = tuple[str, list[object]]
"""A function and its arguments."""
HINTS = {
    "oracle": "state an oracle with the problems, or show random ones",
    "even": "allow more presses, or show right ones",
}
"""What helps where there are too few."""


def demonstrations(
    task: str | Task | Toolbox,
    count: int,
    *,
    level: int | None = None,
    programs: Literal["oracle", "even"] = "oracle",
    seed: int = 0,
) -> list[list[Message]]:
    """Chats about training problems, each from the question to the answer.

    Args:
        task: the task.
        count: how many.
        level: of the problems; by default the easiest.
        programs: the oracle's, or uniform random legal keys. Where a problem comes with no program,
            one is searched for.
        seed: which problems.

    Raises:
        UnknownName: there are no such programs.
        InvalidOption: `count` is below 1, the seed is out of range, there is no such level, no
            right programs are known, or random keys never end in an answer.
    """
    check_count("demonstrations", count)
    check_seed(seed)
    if programs not in HINTS:
        raise UnknownName("programs", str(programs), HINTS)
    toolbox = toolbox_for(task)
    level = toolbox.task.levels[0] if level is None else level
    toolbox.task.check_level(level)
    toolbox = toolbox.at(level)
    generator = torch.Generator().manual_seed(int(seed))
    chats: list[list[Message]] = []
    for _ in range(10):
        problems = toolbox.task.sample(torch.full((count,), level), generator)
        steps = _steps(toolbox, problems, generator if programs == "even" else None)
        for row in range(count):
            problem = problems.select(torch.tensor([row]))
            try:
                chat, right = _chat(toolbox, problem, steps[row])
            except Fault:
                continue
            if right or programs == "even":
                chats.append(chat)
        if len(chats) >= count:
            return chats[:count]
    raise InvalidOption(
        f"task '{toolbox.task.name}': {len(chats)} of {10 * count} {programs} programs can be "
        f"followed to an answer: too few to show how; {HINTS[programs]}"
    )


def _steps(
    toolbox: Toolbox, problems: Problems, generator: torch.Generator | None
) -> list[list[Step]]:
    """The calls of one episode per problem; none where it ends without an answer."""
    environment = Environment(toolbox.task)
    policy: Policy = UniformRandom()
    if generator is None:
        policy = Scripted(toolbox.programs.of(problems).T)
    prompt, observation = environment.reset(problems)
    memory = policy.begin(prompt)
    steps: list[list[Step]] = [[] for _ in range(len(problems))]
    names = environment.machine.vocabulary.names
    while not bool(environment.ended.all()):
        scores, _, memory = policy.step(observation, memory)
        chances = log_probabilities(scores, observation.legal).exp()
        key = chances.argmax(1)
        if generator is not None:
            key = torch.multinomial(chances, 1, generator=generator)[:, 0]
        running = (~environment.ended).nonzero()[:, 0].tolist()
        for row in running:
            steps[row] += _moved(environment, row, names[int(key[row])])
        observation = environment.press(key)[0]
        for row in running:
            steps[row] += _called(environment, row)
    return [
        taken if bool(environment.state.answered[row]) else [] for row, taken in enumerate(steps)
    ]


def _moved(environment: Environment, row: int, key: str) -> Iterator[Step]:
    """What a press stores or recalls."""
    state, objects = environment.state, environment.task.objects
    if key == STORE_KEY:
        for value in _values(state.frame.values[row].tolist(), objects):
            yield STORE, [value]
    if key == RECALL_KEY:
        for _ in _values(state.top.values[row].tolist(), objects):
            yield RECALL, []


def _called(environment: Environment, row: int) -> Iterator[Step]:
    """The tool that the last press ran, and the answer."""
    state, objects = environment.state, environment.task.objects
    number = int(state.called[row])
    if number >= 0:
        tool = environment.task.rules.tools[number]
        given = state.arguments[row].tolist()[: tool.arity]
        yield tool.name.lower(), [_value(value, objects) for value in given]
    if bool(state.answered[row]):
        yield ANSWER, [_value(float(state.frame.accumulator[row]), objects)]


def _value(number: float, objects: ObjectTable) -> object:
    return None if number == FAULT else objects.meaning(number)


def _values(numbers: Sequence[float], objects: ObjectTable) -> list[object]:
    return [objects.meaning(value) for value in numbers if value == value]


def _chat(toolbox: Toolbox, problem: Problems, steps: list[Step]) -> tuple[list[Message], bool]:
    """The steps as messages with the real results of the calls, and whether they are right.

    Raises:
        Fault: the program ends in no answer, or a call fails.
    """
    episode = Episode(toolbox=toolbox, problem=problem, limit=len(steps) or 1)
    messages = opening(episode)
    if not steps:
        raise Fault("no answer")
    for name, given in steps:
        function = toolbox.named.get(name)
        if function is None:  # no memory functions are offered: the value is in the chat
            continue
        arguments = {
            parameter.name: episode.values.write(value, parameter.kind)
            for parameter, value in zip(function.parameters, given, strict=True)
        }
        result = episode.call(name, arguments)
        messages += [called(name, arguments), tool_message(name, result)]
    return [*messages, {"role": "assistant", "content": "done"}], episode.right


def called(name: str, arguments: dict[str, Any]) -> Message:
    """The message of a call."""
    function = {"name": name, "arguments": arguments}
    calls = [{"type": "function", "function": function}]
    return {"role": "assistant", "content": "", "tool_calls": calls}


def tool_message(name: str, result: object) -> Message:
    """The message with the result of a call."""
    return {"role": "tool", "name": name, "content": str(result)}
