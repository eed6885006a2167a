"""A pytest plugin: a test for each reward or environment in the settings.

    [tool.pytest.ini_options]
    inwit_audit = ["rewards.py:score data=rows.jsonl", "reasoning-gym:chain_sum fail_on=warn"]

On the command line: `pytest -o inwit_audit="rewards.py:score data=rows.jsonl"`. An option of the
environment is written `set=size=4`, several `set=size=4 set=slippery=true`.
"""

import shlex
from typing import Any

import pytest

KEYS = ("baseline", "data", "fail_on", "gold", "held_out", "items", "question", "seed", "set")
"""The options of a line."""
NUMBERS = ("items", "seed")
"""Those that are whole numbers."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """The setting."""
    words = "a reward or environment to be audited: TARGET key=value ..."
    parser.addini("inwit_audit", words, type="linelist", default=[])


def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Add a test for each target."""
    named = config.getini("inwit_audit")
    items += [Audited.from_parent(session, name=f"inwit audit {each}", line=each) for each in named]


class Audited(pytest.Item):
    """The audit of one target."""

    def __init__(self, *, line: str, **rest: object) -> None:
        """An audit of this target."""
        super().__init__(**rest)  # type: ignore[arg-type]
        self.line = line

    def runtest(self) -> None:
        """Audit it."""
        from inwit.testing.environments import assert_sound

        target, options = read_line(self.line)
        assert_sound(target, **options)

    def repr_failure(
        self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None
    ) -> str:
        """Only the findings; the traceback of the audit says nothing."""
        return str(excinfo.value)

    def reportinfo(self) -> tuple[str, None, str]:
        """The headline of the failure."""
        return self.line.split()[0], None, self.name


def read_line(line: str) -> tuple[str, dict[str, Any]]:
    """The target of a line and its options.

    Raises:
        InvalidOption: it cannot be read; the message names the line, and what is allowed.
    """
    from inwit.errors import InvalidOption

    try:
        target, *pairs = shlex.split(line)
    except ValueError as error:
        raise InvalidOption(f"inwit_audit: {line}: {error}, give TARGET key=value ...") from error
    options: dict[str, Any] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        setting, also, chosen = value.partition("=")
        wrong = ""
        if not equals or name not in KEYS:
            wrong = f"give key=value, where the key is one of {', '.join(KEYS)}"
        elif name in NUMBERS and not value.isdecimal():
            wrong = f"{name} is a whole number, such as {name}=12"
        elif name == "set" and not also:
            wrong = "give set=key=value, such as set=size=4"
        if wrong:
            raise InvalidOption(f"inwit_audit: {line}: '{pair}': {wrong}")
        if name == "set":
            options.setdefault(name, {})[setting] = chosen
        else:
            options[name] = int(value) if name in NUMBERS else value
    return target, options
