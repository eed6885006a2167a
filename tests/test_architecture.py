"""The tree is as the import contract has it, its parts are small; `test_readme.py` has the rest."""

import re
import tomllib
from pathlib import Path

import inwit

SOURCE = Path(inwit.__file__).parent
ROOT = Path(__file__).parent.parent
MODULES = sorted(
    path.stem
    for path in SOURCE.iterdir()
    if not path.name.startswith(("_", ".")) and (path.suffix == ".py" or path.is_dir())
)


def test_the_import_contract_names_every_module():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    (flow,) = (each for each in settings["contracts"] if each["type"] == "layers")
    assert sorted(re.findall(r"\w+", " ".join(flow["layers"]))) == MODULES
    assert flow["exhaustive"]


def test_every_module_says_what_it_is_and_stays_small():
    for path in SOURCE.rglob("*.py"):
        text = path.read_text()
        assert text.startswith(('"""', 'r"""')), path
        assert len(text.splitlines()) <= 400, path


def test_tests_stay_small():
    for path in Path(__file__).parent.rglob("*.py"):
        assert len(path.read_text().splitlines()) <= 300, path


def test_nobody_reads_the_command_line_or_prints_outside_interfaces():
    for path in SOURCE.rglob("*.py"):
        if "interfaces" not in path.parts:
            assert not re.search(r"\bprint\(|sys\.argv|import rich|from rich", path.read_text()), (
                path
            )
