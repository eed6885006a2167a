import importlib
from pathlib import Path

import pytest

import inwit

PACKAGES = ["learners", "policies", "tasks", "tools"]


def in_order(names):
    """Constants, classes, functions, as ruff sorts them."""
    return sorted(names, key=lambda name: (not name.isupper(), not name[0].isupper(), name))


def test_the_public_names_are_few_and_in_order():
    assert list(inwit.__all__) == in_order(inwit.__all__)
    assert 0 < len(inwit.__all__) <= 20


def test_every_public_name_is_there_and_documented():
    for name in inwit.__all__:
        assert getattr(inwit, name).__doc__, name


@pytest.mark.parametrize("package", PACKAGES)
def test_every_stages_names_are_there(package):
    module = importlib.import_module(f"inwit.{package}")
    assert list(module.__all__) == in_order(module.__all__)
    for name in module.__all__:
        assert hasattr(module, name), name


def test_nothing_else_is_public():
    assert set(dir(inwit)) == set(inwit.__all__)
    with pytest.raises(AttributeError, match="no attribute 'trian'"):
        inwit.trian  # noqa: B018


def test_the_package_is_typed():
    assert (Path(inwit.__file__).parent / "py.typed").exists()
