"""Writes an agent as a folder for the Hugging Face hub, and uploads it.

    FOLDER/config.json            the recipe and its provenance
    FOLDER/weights.safetensors    the network
    FOLDER/certificate.json       the certificate, if made
    FOLDER/README.md              the model card, filled from these

It is also a run folder: `inwit.load(FOLDER)` reads it, and `Agent.from_pretrained` reads the folder
or the hub. Nothing in it is code.
"""

from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from inwit import files
from inwit.agent import Agent
from inwit.errors import InvalidOption
from inwit.evaluation.scores import LevelScore
from inwit.extras import require
from inwit.files import new_folder
from inwit.probes import Certificate, Verdict
from inwit.recipe import options_of
from inwit.texts import to_json
from inwit.training.configuration import CONFIG
from inwit.training.run_folder import LARGEST, RunFolder

CARD, CERTIFICATE = "README.md", "certificate.json"
TAGS = ["inwit", "reinforcement-learning", "tool-use", "planning"]
TEXT = """
# {name}

One network of {parameters:,} parameters (policy {policy}) that solves the task `{task}` by
pressing the keys of a pocket calculator, trained by [inwit](https://pypi.org/project/inwit) from
a single reward, right or wrong.

```python
from inwit import Agent

agent = Agent.from_pretrained("{place}"{own})
print(agent.solve("{problem}").keys)
```

The weights are safetensors and all else is JSON: loading runs no code of this folder.

## Scores

Greedy episodes on {count:,} held-out problems per level.

| level | form | right | 95 % interval | chance |
| ---: | --- | ---: | --- | ---: |
{scores}

## Certificate

{shown}

## Provenance

{recipe}

{made}
"""


def export_hub(
    agent: Agent, folder: Path, *, count: int, certified: bool = True, place: str = ""
) -> None:
    """Score and certify the agent, and write the folder.

    Args:
        agent: from a run folder, or just trained.
        folder: a new folder.
        count: problems per level for scores and certificate.
        certified: make a certificate; takes minutes for a large network.
        place: the target of a later push, `USER/NAME`.

    Raises:
        InvalidOption: huggingface_hub is missing, the folder cannot be written, or the agent
            depends on other files.
    """
    hub, recipe = require("huggingface_hub", "hub"), agent.recipe
    data = getattr(recipe.task, "data", None)
    if data is not None:
        raise InvalidOption(
            f"the agent needs the words of --data {data}, which the folder would not "
            "contain: nobody else could load it"
        )
    if recipe.out is None:
        raise InvalidOption("the agent has no run folder: train or load it first")
    config = files.read(recipe.out / CONFIG, LARGEST[CONFIG])
    scores = agent.evaluate(count)
    certificate = agent.certify(count) if certified else None
    name = place.rpartition("/")[2] or folder.name
    card = _front(hub, name, recipe.label, scores) + _text(agent, name, place, scores, certificate)
    with new_folder("hub", folder):
        files.write(folder, CONFIG, config)
        RunFolder(folder).save(agent.policy)
        if certificate is not None:
            content = to_json(certificate.to_json(), indent=2)
            (folder / CERTIFICATE).write_text(content, encoding="utf8")
        (folder / CARD).write_text(card, encoding="utf8")


def push(folder: Path, place: str, *, private: bool = True) -> str:
    """Upload a folder with the user's own token, and return its address.

    Raises:
        InvalidOption: there is no token, or the hub refuses.
    """
    hub = check_token(place)
    api = hub.HfApi(library_name="inwit")
    try:
        address = api.create_repo(place, private=private, exist_ok=True)
        api.upload_folder(repo_id=place, folder_path=str(folder), commit_message="inwit export")
    except (OSError, ValueError) as error:
        reason = (str(error).splitlines() or [repr(error)])[0]
        raise InvalidOption(f"--push {place}: {reason}; {folder} is whole") from error
    return str(address)


def check_token(place: str) -> ModuleType:
    """Check that the user has a token.

    Raises:
        InvalidOption: there is no token, or huggingface_hub is missing.
    """
    hub = require("huggingface_hub", "hub")
    if place.count("/") != 1 or not all(place.split("/")):
        raise InvalidOption(f"--push {place}: give USER/NAME")
    if hub.get_token() is None:
        raise InvalidOption(f"--push {place}: no token: run hf auth login, or set HF_TOKEN")
    return hub


def _front(hub: ModuleType, name: str, task: str, scores: Sequence[LevelScore]) -> str:
    """The metadata that the hub reads from a card."""
    results = [
        hub.EvalResult(
            task_type="reinforcement-learning",
            dataset_type=f"inwit/{task}",
            dataset_config=f"level {score.level}",  # results are grouped by it
            dataset_name=f"{task}, level {score.level}: {score.form}",
            dataset_split="held out",
            metric_type="accuracy",
            metric_value=score.agent.accuracy,
        )
        for score in scores
    ]
    data = hub.ModelCardData(
        model_name=name,
        library_name="inwit",
        pipeline_tag="reinforcement-learning",
        tags=TAGS,
        eval_results=results,
    )
    return f"---\n{data.to_yaml()}\n---\n"


def _text(
    agent: Agent,
    name: str,
    place: str,
    scores: Sequence[LevelScore],
    certificate: Certificate | None,
) -> str:
    recipe, task = agent.recipe, agent.environment.task
    (episode,) = agent.trace(task.levels[0], 1)
    made = RunFolder(recipe.out).made() if recipe.out else {}
    options = {name: each.value for name, each in options_of(recipe).items() if name != "out"}
    return TEXT.format(
        name=name,
        parameters=sum(weights.numel() for weights in agent.policy.parameters()),
        policy=recipe.policy.name,
        task=recipe.label,
        place=place or name,
        own=f', task="{recipe.source}"  # the file of the task' if recipe.source else "",
        problem=episode.problem.replace('"', '\\"'),
        count=scores[0].agent.count,
        scores="\n".join(map(_scored, scores)),
        shown=_shown(certificate),
        recipe=_table(("option", "value"), options),
        made=_table(("made with", ""), made),
    )


def _scored(score: LevelScore) -> str:
    low, high = score.agent.interval
    right, chance = score.agent, score.chance.accuracy
    return (
        f"| {score.level} | `{score.form}` | {right.right} of {right.count} | "
        f"{low:.1%} to {high:.1%} | {chance:.1%} |"
    )


def _shown(certificate: Certificate | None) -> str:
    """The verdict, and every line that fails."""
    if certificate is None:
        return "No certificate was made."
    counted = ", ".join(f"{certificate.count(verdict)} {verdict}" for verdict in Verdict)
    failed = [line for line in certificate.lines if line.verdict is Verdict.FAIL]
    verdict = Verdict.PASS if certificate.passed else Verdict.FAIL
    lines = "".join(f"\n- fail: {line.name}: {line.fails_if}" for line in failed)
    return (
        f"`inwit certify`: **{verdict}** ({counted}), {certificate.problems:,} problems of each "
        f"level, seed {certificate.seed}; line by line in `{CERTIFICATE}`.\n{lines}"
    ).rstrip()


def _table(headings: tuple[str, str], values: dict[str, str | int]) -> str:
    rows = [f"| {name} | `{value}` |" for name, value in values.items() if value is not None]
    return "\n".join([f"| {headings[0]} | {headings[1]} |", "| --- | --- |", *rows])
