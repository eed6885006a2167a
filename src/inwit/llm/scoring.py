"""A language model in the harness of the small networks: the same problems, the same tables.

Every problem of a level is attempted at once, turn by turn. A message without a call ends an
episode: what it says is the answer, in words.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from inwit.answers import Outcome
from inwit.environment import Environment
from inwit.errors import InvalidOption
from inwit.evaluation.scores import LevelScore, Score, score_levels
from inwit.llm.chats import ChatModel, Reply
from inwit.llm.demonstrations import told
from inwit.llm.endpoint import Endpoint
from inwit.llm.episode import Call, Episode
from inwit.llm.local import load_local
from inwit.llm.prompts import Message, opening
from inwit.llm.toolbox import Toolbox
from inwit.llm.values import Fault
from inwit.recipe import check_seed
from inwit.tasks import Problems

PREFIX = "llm:"


@dataclass(frozen=True, kw_only=True)
class Transcript:
    """One episode of a language model."""

    problem: str
    """The problem as it was told."""
    calls: tuple[Call, ...]
    """What was called."""
    answer: object
    """What was answered, as the model wrote it; None if nothing was."""
    exact: object
    """The right answer."""
    outcome: Outcome | None
    """Whether the answer is right, wrong or unread; None if nothing was answered."""
    in_words: bool
    """The answer is in the last message, and was not given by a call."""
    replies: int
    """Messages of the model."""
    last: str
    """What the model said last."""

    @property
    def right(self) -> bool:
        """Whether the answer is right."""
        return self.outcome is Outcome.RIGHT


@dataclass(frozen=True, kw_only=True)
class Conduct:
    """What a model did at one level, besides being right or wrong: counts over its episodes."""

    level: int
    """The level."""
    episodes: int
    """Problems."""
    answered: int
    """Episodes with an answer."""
    in_words: int
    """Those whose answer stood in the last message."""
    unread: int
    """Episodes that end in something that cannot be read as an answer for sure."""
    calls: int
    """Calls, the answer and those that failed among them."""
    faults: int
    """Calls that failed or could not be read."""
    without_tools: int
    """Episodes in which no tool of the task was called."""
    replies: int
    """Messages of the model."""


def chat_model(agent: str, *, device: str = "cpu") -> ChatModel:
    """The model that `llm:SPEC` names.

    Args:
        agent: `llm:FOLDER`, `llm:FILE.gguf` or `llm:https://host/v1#model`.
        device: where a local one is held.

    Raises:
        InvalidOption: it names none.
    """
    place = agent.removeprefix(PREFIX)
    if not agent.startswith(PREFIX) or not place:
        raise InvalidOption(
            f"--agent {agent}: llm:FOLDER, llm:FILE.gguf or llm:https://host/v1#model is due"
        )
    return Endpoint(place) if "://" in place else load_local(place, device=device)


def episodes(
    model: ChatModel,
    toolbox: Toolbox,
    problems: Problems,
    report: Callable[[str], None] | None = None,
) -> list[Transcript]:
    """One episode at every problem.

    Args:
        model: who answers.
        toolbox: what can be called, at the level of the problems.
        problems: of one level.
        report: told before every turn how far it is.
    """
    rows = [problems.select(torch.tensor([row])) for row in range(len(problems))]
    tried = [Episode(toolbox=toolbox, problem=row) for row in rows]
    chats = [opening(episode) for episode in tried]
    replies: list[list[Reply]] = [[] for _ in tried]
    running = list(range(len(tried)))
    while running:
        if report is not None:
            turn = 1 + max(map(len, replies))
            report(f"level {int(problems.level[0])}, message {turn}: {len(running)} episodes go on")
        said = model.reply([chats[place] for place in running], toolbox.schemas)
        for place, reply in zip(running, said, strict=True):
            replies[place].append(reply)
            chats[place] += [reply.message, *_results(tried[place], reply)]
        running = [
            place for place in running if replies[place][-1].calls and not tried[place].ended
        ]
    return [_transcript(*each) for each in zip(tried, replies, strict=True)]


def _results(episode: Episode, reply: Reply) -> list[Message]:
    """Make the calls of a reply; one message for each."""
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
        message = told(call.name, result)
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
    """Score a model on the held-out problems that a trained network is asked with this seed.

    Args:
        model: who answers.
        toolbox: what can be called.
        count: how many problems of each level.
        seed: which problems.
        levels: the levels; those of the task if none are given.
        report: told how far it is.

    Returns:
        The scores beside the oracle and chance, what the model did, and all its episodes.

    Raises:
        InvalidOption: there is no such level, the seed is out of range, or an endpoint fails.
    """
    check_seed(seed)
    levels = toolbox.task.levels if levels is None else levels
    for level in levels:
        toolbox.task.check_level(level)
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
