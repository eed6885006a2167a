"""Results that are tables: the same cells in a terminal, in a notebook and in pandas.

A result describes itself once, in `sheets`: the command line prints them, a notebook shows them as
HTML. `rows` has the same content as plain values, for pandas.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from inwit.extras import require

COLOURS = {"pass": "#16703c", "right": "#16703c", "fail": "#b3261e", "wrong": "#b3261e"}
"""Of cells that hold a verdict; readable on a light and on a dark page."""
LEFT, RIGHT = "text-align: left; padding: 0 .6em", "text-align: right; padding: 0 .6em"


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One table of text."""

    headings: tuple[str, ...]
    """The names of the columns."""
    rows: tuple[tuple[str, ...], ...]
    """The cells."""
    left: tuple[str, ...]
    """Headings of the columns that are aligned left; the others hold figures."""
    note: str = ""
    """A line below the table."""

    def html(self) -> str:
        """The table as HTML; everything in it is escaped."""
        styles = [LEFT if heading in self.left else RIGHT for heading in self.headings]
        head = "".join(
            f'<th style="{style}">{escape(heading)}</th>'
            for heading, style in zip(self.headings, styles, strict=True)
        )
        rows = "".join(f"<tr>{_cells(row, styles)}</tr>" for row in self.rows)
        note = f"<p>{escape(self.note)}</p>" if self.note else ""
        return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{note}"


class Tabular:
    """A result that is shown as tables. A subclass has `headline`, `sheets` and `rows`."""

    @property
    def headline(self) -> str:
        """The result in one line."""
        raise NotImplementedError

    def sheets(self) -> Sequence[Sheet]:
        """The tables that the command line prints."""
        raise NotImplementedError

    def rows(self) -> list[dict[str, object]]:
        """One mapping per row, from the name of a column to a plain value."""
        raise NotImplementedError

    def to_pandas(self) -> Any:
        """The rows as a `pandas.DataFrame`.

        Raises:
            InvalidOption: pandas is not installed.
        """
        return require("pandas", "pandas").DataFrame(self.rows())

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.headline})"

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        tables = "".join(sheet.html() for sheet in self.sheets())
        return f"<div><p><b>{escape(self.headline)}</b></p>{tables}</div>"


def _cells(row: Sequence[str], styles: Sequence[str]) -> str:
    return "".join(
        f'<td style="{style}{_colour(cell)}">{_text(cell)}</td>'
        for cell, style in zip(row, styles, strict=True)
    )


def _colour(cell: str) -> str:
    return f"; color: {COLOURS[cell]}" if cell in COLOURS else ""


def _text(cell: str) -> str:
    """Safe for a page, whatever a foreign program wrote."""
    return escape(cell.encode(errors="backslashreplace").decode())
