"""The site: links lead to the copies, nothing is left out, and what is broken fails."""

import importlib.util
from pathlib import Path

import pytest

pytest.importorskip("zensical")
pytest.importorskip("mkdocstrings")

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def site(tmp_path, monkeypatch):
    """The script, about a small repository."""
    spec = importlib.util.spec_from_file_location("site_of_docs", ROOT / "docs" / "site.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr("sys.argv", ["site.py"])
    for name, place in {
        "ROOT": ".",
        "DOCS": "docs",
        "PAGES": "build/pages",
        "SITE": "build/site",
        "CONFIG": "build/zensical.toml",
    }.items():
        monkeypatch.setattr(module, name, tmp_path / place)
    monkeypatch.setattr(module, "REFERENCE", {"Errors": ["inwit.errors"]})
    (tmp_path / "src").symlink_to(ROOT / "src")
    for name, text in {
        "README.md": "# inwit\n\n[tasks](docs/tasks.md#levels), [decisions](docs/decisions).\n",
        "CONTRIBUTING.md": "# Contributing\n\n[home](README.md)\n",
        "CHANGELOG.md": "# Changes\n",
        "docs/tasks.md": "# Tasks\n\n[home](../README.md), [code](../src/inwit)\n\n## Levels\n",
        "docs/news.md": "# News of the day\n\n[one](decisions/0001-one.md) [out](https://a.org/x)\n",
        "docs/decisions/0001-one.md": "# 1. One\n\n[tasks](../tasks.md)\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return module


def test_links_lead_to_the_copies(site, capsys):
    site.main()
    pages = site.PAGES
    assert "[tasks](tasks.md#levels), [decisions](decisions/index.md)." in text(pages / "index.md")
    assert "[home](index.md), `code`" in text(pages / "tasks.md")
    assert "[one](decisions/0001-one.md) [out](https://a.org/x)" in text(pages / "news.md")
    assert "[home](index.md)" in text(pages / "contributing.md")
    assert "[1. One](0001-one.md)" in text(pages / "decisions/index.md")
    assert 'href="tasks.html#levels"' in text(site.SITE / "index.html")
    assert "A file of options with mistakes in it." in text(site.SITE / "reference/errors.html")
    assert "No issues found" in capsys.readouterr().out


def text(path):
    return path.read_text(encoding="utf8")


def test_the_navigation_has_every_page_that_is_there_and_no_other(site):
    site.main()
    listed = [
        place
        for section in site.navigation()
        for entries in section.values()
        for entry in entries
        for place in entry.values()
    ]
    there = {path.relative_to(site.PAGES).as_posix() for path in site.PAGES.rglob("*.md")}
    assert set(listed) == there - {"decisions/0001-one.md"}  # which the list of decisions has
    assert len(listed) == len(set(listed))
    assert [*site.navigation()][-1] == {site.REST: [{"News of the day": "news.md"}]}


@pytest.mark.parametrize(
    ("broken", "told"),
    [("[x](tasks.md#gone)", "anchor"), ("[x](gone.md)", "leads nowhere")],
)
def test_a_broken_link_fails(site, broken, told, capsys):
    (site.DOCS / "news.md").write_text(f"# News\n\n{broken}\n")
    with pytest.raises(SystemExit) as stop:
        site.main()
    assert stop.value.code
    assert told in capsys.readouterr().out + str(stop.value.code)


def test_a_docstring_that_is_not_there_fails(site, monkeypatch):
    monkeypatch.setattr(site, "REFERENCE", {"Nothing": ["inwit.nothing"]})
    with pytest.raises(SystemExit) as stop:
        site.main()
    assert stop.value.code
