"""`--agent llm:SPEC` of `inwit evaluate` and `inwit trace`: a language model in the same tables."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from inwit.cli.commands.arguments import write
from inwit.cli.console import print_scores
from inwit.cli.terminal import terminal
from inwit.errors import InvalidOption
from inwit.games.recipe import game_recipe_for
from inwit.llm.scoring import Conduct, Transcript, chat_model, evaluate_model
from inwit.llm.toolbox import Toolbox
from inwit.provenance import made_with
from inwit.reports.columns import print_columns
from inwit.texts import to_json
from inwit.tools import show


def evaluate_agent(
    agent: str,
    task: str,
    *,
    count: int,
    levels: Sequence[int] | None,
    seed: int,
    device: str,
    tokens: int | None,
    kept: Path | None,
) -> None:
    """Print the tables of a language model; write everything, episodes included, to `kept`."""
    toolbox, model = _toolbox(task), chat_model(agent, device=device, tokens=tokens)
    try:
        with terminal(stderr=True).status("asking") as status:
            scores, conduct, done = evaluate_model(
                model, toolbox, count=count, seed=seed, levels=levels, report=status.update
            )
    finally:
        toolbox.close()
    print_scores(terminal(), scores)
    print_conduct(terminal(), conduct)
    cut, replies = sum(each.cut for each in conduct), sum(each.replies for each in conduct)
    limit = f"{cut} of {replies} messages ended at the limit of {model.tokens} tokens; --tokens N"
    for line in (model.remark, f"{limit} allows more" if cut else ""):
        if line:
            terminal().print(f"\n{line}", highlight=False, soft_wrap=True)
    if kept is not None:
        content = {
            "agent": agent,
            "task": task,
            "seed": seed,
            "remark": model.remark,
            "levels": [asdict(score) for score in scores],
            "conduct": [asdict(each) for each in conduct],
            "episodes": [asdict(each) for each in done],
            "scored": made_with(device),
        }
        write(kept, to_json(content, indent=2, default=str))


def trace_agent(
    agent: str, task: str, *, level: int | None, count: int, seed: int, tokens: int | None
) -> None:
    """Print episodes of a language model: calls, results, answers."""
    toolbox, model = _toolbox(task), chat_model(agent, tokens=tokens)
    try:
        levels = [toolbox.task.levels[0] if level is None else level]
        _, _, done = evaluate_model(model, toolbox, count=count, seed=seed, levels=levels)
    finally:
        toolbox.close()
    console = terminal()
    for transcript in done:
        print_transcript(console, transcript)


def _toolbox(task: str) -> Toolbox:
    if not task:
        raise InvalidOption("--agent llm:SPEC needs a --task, such as stages or FILE.py")
    refuse_environment(task)
    return Toolbox(task)


def refuse_environment(task: str) -> None:
    """Refuse an environment, which has actions and no problems.

    Raises:
        InvalidOption: it is one.
    """
    if game_recipe_for(task) is not None:
        raise InvalidOption(f"{task} is an environment; --agent llm: takes tasks, such as stages")


def print_conduct(console: Console, conduct: Sequence[Conduct]) -> None:
    """Statistics of the model's behaviour at every level."""
    headings = ("level", "answered", "in words", "unread", "no tool", "calls", "failed", "messages")
    rows = [
        (
            str(each.level),
            _share(each.answered, each.episodes),
            _share(each.in_words, each.episodes),
            _share(each.unread, each.episodes),
            _share(each.without_tools, each.episodes),
            f"{each.calls / each.episodes:.1f}",
            _share(each.faults, each.calls),
            f"{each.replies / each.episodes:.1f}",
        )
        for each in conduct
    ]
    console.print("\nshares of all episodes; calls and messages per episode:", highlight=False)
    print_columns(console, [headings, *rows], left=())


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "-"


def print_transcript(console: Console, transcript: Transcript) -> None:
    """The problem, the calls with their results, the answer beside the exact one."""
    steps = [
        f"{call.name or '?'}({_given(call.arguments)}) -> {call.fault or call.result}"
        for call in transcript.calls
    ]
    if transcript.in_words or not steps:
        steps.append(f'"{transcript.last}"')
    answer = "-" if transcript.answer is None else transcript.answer
    verdict = str(transcript.outcome or "no answer")
    verdict += "" if transcript.right else f", exactly {show(transcript.exact)}"
    for line in (
        f"{transcript.problem} = {answer} ({verdict})",
        *(f"    {each}" for each in steps),
    ):
        console.print(_printable(line), highlight=False, soft_wrap=True)


def _given(arguments: object) -> str:
    if not isinstance(arguments, dict):
        return str(arguments)
    return ", ".join(f"{name}={value}" if name else str(value) for name, value in arguments.items())


def _printable(line: str) -> str:
    """One line without control characters: a model may say anything."""
    text = " ".join(line.rstrip().split("\n"))
    shown = "".join(each if each.isprintable() else "?" for each in text)
    return shown if len(shown) <= 300 else f"{shown[:297]}..."
