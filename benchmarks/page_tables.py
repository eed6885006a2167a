"""Tables as they stand on the pages."""

from collections.abc import Sequence


def printed(rows: Sequence[Sequence[str]]) -> str:
    """Rows of cells as a table of Markdown; the second row has the alignments."""
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)
