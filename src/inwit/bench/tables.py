"""The results of a session as tables, in Markdown and on the terminal."""

from collections.abc import Callable, Mapping
from statistics import median

from inwit.bench.contenders import FLOOR, OURS
from inwit.bench.results import Measured, Results, cpu, wall

HEADINGS = (
    "one update of",
    "CPU ms",
    "least to most",
    "wall ms",
    "presses per CPU s",
    "CPU, x inwit",
    "CPU, x floor",
    "wall, x inwit",
)


def markdown(results: Results, made: Mapping[str, object]) -> str:
    """All tables, the contenders left out, and the versions used."""
    parts = []
    for episodes, threads in results.settings():
        rows = [_row(results, one) for one in results.at(episodes, threads)]
        parts.append(f"{heading(episodes, threads)}:\n\n" + "\n".join([*_head(), *rows]))
    if results.absent:
        parts.append("Not measured:\n\n" + "\n".join(left_out(results)))
    facts = {**made, **dict(sorted(results.versions.items()))}
    parts.append(", ".join(f"{name} {fact}" for name, fact in facts.items() if fact != ""))
    return "\n\n".join(parts)


def heading(episodes: int, threads: int) -> str:
    """The heading of a table."""
    return f"{episodes:,} episodes, {'one thread' if threads == 1 else f'{threads} threads'}"


def left_out(results: Results) -> list[str]:
    """A line per contender and reason, with the sizes concerned."""
    sizes: dict[tuple[str, str], list[str]] = {}
    for one in results.absent:
        places = sizes.setdefault((one.name, one.reason), [])
        if one.episodes is not None and f"{one.episodes:,}" not in places:
            places.append(f"{one.episodes:,}")
    lines = []
    for (name, reason), places in sizes.items():
        where = f" at {', '.join(places)} episodes" if places else ""
        lines.append(f"- {name}{where}: {reason}")
    return lines


def _head() -> list[str]:
    return [
        "| " + " | ".join(HEADINGS) + " |",
        "| --- |" + " ---: |" * (len(HEADINGS) - 1),
    ]


def _row(results: Results, one: Measured) -> str:
    seconds = one.cpu
    cells = [
        one.title,
        milliseconds(median(seconds)),
        f"{milliseconds(min(seconds))} to {milliseconds(max(seconds))}",
        milliseconds(median(one.wall)),
        f"{one.rate:,.0f}",
        _times(results, one, OURS, cpu),
        _times(results, one, FLOOR, cpu),
        _times(results, one, OURS, wall),
    ]
    return "| " + " | ".join(cells) + " |"


def _times(
    results: Results, one: Measured, other: str, kind: Callable[[Measured], list[float]]
) -> str:
    ratio = results.beside(one, other, kind)
    return "" if ratio is None else f"{ratio:.2f}"


def milliseconds(seconds: float) -> str:
    """Milliseconds with three digits and no exponent."""
    value = 1000 * seconds
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
