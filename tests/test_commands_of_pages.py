"""Commands, options, files and names that the pages speak of exist.

A command of inwit, in a block or in the running text, is read by the real parser. An option in the
running text is one of some command. A file or `Class.attribute` is in the repository.
"""

import ast
import re
import shlex
from contextlib import suppress
from dataclasses import fields, is_dataclass
from itertools import pairwise

import pytest

from inwit.cli.commands import COMMANDS, training
from inwit.cli.commands.arguments import parse
from inwit.cli.commands.training import BesideTraining
from inwit.cli.main import main
from inwit.errors import InvalidOption, UnknownName
from inwit.games.recipe import game_recipe_for
from inwit.llm.recipe import ModelRecipe
from inwit.recipe import options_of
from inwit.recipes import RECIPES, recipe_for
from tests.pages import (
    DOCS,
    ROOT,
    blocks,
    defined_by,
    own_task,
    registered_for_a_while,
    spans,
    text_of,
)
from update_speed import Compare

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]
SCRIPTS = [*sorted((ROOT / "examples").glob("*.py")), *sorted((ROOT / "benchmarks").glob("*.py"))]
QUICK = ("tools", "solve")
"""Commands that are run where they need no run folder."""
MISTAKEN = {"inwit train stagse": "did you mean 'stages'"}
"""Commands that are shown for their mistake."""
STANDING_FOR = {
    ("train", "TASK"): "stages",
    ("train", "NAME"): "stages",
    ("--track", "NAME"): "wandb",
    ("--seed", "N"): "3",
    ("--seed", "k"): "3",
}
"""A value for what stands after a word; other words in capitals are files and folders."""
FLAG = re.compile(r"(?<![\w-])--[a-z][\w.-]*[a-z](?![\w-])")
FOREIGN = {"--cpu", "--module", "--mpirun_hostfile", "--multi_gpu", "--num_processes"}
"""Options of other programs, in the pages without the program."""
CALLED = {"--always", "--dirty", "--abbrev", "--nproc-per-node", "--xla_cpu_multi_thread_eigen"}
"""Those of programs that inwit calls or is called by."""
UNNAMED = {"my_task.py", "my_task.py:NAME", "lengths.py", "FILE.py", "train.py", "mine.py"}
"""Files of the reader's own."""


def commands(page):
    """The commands of inwit in a file, up to a pipe."""
    if page.suffix == ".py":
        lines = [line.strip() for line in text_of(page).splitlines()]
    else:
        lines = [
            line
            for language, text in blocks(page)
            if language == "bash"
            for line in text.splitlines()
        ]
        lines += spans(page)
    for line in lines:
        if re.match(r"inwit [a-z]+", line):
            words = [word for word in shlex.split(line, comments=True) if word != "--help"]
            yield words[: words.index("|")] if "|" in words else words


def everywhere():
    """The code in the running text of all pages."""
    return ((page, span) for page in PAGES for span in spans(page))


def named(page):
    return str(page.relative_to(ROOT))


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """A folder with the files that the pages speak of; what they register is forgotten."""
    monkeypatch.chdir(tmp_path)
    for name in ("lengths.py", "FILE.py", "my_task.py"):
        (tmp_path / name).write_text(own_task())
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    (tmp_path / "FOLDER").mkdir()
    table = "Question,Numbers,Answer\nhow many are number0 and number1 apples,2 3,5\n"
    for start in ("FOLD", "FOLDER/fold0"):
        for part in ("train", "dev"):
            (tmp_path / f"{start}-{part}.csv").write_text(table)
    with registered_for_a_while():
        yield


FOUND = {
    " ".join(command): (page, command)
    for page in [*SCRIPTS, *reversed(PAGES)]
    for command in commands(page)
}
FAST = {line for line, (page, _) in FOUND.items() if page.name in ("README.md", "start.md")}
LINES = [pytest.param(line, marks=[pytest.mark.slow] * (line not in FAST)) for line in FOUND]


@pytest.mark.parametrize("line", LINES)
def test_a_command_is_understood(line, capsys):
    page, words = FOUND[line]
    command, *arguments = [STANDING_FOR.get(pair, pair[1]) for pair in pairwise(words)]
    if page.suffix == ".md":
        with suppress(ModuleNotFoundError):  # of a third party
            defined_by(page)
    if line in MISTAKEN:
        with pytest.raises(UnknownName, match=MISTAKEN[line]):
            training.read(arguments)
    elif "--agent" in arguments and command == "train":
        assert training.read_model_recipe(arguments).agent.startswith("llm:")
    elif command == "train":
        understood(arguments)
    elif not arguments:
        assert command in COMMANDS
    elif command in QUICK and not {"RUN", "--problems"} & {*arguments}:
        main([command, *arguments])
        assert capsys.readouterr().out
    else:
        assert callable(parse(COMMANDS[command], arguments, f"inwit {command}"))


def understood(arguments):
    try:
        recipe, beside = training.read(arguments)
    except InvalidOption as error:
        if not any(words in str(error) for words in ("pip install", "is it installed")):
            raise
        pytest.skip(str(error))
    assert recipe.updates
    assert beside is not None


def test_there_are_commands_of_every_kind():
    assert {command for _, (_, command, *_) in FOUND.values()} == {"train", *COMMANDS}


def options(kind):
    """The options of a command, as they are typed."""
    for field in fields(kind):
        inner = field.default_factory if is_dataclass(field.default_factory) else None
        if inner:
            yield from options(inner)
        else:
            name = field.name.replace("_", "-")
            yield f"--{name}"
            if field.type in (bool, "bool"):
                yield f"--no-{name}"


def options_of_training():
    """Those of every recipe with every part."""
    games = [game_recipe_for("memory-length"), game_recipe_for("gymnasium:ID")]
    for recipe in (*games, *(recipe_for(name) for name in (*RECIPES, "lengths.py"))):
        known = options_of(recipe)
        if recipe in games:
            names = (name.replace("_", "-") for name in known)
            yield from (f"--{prefix}{name}" for name in names for prefix in ("", "no-"))
            continue
        for choice in ("policy", "learner", "curriculum", "masks"):
            for name in known[choice].kind.__args__:
                known = known | options_of(recipe.but(**{choice: name, "replay": 1}))
        for name, option in known.items():
            flag = name.replace("_", "-")
            yield from (f"--{flag}", *([f"--no-{flag}"] if option.kind is bool else []))


def options_of_benchmarks():
    yield from options(Compare)
    for path in (ROOT / "benchmarks").glob("*.py"):
        yield from re.findall(r'add_argument\(\s*"(--[\w-]+)"', text_of(path))


def options_of_commands():
    known = {"--version", "--help", *options(BesideTraining), *options_of_training()}
    kinds = [*COMMANDS.values(), ModelRecipe]
    return known | {flag for kind in kinds for flag in options(kind)}


@pytest.mark.slow
def test_every_option_that_a_message_names_is_one_of_some_command():
    known, wrong = options_of_commands() | CALLED, []
    for path in sorted((ROOT / "src/inwit").rglob("*.py")):
        for node in ast.walk(ast.parse(text_of(path))):
            text = node.value if isinstance(node, ast.Constant) else ""
            if isinstance(text, str) and "var(--" not in text:  # a style
                unknown = {*FLAG.findall(text)} - known
                wrong += [f"{path}:{node.lineno}: {flag}" for flag in unknown]
    assert not wrong


def test_every_option_in_the_text_is_one_of_some_command():
    known = {*FOREIGN, *options_of_commands(), *options_of_benchmarks()}
    wrong = [
        f"{named(page)}: {span}"
        for page, span in everywhere()
        if span.startswith(("--", "inwit ")) and not {*FLAG.findall(span)} <= known
    ]
    assert not wrong


def test_every_file_in_the_text_is_there():
    places = [ROOT, ROOT / "src/inwit", ROOT / "tests", ROOT / "examples"]
    names = {path.name for place in places for path in place.rglob("*.py")}
    wrong = [
        f"{named(page)}: {span}"
        for page, span in everywhere()
        if re.fullmatch(r"[\w./]+\.py(:\w+)?", span) and span not in UNNAMED | names
        if not any((place / span).exists() for place in places)
    ]
    assert not wrong


def test_every_attribute_in_the_text_is_there():
    """`Class.attribute`: of a class of ours, something that its source has."""
    source = "\n".join(text_of(path) for path in (ROOT / "src/inwit").rglob("*.py"))
    wrong = []
    for page, span in everywhere():
        match = re.fullmatch(r"([A-Z]\w+)\.([a-z_]\w*)(\(.*\))?", span)
        if match and match[2] not in ("md", "toml", "cff"):
            owner = re.search(rf"^class {match[1]}\b.*?(?=^\S)", source, re.M | re.DOTALL)
            if not (owner and re.search(rf"\b{match[2]}\b", owner[0])):
                wrong.append(f"{named(page)}: {span}")
    assert not wrong
