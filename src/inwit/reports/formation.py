"""The formation of a plan as a picture: four curves over the updates of a run."""

from collections.abc import Sequence

from inwit.probes import Formation

WIDTH, HEIGHT, LEFT, TOP = 640, 300, 50, 20
COLOURS = {
    "right answers": "#2457a6",
    "plan read off the state, less the best control": "#16703c",
    "named plan executed after the edit": "#b3261e",
    "the same, random direction": "#8a8f98",
}


def formation_picture(found: Formation) -> str:
    """The stages as an SVG picture; a curve begins where there is something to measure."""
    curves: list[list[float | None]] = [
        [each.right.accuracy for each in found.stages],
        [max(0.0, each.read) for each in found.stages],
        [each.edited for each in found.stages],
        [each.random for each in found.stages],
    ]
    last = max(1, found.stages[-1].update)
    across = [LEFT + (WIDTH - LEFT - 20) * each.update / last for each in found.stages]
    drawn = list[str]()
    for step in range(5):
        y = TOP + HEIGHT * step / 4
        drawn.append(f'<line x1="{LEFT}" x2="{WIDTH - 20}" y1="{y}" y2="{y}" stroke="#d5dae1"/>')
        drawn.append(
            f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{1 - step / 4:.0%}</text>'
        )
    for (name, colour), values, place in zip(COLOURS.items(), curves, range(4), strict=True):
        drawn += _curve(name, colour, across, values, TOP + HEIGHT + 44 + 18 * place)
    bottom = TOP + HEIGHT + 20
    drawn.append(f'<text x="{LEFT}" y="{bottom}">0</text>')
    drawn.append(f'<text x="{WIDTH - 20}" y="{bottom}" text-anchor="end">update {last}</text>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {WIDTH} '
        f'{bottom + 24 + 18 * 4}" font-family="sans-serif" font-size="12" fill="#626b78">'
        f"<title>{found.headline}</title>{''.join(drawn)}</svg>\n"
    )


def _curve(
    name: str,
    colour: str,
    across: Sequence[float],
    values: Sequence[float | None],
    key: float,
) -> list[str]:
    """A line with its dots, and its name below the plot."""
    known = [
        (x, TOP + HEIGHT * (1 - value))
        for x, value in zip(across, values, strict=True)
        if value is not None
    ]
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in known)
    return [
        f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{points}"/>',
        *(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in known),
        f'<rect x="{LEFT}" y="{key - 9}" width="10" height="10" fill="{colour}"/>',
        f'<text x="{LEFT + 16}" y="{key}">{name}</text>',
    ]
