"""What is released: one version everywhere, a wheel that works without the repository."""

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
LARGEST = 3_000_000


def test_the_version_is_the_same_everywhere():
    version = PROJECT["version"]
    assert f"\nversion: {version}\n" in (ROOT / "CITATION.cff").read_text()
    citation = (ROOT / "docs" / "citation.md").read_text()
    assert f"version = {{{version}}}" in citation
    title = re.search(r'^title: "(.+)"$', (ROOT / "CITATION.cff").read_text(), re.MULTILINE)[1]
    assert f"title   = {{{title}}}" in citation
    first = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert first[1] == version


def test_the_workflow_runs_what_anybody_can_run_on_the_versions_that_are_claimed():
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text()
    runs = re.findall(r"- run: (.+)", workflow)
    assert runs == [".ci/run"]
    versions = re.findall(r'"(3\.\d+)"', re.search(r"python: \[(.+)\]", workflow)[1])
    claimed = [each.rpartition(" ")[2] for each in PROJECT["classifiers"] if ":: 3." in each]
    assert versions == claimed
    assert PROJECT["requires-python"] == f">={versions[0]}"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    pytest.importorskip("hatchling")
    place = tmp_path_factory.mktemp("wheel")
    pip("wheel", "--no-deps", "--no-build-isolation", "-w", str(place), str(ROOT))
    (path,) = place.glob("*.whl")
    return path


def pip(*arguments):
    command = [sys.executable, "-m", "pip", "-q", "--disable-pip-version-check", *arguments]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


@pytest.mark.slow
def test_the_wheel_holds_the_package_and_nothing_else(wheel):
    assert wheel.stat().st_size < LARGEST
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    source = ROOT / "src"
    tracked = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "inwit"],
        cwd=source,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    assert held == set(tracked)
    assert "inwit/py.typed" in held


@pytest.mark.slow
def test_the_wheel_works_without_the_repository(wheel, tmp_path):
    site, empty = tmp_path / "site", tmp_path / "empty"
    empty.mkdir()
    pip("install", "--no-deps", "--target", str(site), str(wheel))
    code = "import inwit; from inwit.cli.main import main; print(inwit.__file__); main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "solve", "3*7+2"],
        cwd=empty,
        env=os.environ | {"PYTHONPATH": str(site)},
        check=True,
        capture_output=True,
        text=True,
    )
    first, *_, last = done.stdout.splitlines()
    assert first == str(site / "inwit" / "__init__.py")
    assert last == "3*7+2 = 23   (exact: 23, right)"
    assert list(empty.iterdir()) == []
