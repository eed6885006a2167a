"""The tree is as the import contract has it, its parts are small; `test_readme.py` has the rest."""

import ast
import re
import tomllib
from functools import cache
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
    flow = next(each for each in settings["contracts"] if each["name"].startswith("The flow"))
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


def imports(node):
    """The packages that a statement imports: `{"gymnasium"}` of `from gymnasium import spaces`."""
    if isinstance(node, ast.Import):
        return {each.name.partition(".")[0] for each in node.names}
    return {str(node.module).partition(".")[0]} if isinstance(node, ast.ImportFrom) else set()


@cache
def used(path):
    """The names that are called or read in a file, and the packages that it imports."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.Attribute):
            names.add(node.attr)
        names |= imports(node)
    return names


def test_what_is_optional_is_imported_by_no_test_before_it_is_known_to_be_there():
    """Else the tests cannot even be collected where it is missing."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = (ROOT / "benchmarks" / "requirements.txt").read_text().splitlines()
    for extra, needed in project["optional-dependencies"].items():
        lines += needed if extra != "dev" else []
    optional = {re.sub(r"[^\w-].*", "", line).replace("-", "_") for line in lines}
    for path in Path(__file__).parent.rglob("test_*.py"):
        for node in ast.parse(path.read_text()).body:
            if "importorskip" in ast.unparse(node):
                break
            assert not imports(node) & optional, path


def test_nobody_sets_the_threads_of_torch_but_the_command_line_and_processes_of_our_own():
    setting = {
        str(path.relative_to(SOURCE))
        for path in SOURCE.rglob("*.py")
        if "set_num_threads" in path.read_text() and "set_num_threads" in used(path)
    }
    assert setting == {
        "cli/main.py",
        "runs/workers/nodes.py",
        "runs/workers/working.py",
        "bench/ours.py",
        "bench/floor.py",
    }


def test_nobody_reads_the_command_line_or_prints_but_these_rooms():
    for path in SOURCE.rglob("*.py"):
        if path.relative_to(SOURCE).parts[0] not in ("bench", "cli", "reports"):
            assert not used(path) & {"print", "argv", "rich"}, path


def test_shapes_of_arrays_are_those_of_ndarray():
    """With numpy 2.5, on Python 3.12 and later, jaxtyping cannot take `NDArray[...]`."""
    wrong = [
        path
        for path in SOURCE.rglob("*.py")
        if re.search(r"\b[A-Z]\w+\[\s*NDArray\[[^\n]*, \"", path.read_text())
    ]
    assert not wrong
