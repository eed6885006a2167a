"""A pytest plugin: a test for each reward or environment in the settings.

    [tool.pytest.ini_options]
    inwit_audit = ["rewards.py:score data=rows.jsonl", "reasoning-gym:chain_sum fail_on=warn"]

On the command line: `pytest -o inwit_audit="rewards.py:score data=rows.jsonl"`.
"""

import shlex
from typing import Any

import pytest


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

        target, *pairs = shlex.split(self.line)
        options: dict[str, Any] = dict(pair.split("=", 1) for pair in pairs)
        options |= {name: int(options[name]) for name in ("items", "seed") if name in options}
        assert_sound(target, **options)

    def repr_failure(
        self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None
    ) -> str:
        """Only the findings; the traceback of the audit says nothing."""
        return str(excinfo.value)

    def reportinfo(self) -> tuple[str, None, str]:
        """The headline of the failure."""
        return self.line.split()[0], None, self.name
