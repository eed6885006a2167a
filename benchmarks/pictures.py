"""Pictures of measurements as SVG that needs nothing else: dots with whiskers, and curves."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10
from statistics import median

from inwit.bench.contenders import FLOOR
from inwit.bench.results import Results, cpu
from inwit.bench.tables import heading

WIDTH, LABELS, ROW, HEIGHT = 820, 330, 22, 420
"""Of a picture, its labels, a row; the height of a picture of curves. In pixels."""
COLOURS = ("#2457a6", "#a35a00", "#16703c", "#8a2be2", "#b3261e", "#3a7d8c", "#626b78")
STYLE = """<style>text { font: 12px system-ui, sans-serif; fill: #1d2129 }
.soft { fill: #626b78 } .grid { stroke: #d5dae1 } .whisker { stroke: #2457a6; stroke-width: 2 }
circle { fill: #2457a6 } .ours { fill: #a35a00; stroke: #a35a00 } .title { font-weight: 600 }
@media (prefers-color-scheme: dark) { .paper { fill: #15181d } text { fill: #e6e8ec }
.soft { fill: #9aa4b2 } .grid { stroke: #363d47 } }</style>"""


@dataclass(frozen=True, kw_only=True)
class Curve:
    """One line of a picture."""

    label: str
    """What it is."""
    points: Sequence[tuple[float, float]]
    """Both positive: both axes are logarithmic."""


def session_picture(results: Results) -> str:
    """CPU time of an update beside the floor, a panel for each size, on a logarithmic axis."""
    panels, y = [], 20
    known = [1.0]
    rows: list[tuple[int, str, float, float, float, bool]] = []
    for episodes, threads in results.settings():
        panels.append((y, heading(episodes, threads)))
        y += ROW
        for one in results.at(episodes, threads):
            middle = results.beside(one, FLOOR, cpu)
            if middle is None:
                continue
            low, high = (middle * end / median(one.cpu) for end in (min(one.cpu), max(one.cpu)))
            known += [low, high]
            rows.append((y, one.title, middle, low, high, one.name.startswith("inwit")))
            y += ROW
        y += ROW // 2
    first, last = min(0, floor(log10(min(known)))), max(1, ceil(log10(max(known))))
    scale = (WIDTH - LABELS - 40) / (last - first)

    def at(value: float) -> str:
        return f"{LABELS + (log10(value) - first) * scale:.1f}"

    drawn = []
    for value in ticks(first, last):
        drawn.append(f'<line class="grid" x1="{at(value)}" x2="{at(value)}" y1="10" y2="{y}"/>')
        drawn.append(_text(at(value), y + 14, f"{value:g}", "soft", "middle"))
    drawn.append(_text(WIDTH - 40, y + 32, "CPU time of an update, times the floor", "soft", "end"))
    drawn += [_text(14, place, text, "title") for place, text in panels]
    for place, title, middle, low, high, ours in rows:
        kind = "ours" if ours else "whisker"
        drawn.append(_text(LABELS - 14, place, title, "", "end"))
        drawn.append(
            f'<line class="{kind}" stroke-width="2" x1="{at(low)}" x2="{at(high)}" '
            f'y1="{place - 4}" y2="{place - 4}"/><circle {_ours(ours)}'
            f'cx="{at(middle)}" cy="{place - 4}" r="4">'
            f"<title>{escape(title)}: {middle:.2f}</title></circle>"
        )
    return _document(y + 44, "CPU time of an update beside the floor", drawn)


def curves_picture(title: str, across: str, up: str, curves: Sequence[Curve]) -> str:
    """Curves on two logarithmic axes."""
    xs = [x for curve in curves for x, _ in curve.points]
    ys = [y for curve in curves for _, y in curve.points]
    left, right = floor(log10(min(xs))), ceil(log10(max(xs)))
    low, high = floor(log10(min(ys))), ceil(log10(max(ys)))
    x_scale = (WIDTH - 90 - 220) / max(1, right - left)
    y_scale = (HEIGHT - 80) / max(1, high - low)

    def place(x: float, y: float) -> tuple[float, float]:
        return 70 + (log10(x) - left) * x_scale, HEIGHT - 50 - (log10(y) - low) * y_scale

    drawn = [_text(14, 18, title, "title")]
    for power in range(left, right + 1):
        x, bottom = place(10.0**power, 10.0**low)
        drawn.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="30" y2="{bottom:.1f}"/>')
        drawn.append(_text(f"{x:.1f}", bottom + 16, f"{10.0**power:,g}", "soft", "middle"))
    for power in range(low, high + 1):
        x, y = place(10.0**left, 10.0**power)
        end = place(10.0**right, 1)[0]
        drawn.append(f'<line class="grid" x1="{x:.1f}" x2="{end:.1f}" y1="{y:.1f}" y2="{y:.1f}"/>')
        drawn.append(_text(f"{x - 6:.1f}", f"{y + 4:.1f}", f"{10.0**power:g}", "soft", "end"))
    drawn.append(_text(70, HEIGHT - 12, f"{across}; up: {up}", "soft"))
    for number, curve in enumerate(curves):
        colour = COLOURS[number % len(COLOURS)]
        spots = [place(x, y) for x, y in curve.points]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in spots)
        drawn.append(f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{path}"/>')
        drawn += [
            f'<circle style="fill: {colour}" cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in spots
        ]
        label = 40 + 18 * number
        drawn.append(f'<circle style="fill: {colour}" cx="{WIDTH - 215}" cy="{label - 4}" r="4"/>')
        drawn.append(_text(WIDTH - 205, label, curve.label))
    return _document(HEIGHT, title, drawn)


def ticks(first: int, last: int) -> list[float]:
    """1, 2, 5, 10, ... from one power of ten to another."""
    steps = [10.0**power * step for power in range(first, last) for step in (1, 2, 5)]
    return [*steps, 10.0**last]


def _ours(ours: bool) -> str:
    return 'class="ours" ' if ours else ""


def _text(x: float | str, y: float | str, words: str, kind: str = "", anchor: str = "start") -> str:
    return f'<text class="{kind}" text-anchor="{anchor}" x="{x}" y="{y}">{escape(words)}</text>'


def _document(height: float, title: str, drawn: Sequence[str]) -> str:
    body = "\n".join(drawn)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(title)}" '
        f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}">{STYLE}\n'
        f'<rect class="paper" width="{WIDTH}" height="{height}" fill="#fbfbfa"/>\n{body}\n</svg>'
    )
