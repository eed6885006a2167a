"""Scores a language model as the small networks are scored: same problems, same tables.

Several problems are attempted at once, turn by turn. A message without a call ends an episode: it
is the answer, in words.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from inwit.answers import Outcome
from inwit.environment import Environment
from inwit.errors import InvalidOption
from inwit.evaluation.scores import LevelScore, Score, score_levels
from inwit.llm.chats import ChatModel, Reply
from inwit.llm.demonstrations import tool_message
from inwit.llm.endpoint import Endpoint
from inwit.llm.episode import Call, Episode
from inwit.llm.local import TOKENS, load_local
from inwit.llm.prompts import Message, opening
from inwit.llm.toolbox import Toolbox
from inwit.llm.values import Fault
from inwit.parts import check_count, check_seed
from inwit.tasks import Problems

PREFIX = "llm:"


@dataclass(frozen=True, kw_only=True)
class Transcript:
    """One episode of a language model."""

    problem: str
    """The question."""
    calls: tuple[Call, ...]
    """The calls."""
    answer: object
    """The answer, as the model wrote it; None if there is none."""
    exact: object
    """The right answer."""
    outcome: Outcome | None
    """Right, wrong or unread; None if there is no answer."""
    in_words: bool
    """The answer is in the last message, not in a call."""
    replies: int
    """Messages of the model."""
    last: str
    """The last message of the model."""
    cut: int
    """Messages that ended at the limit of tokens."""

    @property
    def right(self) -> bool:
        """The answer is right."""
        return self.outcome is Outcome.RIGHT


@dataclass(frozen=True, kw_only=True)
class Conduct:
    """Counts over the episodes of a model at one level."""

    level: int
    """The level."""
    episodes: int
    """Problems."""
    answered: int
    """Episodes with an answer."""
    in_words: int
    """Those with the answer in the last message."""
    unread: int
    """Episodes whose answer cannot be read unambiguously."""
    calls: int
    """Calls, including failed ones and the answer."""
    faults: int
    """Calls that failed or could not be parsed."""
    without_tools: int
    """Episodes without a call of a tool of the task."""
    replies: int
    """Messages of the model."""
    cut: int
    """Those that ended at the limit of tokens."""


def chat_model(agent: str, *, device: str = "cpu", tokens: int | None = None) -> ChatModel:
    """The model that `llm:SPEC` names.

    Args:
        agent: `llm:FOLDER`, `llm:FILE.gguf` or `llm:https://host/v1#model`.
        device: of a local model.
        tokens: maximum tokens of a reply; by default 192 here, and 1,024 behind an endpoint.

    Raises:
        InvalidOption: it names none, or the number of tokens is below 1.
    """
    if tokens is not None and tokens < 1:
        raise InvalidOption(f"--tokens {tokens}: it must be at least 1")
    place = agent.removeprefix(PREFIX)
    if not agent.startswith(PREFIX) or not place:
        raise InvalidOption(
            f"--agent {agent}: give llm:FOLDER, llm:FILE.gguf or llm:https://host/v1#model"
        )
    if "://" not in place:
        return load_local(place, device=device, tokens=tokens or TOKENS)
    if device != "cpu":
        raise InvalidOption(
            f"--device {device} is for models in this process; {agent} is elsewhere"
        )
    return Endpoint(place) if tokens is None else Endpoint(place, tokens=tokens)


def episodes(
    model: ChatModel,
    toolbox: Toolbox,
    problems: Problems,
    report: Callable[[str], None] | None = None,
) -> list[Transcript]:
    """One episode at every problem.

    Args:
        model: the model.
        toolbox: the functions at the level of the problems.
        problems: of one level.
        report: called before every turn with the progress.
    """
    rows = [problems.select(torch.tensor([row])) for row in range(len(problems))]
    tried = [Episode(toolbox=toolbox, problem=row) for row in rows]
    size = model.at_once or len(tried)
    made: list[Transcript] = []
    for first in range(0, len(tried), size):
        group = tried[first : first + size]
        shown = f"level {int(problems.level[0])}, episodes {first + 1} to {first + len(group)}"
        made += _played(model, toolbox, group, f"{shown} of {len(tried)}", report)
    return made


def _played(
    model: ChatModel,
    toolbox: Toolbox,
    tried: Sequence[Episode],
    shown: str,
    report: Callable[[str], None] | None,
) -> list[Transcript]:
    """Play episodes to their end, turn by turn together."""
    chats = [opening(episode) for episode in tried]
    replies: list[list[Reply]] = [[] for _ in tried]
    running = list(range(len(tried)))
    while running:
        if report is not None:
            report(f"{shown}, message {1 + max(map(len, replies))}: {len(running)} are open")
        said = model.reply([chats[place] for place in running], toolbox.schemas)
        for place, reply in zip(running, said, strict=True):
            replies[place].append(reply)
            chats[place] += [reply.message, *_results(tried[place], reply)]
        running = [
            place for place in running if replies[place][-1].calls and not tried[place].ended
        ]
    return [_transcript(*each) for each in zip(tried, replies, strict=True)]


def _results(episode: Episode, reply: Reply) -> list[Message]:
    """Make the calls of a reply; returns one message for each."""
    if not reply.calls:
        episode.say(reply.text)
    results = []
    for call in reply.calls:
        try:
            if call.mistake:
                episode.refuse(call.name, {"": call.text} if call.text else {}, call.mistake)
                raise Fault(call.mistake)
            result: object = episode.call(call.name, call.arguments)
        except Fault as fault:
            result = f"error: {fault}"
        message = tool_message(call.name, result)
        results.append(message | {"tool_call_id": call.identity} if call.identity else message)
    return results


def _transcript(episode: Episode, replies: Sequence[Reply]) -> Transcript:
    return Transcript(
        problem=episode.question,
        calls=tuple(episode.calls),
        answer=episode.answer,
        exact=episode.toolbox.task.objects.meaning(float(episode.problem.answer[0])),
        outcome=episode.outcome,
        in_words=episode.answer is not None and not replies[-1].calls,
        replies=len(replies),
        last=replies[-1].text,
        cut=sum(reply.cut for reply in replies),
    )


def conduct(level: int, transcripts: Sequence[Transcript], toolbox: Toolbox) -> Conduct:
    """Count what a model did."""
    tools = {function.name for function in toolbox.functions if function.tool is not None}
    calls = [call for each in transcripts for call in each.calls]
    return Conduct(
        level=level,
        episodes=len(transcripts),
        answered=sum(each.answer is not None for each in transcripts),
        in_words=sum(each.in_words for each in transcripts),
        unread=sum(each.outcome is Outcome.UNREAD for each in transcripts),
        calls=len(calls),
        faults=sum(bool(call.fault) for call in calls),
        without_tools=sum(not {call.name for call in each.calls} & tools for each in transcripts),
        replies=sum(each.replies for each in transcripts),
        cut=sum(each.cut for each in transcripts),
    )


def evaluate_model(
    model: ChatModel,
    toolbox: Toolbox,
    *,
    count: int,
    seed: int,
    levels: Sequence[int] | None = None,
    report: Callable[[str], None] | None = None,
) -> tuple[list[LevelScore], list[Conduct], list[Transcript]]:
    """Score a model on the same held-out problems as a trained network with this seed.

    Args:
        model: the model.
        toolbox: the functions that it may call.
        count: problems of each level.
        seed: which problems.
        levels: the levels; by default those of the task.
        report: called with the progress.

    Returns:
        The scores beside the oracle and chance, counts, and all episodes.

    Raises:
        InvalidOption: `count` is below 1, there is no such level, the seed is out of range, or an
            endpoint fails.
    """
    check_count("problems", count)
    check_seed(seed)
    levels = toolbox.task.chosen_levels(levels)
    done: list[Transcript] = []
    counts: list[Conduct] = []

    def scored(environment: Environment, problems: Problems) -> Score:
        level = int(problems.level[0])
        at = toolbox.at(level)
        made = episodes(model, at, problems, report)
        done.extend(made)
        counts.append(conduct(level, made, at))
        return Score(right=sum(each.right for each in made), count=len(made))

    environment = Environment(toolbox.task)
    scores = score_levels(scored, environment, levels, count=count, seed=seed)
    return scores, counts, done
