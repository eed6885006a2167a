"""Tables of text."""

from collections.abc import Iterator, Mapping, Sequence

from rich.console import Console

from inwit.tabular import Sheet


def print_columns(
    console: Console,
    rows: Sequence[Sequence[str]],
    *,
    left: Sequence[str],
    styles: Mapping[str, str] | None = None,
) -> None:
    """A table, whole, however narrow the terminal is.

    Args:
        console: where to.
        rows: the headings, then the cells.
        left: the headings of the columns that begin at the left.
        styles: of rows, by their first cell.
    """
    for row, line in zip(rows, aligned(rows, left), strict=True):
        style = "bold" if row is rows[0] else (styles or {}).get(row[0])
        console.print(line, style=style, highlight=False, soft_wrap=True)


def aligned(rows: Sequence[Sequence[str]], left: Sequence[str]) -> Iterator[str]:
    """The rows as lines; the first row has the headings."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (
            cell.ljust(width) if heading in left else cell.rjust(width)
            for cell, width, heading in zip(row, widths, rows[0], strict=True)
        )
        yield "  ".join(cells).rstrip()


def print_sheet(console: Console, sheet: Sheet, styles: Mapping[str, str] | None = None) -> None:
    """Print a result's table; its note is left to the caller."""
    print_columns(console, [sheet.headings, *sheet.rows], left=sheet.left, styles=styles)
