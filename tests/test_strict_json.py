"""Everything that is written as JSON can be read by every reader: NaN and Infinity are not JSON."""

import ast
import json
import re
from math import isfinite, isnan, nan
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import inwit
from inwit.texts import to_json
from inwit.training.run_folder import RunFolder

SOURCE = Path(inwit.__file__).parent
WRITERS = {"dumps", "dump", "JSONResponse"}
PLAIN = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def strict(text):
    def refuse(constant):
        raise ValueError(constant)

    return json.loads(text, parse_constant=refuse)


def meant(value):
    """What JSON can say of a value."""
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, dict):
        return {name: meant(each) for name, each in value.items()}
    return [meant(each) for each in value] if isinstance(value, (list, tuple)) else value


@given(PLAIN)
def test_json_is_strict_and_says_null_of_what_is_not_finite(value):
    assert strict(to_json(value)) == meant(value)


@given(PLAIN)
def test_finite_values_are_written_as_python_writes_them(value):
    if meant(value) == value:
        assert to_json(value, sort_keys=True) == json.dumps(value, sort_keys=True)


def test_what_else_cannot_be_written_is_refused():
    with pytest.raises(TypeError):
        to_json({"a": [nan, object()]})
    assert to_json({"a": (nan, Path("x"))}, default=str) == '{"a": [null, "x"]}'


def writers(path):
    """The lines of a file that write JSON by other means than `to_json`."""
    text = path.read_text()
    for node in ast.walk(ast.parse(text)) if re.search("|".join(WRITERS), text) else ():
        if isinstance(node, ast.ImportFrom) and node.module in ("json", "starlette.responses"):
            yield from (node.lineno for each in node.names if each.name in WRITERS)
        if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "json":
            yield from [node.lineno] * (node.attr in WRITERS)


def test_nobody_writes_json_in_another_way():
    folders = [SOURCE, SOURCE.parent.parent / "benchmarks"]
    found = {path: list(writers(path)) for folder in folders for path in folder.rglob("*.py")}
    assert found.pop(SOURCE / "texts.py")
    assert {path: lines for path, lines in found.items() if lines} == {}


def test_metrics_that_are_not_finite_are_null_in_the_file_and_nan_for_the_reader(tmp_path):
    folder = RunFolder(tmp_path)
    folder.append({"update": 1, "loss": nan, "return": 0.5})
    (line,) = (tmp_path / "metrics.jsonl").read_text().splitlines()
    assert strict(line) == {"update": 1, "loss": None, "return": 0.5}
    (read,) = folder.metrics()
    assert isnan(read.pop("loss"))
    assert read == {"update": 1, "return": 0.5}
