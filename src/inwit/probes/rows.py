"""The cells of a certificate's table."""

from typing import TYPE_CHECKING

from inwit.evaluation.intervals import percent

if TYPE_CHECKING:
    from inwit.probes.card import Line

HEADINGS = ("verdict", "measured", "figure", "95 % interval", "of", "beside", "needs")
LEFT = ("part", "verdict", "measured", "beside", "needs")
DETAIL = "key "
"""Lines whose names begin like this are shown only in the file and on the page."""


def cells(line: "Line") -> tuple[str, ...]:
    """The row of a line."""
    interval = ""
    if line.interval is not None:
        interval = " to ".join(figure(line, end) for end in line.interval)
    beside = ", ".join(f"{name} {value:.3g}" for name, value in line.beside.items())
    return (
        line.verdict,
        line.name,
        figure(line, line.figure),
        interval,
        f"{line.count:,}",
        beside if line.figure is not None else line.note,
        line.needs,
    )


def figure(line: "Line", value: float | None) -> str:
    """A figure of a line for display; a share is 100 % only if nothing was wrong."""
    if value is None:
        return "-"
    if line.unit == "bits":
        return f"{value:.3f} bits"
    if line.unit == "return":
        return f"{value:.3f}"
    if line.unit == "difference":
        return f"{100 * value:+.1f} %"
    return percent(value)
