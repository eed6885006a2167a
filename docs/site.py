"""The pages of this folder, the README and the docstrings as a site, in build/site.

    python docs/site.py          strict: a broken link or a warning fails

The pages are written to be read in the repository. This script copies them to build/pages, rewrites
their links to point to the copies, and calls Zensical. A page that no section below lists goes into
the last section, so none is forgotten; a listed page that does not exist yet is omitted.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCS, PAGES, SITE = ROOT / "docs", ROOT / "build" / "pages", ROOT / "build" / "site"
CONFIG = ROOT / "build" / "zensical.toml"
FRONT = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changes.md",
}
"""Pages from outside this folder."""
PICTURES = (".png", ".svg")
REFERENCES, REST = "Reference", "Further pages"
SECTIONS = {
    "Start": {
        "index.md": "inwit",
        "start.md": "First steps",
        "python.md": "Python and notebooks",
        "citation.md": "Cite inwit",
    },
    "Concepts": {
        "architecture.md": "Architecture",
        "conventions.md": "Conventions and glossary",
        "tasks.md": "Tasks",
        "observations.md": "Observations",
        "policies.md": "Policies",
        "word_problems.md": "Word problems",
        "countdown.md": "Countdown",
        "countdown_learning.md": "How Countdown is learnt",
        "runs.md": "Recipes, options, run folders",
    },
    "Guides": {
        "audit_your_reward.md": "Audit your reward",
        "own_tasks.md": "Your own tools and tasks",
        "your_gymnasium_environment.md": "Your own Gymnasium environment",
        "it_does_not_learn.md": "It does not learn: troubleshooting",
        "limits.md": "What it cannot do",
        "own_policy.md": "Your own policy",
        "own_learner.md": "Your own learner",
        "testing.md": "Test your own parts",
        "sweeps.md": "Seeds and sweeps",
        "tracking.md": "Track your runs",
        "sharing.md": "Share agents and tasks",
        "onnx.md": "The machine of an exported agent",
        "gymnasium.md": "Our tasks in Gymnasium",
        "language_models.md": "Language models",
        "language_model_training.md": "Training language models",
        "carry_over.md": "Does it carry over?",
        "answers.md": "How answers are read",
    },
    "Algorithms": {
        "learners/a2c.md": "A2C",
        "learners/ppo.md": "PPO",
        "learners/grpo.md": "GRPO",
        "learners/replay.md": "Replay",
        "learners/hindsight.md": "Hindsight",
        "search.md": "Search by programs",
        "masks.md": "What a key means",
    },
    "Analysis": {
        "audit_proof.md": "What the audit finds, measured",
        "audit_reasoning_gym.md": "reasoning-gym, audited",
        "audit.md": "Audit a task",
        "certify.md": "Certify",
        "playground.md": "Playground",
        "robustness.md": "Robustness",
    },
    "Results": {
        "results.md": "Results",
        "popgym.md": "POPGym",
        "memory_length.md": "Remember one bit",
        "performance.md": "Performance",
        "journal.md": "Journal",
    },
    REFERENCES: {"contributing.md": "Contributing", "changes.md": "Changes"},
}
REFERENCE = {
    "inwit": ["inwit"],
    "Recipes and their parts": ["inwit.recipe", "inwit.recipes", "inwit.parts"],
    "Tasks": ["inwit.tasks", "inwit.tasks.base", "inwit.tasks.problems", "inwit.tasks.pool"],
    "Tools": ["inwit.tools", "inwit.machine.rules", "inwit.machine.machine", "inwit.environment"],
    "Policies": ["inwit.policies", "inwit.policies.base"],
    "Learners": ["inwit.learners", "inwit.learners.base", "inwit.learners.returns"],
    "Training": [
        "inwit.training.loop",
        "inwit.curriculum",
        "inwit.training.rollout",
        "inwit.trajectory",
    ],
    "Runs": [
        "inwit.training.run_folder",
        "inwit.evaluation.scores",
        "inwit.evaluation.traces",
        "inwit.evaluation.history",
        "inwit.evaluation.advice",
        "inwit.training.health",
    ],
    "Audit and certificate": ["inwit.auditing", "inwit.auditing.exhaustive", "inwit.probes"],
    "Seeds and sweeps": ["inwit.runs.seeds", "inwit.runs.comparison", "inwit.runs.sweeps"],
    "Contracts": ["inwit.testing"],
    "Errors": ["inwit.errors"],
}
"""Pages of docstrings, with the modules on each."""


def main() -> None:
    """Copy the pages, write the configuration, make the site."""
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    shutil.rmtree(PAGES, ignore_errors=True)
    places = {ROOT / name: PAGES / place for name, place in FRONT.items()}
    places |= {path: PAGES / path.relative_to(DOCS) for path in sorted(DOCS.rglob("*.md"))}
    for path, place in places.items():
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(led(path, places), encoding="utf8")
    for picture in (each for each in DOCS.rglob("*") if each.suffix in PICTURES):
        shutil.copy(picture, PAGES / picture.relative_to(DOCS))
    decisions = sorted((PAGES / "decisions").glob("0*.md"))
    (PAGES / "decisions" / "index.md").write_text(
        "# Decisions\n\n" + "".join(f"- [{title(path)}]({path.name})\n" for path in decisions)
    )
    for name, modules in REFERENCE.items():
        place = PAGES / reference(name)
        place.parent.mkdir(exist_ok=True)
        place.write_text(f"# {name}\n\n" + "".join(f"::: {each}\n\n" for each in modules))
    CONFIG.write_text(configuration(), encoding="utf8")
    command = [str(Path(sys.executable).with_name("zensical")), "build", "--strict", "--clean"]
    result = subprocess.run(
        [*command, "--config-file", str(CONFIG)], cwd=CONFIG.parent, text=True, capture_output=True
    )
    printed = re.sub(r"\x1b\[[\d;]*m", "", result.stdout + result.stderr.partition("Traceback")[0])
    print(printed)
    if result.returncode or "warning" in printed.lower():
        sys.exit("the site has warnings or was not built")
    print(f"{SITE}/index.html")


def led(path: Path, places: dict[Path, Path]) -> str:
    """A page's text, with links that point to the copies."""

    def lead(link: re.Match[str]) -> str:
        target, _, anchor = link[2].partition("#")
        goal = (path.parent / target).resolve() if target else path
        if target.startswith("http") or not target:
            return link[0]
        if goal == DOCS / "decisions":
            there = PAGES / "decisions" / "index.md"
        elif goal.suffix in PICTURES:
            there = PAGES / goal.relative_to(DOCS)
        elif goal in places:
            there = places[goal]
        elif goal.exists():
            return f"`{link[1]}`"  # a file of the repository, which the site does not hold
        else:
            sys.exit(f"{path}: the link to {link[2]} leads nowhere")
        way = os.path.relpath(there, places[path].parent).replace(os.sep, "/")
        return f"[{link[1]}]({way}{'#' + anchor if anchor else ''})"

    return re.sub(r"\[([^\]]*)\]\(([^)\s]+)\)", lead, path.read_text(encoding="utf8"))


def reference(name: str) -> str:
    """The page of some docstrings: `Seeds and sweeps` is `reference/seeds-and-sweeps.md`."""
    return f"reference/{re.sub('[^a-z]+', '-', name.lower())}.md"


def title(path: Path) -> str:
    """The heading of a page."""
    return path.read_text(encoding="utf8").partition("\n")[0].removeprefix("# ")


def navigation() -> Iterator[dict[str, list[dict[str, str]]]]:
    """Sections, each with its existing pages."""
    listed: set[str] = set()
    for section, pages in SECTIONS.items():
        there = {name: place for place, name in pages.items() if (PAGES / place).exists()}
        listed |= set(there.values())
        if section == REFERENCES:
            there = {name: reference(name) for name in REFERENCE} | there
            there["Decisions"] = "decisions/index.md"
        yield {section: [{name: place} for name, place in there.items()]}
    kept = (path.relative_to(PAGES).as_posix() for path in sorted(PAGES.rglob("*.md")))
    rest = [each for each in kept if each not in listed and not each.startswith("reference/")]
    rest = [each for each in rest if not each.startswith("decisions/")]
    if rest:
        yield {REST: [{title(PAGES / each): each} for each in rest]}


def configuration() -> str:
    """The settings of Zensical, in TOML. JSON strings are also TOML strings."""
    sections = []
    for section in navigation():
        for name, pages in section.items():
            entries = ", ".join(_entry(*each) for page in pages for each in page.items())
            sections.append(f"{{{json.dumps(name)} = [{entries}]}}")
    return f"""[project]
site_name = "inwit"
site_description = "One small network that plans, remembers and uses tools"
docs_dir = "{PAGES.name}"
site_dir = "{SITE.name}"
use_directory_urls = false
nav = [{", ".join(sections)}]

[project.theme]
language = "en"
font = false
features = ["navigation.indexes", "navigation.top", "content.code.copy", "toc.follow"]

[project.plugins.mkdocstrings.handlers.python]
paths = ["../src"]

[project.plugins.mkdocstrings.handlers.python.options]
docstring_style = "google"
show_source = false
show_root_heading = true
show_root_full_path = true
heading_level = 2
members_order = "source"
filters = ["!^_"]
show_signature_annotations = true
separate_signature = true
"""


def _entry(name: str, place: str) -> str:
    return f"{{{json.dumps(name)} = {json.dumps(place)}}}"


if __name__ == "__main__":
    main()
