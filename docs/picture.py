"""Moving pictures: one problem, tried again and again while an agent learns.

    inwit train countdown --seed 1 --out RUN
    python docs/picture.py RUN      writes docs/countdown.svg from the snapshots of the run
    python docs/picture.py          writes docs/learning.svg; about 10 seconds

The second trains on the README's own days.py, from right or wrong alone and without the search that
the command line would begin with, and records every update at which the most probable presses on
one problem changed. Each picture is one SVG with CSS animations: no script, no network, light and
dark.
"""

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from tempfile import TemporaryDirectory

import inwit
from inwit.evaluation.traces import Press, Trace, trace_typed
from inwit.recipes import recipe_for
from inwit.tools import show
from inwit.training.loop import Training
from inwit.training.run_folder import RunFolder

ROOT = Path(__file__).resolve().parent.parent
OPTIONS = {"search": 0, "updates": 40, "seed": 0}
PRESS, PAUSE, HOLD = 0.42, 0.75, 5.0
"""Seconds that a press, the end of an episode and the end of the picture last."""
CHARACTER = 7.83
"""The width of a character of the fixed font, in pixels."""
WIDTH, TOP, ROW, LEFT = 920, 92, 31, 306
KEY = re.compile(r"\d+")
STYLE = """
text { font: 13px ui-monospace, Menlo, Consolas, monospace; fill: #1d2129 }
.title { font: 600 19px system-ui, sans-serif } .soft { fill: #626b78; font-size: 13px }
.sans { font-family: system-ui, sans-serif } .paper { fill: #fbfbfa; stroke: #d5dae1 }
.key { fill: #eef0f3; stroke: #c6ccd5 } .lit { fill: #f0a94a } .screen { fill: #20262e }
.screen-text { fill: #d8f3dc; font-size: 17px } .small { fill: #9fb8a6; font-size: 12px }
.right { fill: #16703c; font-weight: 600 } .wrong { fill: #b3261e } .on { animation-iteration-count:
infinite; animation-timing-function: step-end }
@media (prefers-color-scheme: dark) { text { fill: #e6e8ec } .paper { fill: #15181d;
stroke: #363d47 } .soft { fill: #9aa4b2 } .key { fill: #2a3038; stroke: #444c57 }
.lit { fill: #a35a00 } .right { fill: #63c98b } .wrong { fill: #ff8a80 } }
@media (prefers-reduced-motion: reduce) { .on { animation: none !important } }
"""


Cap = tuple[str, float, float, float]
"""What is on a key, where it stands and how wide it is."""


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What a picture is of."""

    file: str
    """Its name in docs."""
    problem: str
    """What is typed."""
    title: str
    """What is written above it."""
    caption: str
    """A line below that."""
    operands: tuple[str, ...]
    """What the keys of operands enter."""
    caps: tuple[Cap, ...]
    """The keys."""
    note: tuple[str, str]
    """Two lines below the keys."""
    counted: str
    """By what the progress of training is counted."""


DAYS = Scene(
    file="learning.svg",
    problem="which day of the week is 45 days after 2026-11-28",
    title="which day of the week is 45 days after 2026-11-28?",
    caption="One problem, tried again each time the network changed its mind. "
    "Its keys are Python functions; its only reward is right or wrong.",
    operands=("2026-11-28", "45"),
    caps=(
        ("2026-11-28", 24, 190, 162),
        ("45", 194, 190, 88),
        ("LATER", 24, 232, 100),
        ("WEEKDAY", 132, 232, 150),
        ("STO", 24, 274, 80),
        ("RCL", 112, 274, 80),
        ("ANS", 200, 274, 82),
    ),
    note=("LATER and WEEKDAY are your functions;", "STO and RCL are the memory."),
    counted="episodes",
)
COUNTDOWN = Scene(
    file="countdown.svg",
    problem="27 29 52 76 -> 48",
    title="Make 48 from 27, 29, 52 and 76, each used once.",
    caption="A problem that training never draws, tried each time the network changed its mind.",
    operands=("27", "29", "52", "76"),
    caps=(
        *(
            (number, 24 + 66.0 * place, 190, 60)
            for place, number in enumerate(("27", "29", "52", "76"))
        ),
        *(
            (tool, 24 + 66.0 * place, 232, 60)
            for place, tool in enumerate(("ADD", "SUB", "MUL", "DIV"))
        ),
        ("STO", 24, 274, 80),
        ("RCL", 112, 274, 80),
        ("ANS", 200, 274, 82),
    ),
    note=("The tools calculate; STO and RCL", "are the memory."),
    counted="updates",
)


@dataclass(frozen=True, kw_only=True)
class Try:
    """One of the agent's answers to the problem."""

    progress: int
    """Episodes or updates of training before it."""
    trace: Trace
    """What it pressed."""
    right: bool
    """Whether the answer is the one that Python computes."""


@dataclass(frozen=True, kw_only=True)
class Element:
    """Something that is seen during some intervals of the film."""

    markup: str
    """Its SVG."""
    seen: Sequence[tuple[float, float]]
    """When, in seconds."""
    still: bool
    """Whether it is seen where nothing moves."""


def main() -> None:
    """Train or read a run, record, draw."""
    if sys.argv[1:]:
        scene, tries = COUNTDOWN, list(of_snapshots(Path(sys.argv[1]), COUNTDOWN))
    else:
        with TemporaryDirectory() as folder:
            task, answer = readme_task(Path(folder))
            scene, tries = DAYS, list(changes(task, answer))
    (ROOT / "docs" / scene.file).write_text(picture(scene, tries), encoding="utf8")
    for each in tries:
        print(f"{each.progress:6}  {each.trace.keys:40} {each.trace.answer} {each.right}")


def of_snapshots(run: Path, scene: Scene) -> Iterator[Try]:
    """The agent's presses on the problem in each snapshot of a run that changed them."""
    before = ""
    for update in RunFolder(run).snapshots():
        made = inwit.load(run, snapshot=update).solve(scene.problem)
        if made.keys != before:
            yield Try(progress=update, trace=made, right=made.right)
        before = made.keys


def readme_task(folder: Path) -> tuple[object, str]:
    """The task of the README's days.py, and the right answer as plain Python computes it."""
    text = (ROOT / "README.md").read_text(encoding="utf8")
    (code,) = (
        each for each in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "@inwit" in each
    )
    path = folder / "days.py"
    path.write_text(code, encoding="utf8")
    spec = spec_from_file_location("days", path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules["days"] = module
    spec.loader.exec_module(module)
    from datetime import date, timedelta

    return module.days, (date(2026, 11, 28) + timedelta(45)).strftime("%A")


def changes(task: object, answer: str) -> Iterator[Try]:
    """The agent's presses on the problem at every update that changed them."""
    training = Training(recipe_for(task).but(**OPTIONS))
    before = ""
    for report in training.reports():
        training.policy.eval()
        made = trace_typed(training.policy, training.recipe.environment(), DAYS.problem)
        if made.keys != before:
            yield Try(progress=report.episodes, trace=made, right=made.answer == answer)
        before = made.keys


def picture(scene: Scene, tries: Sequence[Try]) -> str:
    """The whole film as SVG."""
    elements, end = film(scene, tries)
    height = TOP + max(250, ROW * (len(tries) + 1)) + 24
    rules, drawn = list[str](), list[str]()
    for number, element in enumerate(elements):
        rules.append(keyframes(number, element, end))
        drawn.append(f'<g class="on" style="{style(number, element, end)}">{element.markup}</g>')
    label = f"An agent tries one problem again and again while it learns: {escape(scene.problem)}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-label="{label}"><style>{STYLE}{"".join(rules)}</style>\n'
        f'<rect class="paper" x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="8"/>\n'
        f"{text(24, 36, scene.title, 'title')}"
        f"{text(24, 60, scene.caption, 'soft sans')}\n"
        f"{still(scene)}\n{chr(10).join(drawn)}\n</svg>\n"
    )


def film(scene: Scene, tries: Sequence[Try]) -> tuple[list[Element], float]:
    """Everything that comes and goes, and how long the film is."""
    elements, now = list[Element](), 0.6
    lit: dict[str, list[tuple[float, float]]] = {}
    end = now + sum(PRESS * len(each.trace.presses) + PAUSE for each in tries) + HOLD
    for row, each in enumerate(tries):
        y = TOP + 44 + ROW * row
        elements.append(seen_from(now, end, text(LEFT, y, f"{each.progress:>6,}", "soft")))
        x = LEFT + 74.0
        for press in each.trace.presses:
            word = named(scene, press.key)
            elements.append(seen_from(now, end, text(x, y, word)))
            x += CHARACTER * (len(word) + 1)
            last = press is each.trace.presses[-1]
            until = now + PRESS + (PAUSE if last else 0)
            if last and each is tries[-1]:
                until = end
            shown = Element(
                markup=screen(press), seen=[(now, until)], still=last and each is tries[-1]
            )
            elements.append(shown)
            lit.setdefault(word, []).append((now, now + 0.7 * PRESS))
            now += PRESS
        verdict = "right" if each.right else "wrong"
        result = f"= {answer(each.trace)} {'✓' if each.right else '✗'}"
        elements.append(seen_from(now - PRESS / 2, end, text(x + 6, y, result, verdict)))
        now += PAUSE
    flashes = [
        Element(markup=cap(each, "lit"), seen=lit[each[0]], still=False)
        for each in scene.caps
        if each[0] in lit
    ]
    return flashes + elements, end


def still(scene: Scene) -> str:
    """What never changes: the calculator and the headings."""
    caps = "".join(cap(each, "key") for each in scene.caps)
    headings = text(LEFT, TOP + 14, scene.counted, "soft sans") + text(
        LEFT + 74, TOP + 14, "what it presses, and what comes out", "soft sans"
    )
    shown = f'<rect class="screen" x="24" y="{TOP}" width="258" height="78" rx="6"/>'
    first, second = scene.note
    note = text(24, 334, first, "soft sans") + text(24, 352, second, "soft sans")
    return headings + shown + caps + note


def screen(press: Press) -> str:
    """The display after a press, and the pending tool above it."""
    value = "FAULT" if press.fault or press.accumulator == float("inf") else show(press.accumulator)
    return text(36, TOP + 28, press.pending or " ", "small") + text(
        36, TOP + 58, value, "screen-text"
    )


def cap(key: Cap, kind: str) -> str:
    """A key."""
    word, x, y, width = key
    box = f'<rect class="{kind}" x="{x}" y="{y}" width="{width}" height="34" rx="6"/>'
    return box + f'<text x="{x + width / 2}" y="{y + 22}" text-anchor="middle">{word}</text>'


def named(scene: Scene, key: str) -> str:
    """A key as the picture names it: operand keys by what they enter."""
    return scene.operands[int(key)] if KEY.fullmatch(key) else key


def answer(made: Trace) -> str:
    """What was submitted."""
    return "a fault" if made.answer == float("inf") else show(made.answer)


def seen_from(start: float, end: float, markup: str) -> Element:
    """Something that stays until the film begins anew, and where nothing moves."""
    return Element(markup=markup, seen=[(start, end)], still=True)


def text(x: float, y: float, words: str, kind: str = "") -> str:
    """A line of text."""
    return (
        f'<text class="{kind}" x="{x:.0f}" y="{y:.0f}" xml:space="preserve">{escape(words)}</text>'
    )


def style(number: int, element: Element, end: float) -> str:
    """The animation of an element; without animations it is there or not for good."""
    return (
        f"opacity: {int(element.still)}; animation-name: k{number}; animation-duration: {end:.2f}s"
    )


def keyframes(number: int, element: Element, end: float) -> str:
    """When an element is seen."""
    steps = [(0.0, 0)]
    for start, stop in element.seen:
        steps += [(start / end, 1), (stop / end, 0)]
    inside = "".join(
        f"{100 * place:.2f}% {{ opacity: {value} }} " for place, value in steps if place < 1
    )
    return f"@keyframes k{number} {{ {inside}}}\n"


if __name__ == "__main__":
    main()
