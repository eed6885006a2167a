"""The benchmarks are read, and each of what they compare can be made and takes its first step."""

import sys
from importlib import import_module
from pathlib import Path

import pytest

from inwit.tasks import function_task

FOLDER = Path(__file__).parents[2] / "benchmarks"
NAMES = sorted(path.stem for path in FOLDER.glob("*.py"))


def benchmark(name):
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name in NAMES or str(error.name).startswith("inwit"):
            raise
        pytest.skip(f"{error.name} is not installed")


@pytest.mark.parametrize("name", NAMES)
def test_a_benchmark_says_what_it_wants(name, monkeypatch, capsys):
    module = benchmark(name)
    if not (hasattr(module, "argparse") or hasattr(module, "tyro")):
        return  # it takes no arguments
    monkeypatch.setattr(sys, "argv", [name, "--help"])
    with pytest.raises(SystemExit) as stop:
        module.main()
    assert stop.value.code == 0
    assert "usage" in capsys.readouterr().out


def test_every_variant_that_is_compared_trains():
    for variants in benchmark("comparisons").STUDIES.values():
        for name, make in variants.items():
            training = make(1)
            assert training.recipe.seed == 1
            if "no next symbol" in name or "replay alone" in name:
                assert next(training.reports()).episodes > 0, name


def test_every_curve_can_be_measured(monkeypatch):
    monkeypatch.setattr(function_task, "POOL", 100)
    for name, growth in benchmark("growth").GROWTHS.items():
        step, units = growth.prepare(growth.sizes[0])
        step()
        assert units > 0, name


def test_other_contenders_and_ours_take_a_look():
    module = benchmark("time_to_result")
    for name in module.CONTENDERS:
        if name.startswith("inwit"):
            assert next(module.CONTENDERS[name]("stages", 0)).episodes > 0
