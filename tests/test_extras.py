"""Optional packages and named modules: what a message says to install exists."""

import re
import sys
import tomllib
from pathlib import Path

import pytest

from inwit.errors import InvalidOption
from inwit.extras import import_named, require

ROOT = Path(__file__).parents[1]
TEXTS = [*ROOT.glob("src/**/*.py"), *ROOT.glob("docs/*.md"), ROOT / "README.md"]


def test_every_extra_that_is_named_exists():
    text = "\n".join(path.read_text() for path in TEXTS)
    named = set(re.findall(r'require\(\s*"[\w.]+", "([\w-]+)"\s*\)', text))
    named |= {
        each for found in re.findall(r"inwit\[([\w,-]+)\]", text) for each in found.split(",")
    }
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert {"verifiers", "gymnasium", "llm"} <= named
    assert named <= set(project["optional-dependencies"])


def test_a_package_that_is_missing_is_refused_with_its_extra():
    with pytest.raises(InvalidOption, match=r"pip install 'inwit\[llm\]'"):
        require("no_such_package", "llm")


def test_a_module_is_imported_by_name():
    assert import_named("importlib.metadata") is sys.modules["importlib.metadata"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("jsonn", "no module 'jsonn' to import; did you mean json"),
        ("json.decodr", "no module 'decodr' in json to import; did you mean decoder"),
        ("math.nothing", "no module 'nothing' in math"),
        ("qqqqqqqqqq.a", "no module 'qqqqqqqqqq' to import; is it installed"),
        ("", "'' is not a module"),
        ("..json", "'..json' is not a module"),
    ],
)
def test_a_module_that_is_not_there_is_refused_with_the_nearest(name, words):
    with pytest.raises(InvalidOption) as error:
        import_named(name)
    assert words in str(error.value)


def test_what_a_module_itself_lacks_is_its_own_error(tmp_path, monkeypatch):
    (tmp_path / "needs_another.py").write_text("import no_such_package\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="no_such_package"):
        import_named("needs_another")
