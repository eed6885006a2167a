"""The comparison with other libraries: who is in it, and its command line."""

import ast
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import update_speed
from contenders import OTHERS
from inwit.bench.contenders import CONTENDERS, FLOOR, OURS, chosen

ALL = (*CONTENDERS, *OTHERS)


def run(monkeypatch, *options):
    monkeypatch.setattr(sys, "argv", ["update_speed.py", *map(str, options)])
    update_speed.main()


@pytest.mark.slow
def test_others_are_measured_beside_ours_and_drawn(monkeypatch, capsys, tmp_path):
    plot = tmp_path / "told.svg"
    small = ["--episodes", "8", "--threads", "1", "--rounds", "1", "--contenders", "tutorial"]
    run(monkeypatch, *small, "--plot", plot)
    text = capsys.readouterr().out
    for title in ("the matrix products alone", "inwit", "tutorial as published (GRU)"):
        assert f"| {title} | " in text
    assert plot.read_text().startswith("<svg")


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        ("--contenders jaxx", "unknown contender 'jaxx'"),
        ("--contenders jaxx", "did you mean 'jax'?"),
        ("--plot nowhere/told.svg", "nowhere/told.svg cannot be written"),
    ],
)
def test_mistakes_are_told_in_a_line(monkeypatch, capsys, options, hint):
    with pytest.raises(SystemExit) as stop:
        run(monkeypatch, *options.split())
    assert stop.value.code == 2
    told = capsys.readouterr()
    assert hint in told.err
    assert len(told.err.splitlines()) == 1


def test_contenders_are_named_once_and_ours_is_always_among():
    names = [contender.name for contender in ALL]
    assert len(set(names)) == len(names)
    assert {one.name for one in chosen(["jax"], ALL)} == {"jax", OURS, FLOOR}
    assert chosen([], ALL) == ALL


@pytest.mark.parametrize(
    "contender", [one for one in ALL if not one.absent], ids=lambda one: one.name
)
def test_a_contender_is_built_where_the_list_says(contender):
    """Read and not imported, so that nothing has to be installed."""
    module, function = contender.build.split(":")
    tree = ast.parse(Path(find_spec(module).origin).read_text(encoding="utf8"))
    defined = {each.name: each for each in tree.body if isinstance(each, ast.FunctionDef)}
    assert [each.arg for each in defined[function].args.args] == ["episodes", "threads"]
