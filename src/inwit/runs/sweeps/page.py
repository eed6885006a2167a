"""A sweep as one page of HTML: the trials by value, by option, and as a table; needs no network."""

from collections.abc import Sequence
from html import escape
from math import log10

from inwit.reports.certificate_page import STYLE
from inwit.runs.sweeps.plan import Choices, Plan, Range
from inwit.runs.sweeps.rows import Row, best, command, show, table

WIDTH, HEIGHT, LEFT, BELOW = 520, 240, 60, 34
"""Of a plot and of the margins that have its labels, in pixels."""
PLOTS = """
.plots { display: flex; flex-wrap: wrap; gap: 1rem } figure { margin: 0 }
circle.pruned { fill: none; stroke: var(--soft) } polyline { fill: none; stroke: var(--mark) }
"""


def sweep_page(plan: Plan, rows: Sequence[Row]) -> str:
    """The whole page."""
    title = f"sweep of {plan.task}: {len(rows)} trials"
    first = best(plan, rows)
    told = "<p>No trial is complete.</p>"
    if first is not None:
        told = f"<p>Best: trial {first.number}, <code>{_text(command(plan, first))}</code></p>"
    plots = [_by_trial(plan, rows), *(_by_option(plan, rows, name) for name in plan.search)]
    plots.append(_early(rows))
    heads, *cells = table(plan, rows)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{_text(title)}</title><style>{STYLE}{PLOTS}</style></head><body>\n"
        f"<h1>{_text(title)}</h1>{told}"
        f"<div class=plots>{''.join(plots)}</div><div class=wide><table>"
        f"{_row(heads, 'th')}{''.join(_row(each, 'td') for each in cells)}"
        "</table></div></body></html>\n"
    )


def _row(cells: Sequence[str], tag: str) -> str:
    return f"<tr>{''.join(f'<{tag}>{_text(cell)}</{tag}>' for cell in cells)}</tr>"


def _by_trial(plan: Plan, rows: Sequence[Row]) -> str:
    points = [(float(row.number), row.value, _told(row)) for row in rows if row.value is not None]
    so_far, line = None, []
    for x, y, _ in points:
        better = max if plan.objective == "accuracy" else min
        so_far = y if so_far is None else better(so_far, y)
        line.append((x, so_far))
    ends = (0.0, float(max(1, len(rows) - 1)))
    return _plot(f"{plan.objective} by trial, and the best so far", points, ends, ends, [line])


def _by_option(plan: Plan, rows: Sequence[Row], name: str) -> str:
    space = plan.search[name]
    points = [
        (_place(space, row.options[name]), row.value, _told(row))
        for row in rows
        if row.value is not None and name in row.options
    ]
    if isinstance(space, Choices):
        labels = [show(value) for value in space.values]
        return _plot(f"by {name}", points, (0.0, max(1.0, len(labels) - 1.0)), labels)
    ends = (_place(space, space.low), _place(space, space.high))
    return _plot(f"by {name}", points, ends, [show(space.low), show(space.high)])


def _place(space: Choices | Range, value: object) -> float:
    if isinstance(space, Choices):
        return float(space.values.index(value))
    assert isinstance(value, int | float)
    return log10(value) if space.log else float(value)


def _early(rows: Sequence[Row]) -> str:
    begun = [row for row in rows if row.early]
    lines = [
        [(float(count), row.early[step]) for count, step in enumerate(sorted(row.early), 1)]
        for row in begun
    ]
    last = max((line[-1][0] for line in lines), default=1.0)
    ends = [(*line[-1], _told(row)) for line, row in zip(lines, begun, strict=True)]
    title = "accuracy in training at each snapshot; the last is where a trial ended"
    return _plot(title, ends, (0.0, last), [0.0, last], lines)


def _told(row: Row) -> str:
    options = ", ".join(f"{name} {show(value)}" for name, value in row.options.items())
    value = "" if row.value is None else f" {row.value:.4g}"
    return f"trial {row.number}: {row.state}{value}; {options}"


def _plot(
    title: str,
    points: Sequence[tuple[float, float, str]],
    ends: tuple[float, float],
    labels: Sequence[object],
    lines: Sequence[Sequence[tuple[float, float]]] = (),
) -> str:
    """Points and lines over labels that are spread evenly from the first end to the last."""
    heights = [y for _, y, _ in points] + [y for line in lines for _, y in line]
    low, high = min(heights, default=0.0), max(heights, default=1.0)
    low, high = (low, high) if high > low else (0.9 * low, 1.1 * high or 1.0)

    def at(x: float, y: float) -> tuple[str, str]:
        right = LEFT + (x - ends[0]) / (ends[1] - ends[0]) * (WIDTH - LEFT - 20)
        return f"{right:.1f}", f"{16 + (high - y) / (high - low) * (HEIGHT - BELOW - 24):.1f}"

    drawn = []
    for value in (low, high):
        _, y = at(ends[0], value)
        drawn.append(f'<line x1="{LEFT}" x2="{WIDTH - 20}" y1="{y}" y2="{y}"/>')
        drawn.append(
            f'<text class="soft" text-anchor="end" x="{LEFT - 8}" y="{y}">{value:.3g}</text>'
        )
    for count, label in enumerate(labels):
        x, _ = at(ends[0] + (ends[1] - ends[0]) * count / max(1, len(labels) - 1), low)
        shown = f"{label:g}" if isinstance(label, float) else str(label)
        where = f'x="{x}" y="{HEIGHT - 8}"'
        drawn.append(f'<text class="soft" text-anchor="middle" {where}>{_text(shown)}</text>')
    for line in lines:
        path = " ".join(",".join(at(*point)) for point in line)
        drawn.append(f'<polyline points="{path}"/>')
    for across, up, told in points:
        right, down = at(across, up)
        kind = ' class="pruned"' if ": pruned" in told else ""
        drawn.append(
            f'<circle{kind} cx="{right}" cy="{down}" r="4"><title>{_text(told)}</title></circle>'
        )
    shape = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}"'
    return (
        f'<figure><figcaption class="soft">{_text(title)}</figcaption>'
        f'<svg role="img" aria-label="{_text(title)}" {shape}>{"".join(drawn)}</svg></figure>'
    )


def _text(content: object) -> str:
    return escape(str(content))
