import importlib
from pathlib import Path

import pytest

import inwit

PACKAGES = ["learners", "policies", "tasks", "tools"]


def test_the_public_names_are_few_and_in_order():
    assert list(inwit.__all__) == sorted(inwit.__all__)
    assert 0 < len(inwit.__all__) <= 20


def test_every_public_name_is_there_and_documented():
    for name in inwit.__all__:
        assert getattr(inwit, name).__doc__, name


@pytest.mark.parametrize("package", PACKAGES)
def test_every_stages_names_are_there(package):
    module = importlib.import_module(f"inwit.{package}")
    assert list(module.__all__) == sorted(module.__all__)
    for name in module.__all__:
        assert hasattr(module, name), name


def test_nothing_else_is_public():
    modules = {path.stem for path in Path(inwit.__file__).parent.iterdir()}
    public = {name for name in vars(inwit) if not name.startswith("_")}
    assert public - modules == set(inwit.__all__) - modules


def test_the_package_is_typed():
    assert (Path(inwit.__file__).parent / "py.typed").exists()
