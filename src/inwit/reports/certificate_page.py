"""A certificate as one page of HTML: plots and every line, light and dark, without a network."""

from collections.abc import Sequence
from dataclasses import dataclass

from inwit.probes import Certificate, Line, Verdict
from inwit.probes.rows import figure
from inwit.reports.page import framed, page, text

WIDTH, EDGE, ROW = 560, 30, 40
"""Of a plot, its margins left and right, and a row: a label with its dot below, in pixels."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of a plot."""

    label: str
    """What it is."""
    value: float
    """Where the dot stands."""
    interval: tuple[float, float] | None
    """Where the whisker ends."""
    mark: float | None
    """What to compare with."""


def certificate_page(certificate: Certificate) -> str:
    """The whole page."""
    verdict = "passed" if certificate.passed else "failed"
    title = f"{certificate.task}, {certificate.policy}: {verdict}"
    counted = ", ".join(f"{certificate.count(each)} {each}" for each in Verdict)
    summary = "".join(
        f"<dt>{name}</dt><dd>{text(', '.join(each) or 'nothing')}</dd>"
        for name, each in certificate.summary.items()
    )
    parts = dict.fromkeys(line.part for line in certificate.lines)
    return page(
        title,
        f"<h1>{text(title)}</h1><p>{text(counted)}.</p><dl>{summary}</dl>\n"
        f"{_failed(certificate)}{''.join(_plots(certificate))}"
        f"{''.join(_table(part, certificate.find(part)) for part in parts)}"
        f"<h2>How it was made</h2><dl>{_facts(certificate)}</dl>",
    )


def _failed(certificate: Certificate) -> str:
    """The lines that fail, and why."""
    lines = [line for line in certificate.lines if line.verdict is Verdict.FAIL]
    failed = "".join(f"<li>{text(line.name)}: {text(line.fails_if)}</li>" for line in lines)
    return f"<ul class=fail>{failed}</ul>\n" if failed else ""


def _facts(certificate: Certificate) -> str:
    facts = {
        "problems of a level, or episodes": certificate.problems,
        "seed": certificate.seed,
        "certified at commit": certificate.commit,
        **{f"trained: {name}": value for name, value in certificate.made.items()},
    }
    return "".join(f"<dt>{text(name)}</dt><dd>{text(fact)}</dd>" for name, fact in facts.items())


def _plots(certificate: Certificate) -> list[str]:
    scores = [*certificate.find("competence", "level"), *certificate.find("generalisation")]
    ahead = [*certificate.find("planning", "key "), *certificate.find("past", "seen")]
    return [
        _plot(
            "Right answers; the mark: the best that ignores the problem", scores, "blind ceiling"
        ),
        _plot(
            "Right answers without a part; the mark: the ceiling without it",
            certificate.find("lesions"),
            "ceiling",
        ),
        _plot(
            "Probes of the state: what is decoded, less the best control; the mark: nothing more",
            ahead,
            "",
        ),
    ]


def _plot(title: str, lines: Sequence[Line], mark: str) -> str:
    """Dots with whiskers; nothing where there is nothing to plot."""
    rows = [
        Row(
            label=line.name,
            value=line.figure,
            interval=line.interval,
            mark=line.beside.get(mark) if mark else 0.0,
        )
        for line in lines
        if line.figure is not None and line.unit != "return"
    ]
    if not rows:
        return ""
    return f"<h2>{text(title)}</h2><div class=wide>{_svg(title, rows)}</div>\n"


def _svg(title: str, rows: Sequence[Row]) -> str:
    known = [row.value for row in rows] + [end for row in rows for end in row.interval or ()]
    shares = min(known) >= 0 and max(known) > 0.3
    widest = max(map(abs, known)) or 1.0
    low, high = (0.0, 1.0) if shares else (-widest, widest)
    scale = (WIDTH - 2 * EDGE) / (high - low)
    height = ROW * (len(rows) + 1)
    drawn = []
    for step in range(5):
        value = low + (high - low) * step / 4
        x = EDGE + (value - low) * scale
        drawn.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="4" y2="{height - 24}"/>')
        drawn.append(
            f'<text class="soft" text-anchor="middle" x="{x:.1f}" '
            f'y="{height - 6}">{value:.{0 if shares else 1}%}</text>'
        )
    for place, row in enumerate(rows):
        drawn.append(_row(row, ROW * (place + 1) - 8, low, scale))
    return (
        f'<svg role="img" aria-label="{text(title)}" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}">{"".join(drawn)}</svg>'
    )


def _row(row: Row, y: int, low: float, scale: float) -> str:
    def at(value: float) -> str:
        return f"{EDGE + (value - low) * scale:.1f}"

    parts = [f'<text x="0" y="{y - 14}">{text(row.label)}</text>']
    if row.mark is not None:
        parts.append(f'<path d="M {at(row.mark)} {y - 8} v 16"/>')
    if row.interval is not None:
        first, last = row.interval
        ends = f'x1="{at(first)}" x2="{at(last)}" y1="{y}" y2="{y}"'
        parts.append(f'<line class="whisker" {ends}/>')
    title = f"<title>{text(f'{row.label}: {row.value:.1%}')}</title>"
    return "".join(parts) + f'<circle cx="{at(row.value)}" cy="{y}" r="4">{title}</circle>'


def _table(part: str, lines: Sequence[Line]) -> str:
    headings = (
        "",
        "measured",
        "figure",
        "95 % interval",
        "needs",
        "beside",
        "n",
        "fails if; notes",
    )
    rows = "".join(_cells(line) for line in lines)
    return f"<h2>{text(part)}</h2>{framed(headings, rows)}\n"


def _cells(line: Line) -> str:
    interval = ""
    if line.interval is not None:
        low, high = (figure(line, end) for end in line.interval)
        interval = f"{low} to {high} ({line.method})"
    beside = ", ".join(f"{name} {value:.3g}" for name, value in line.beside.items())
    words = "; ".join(filter(None, (line.fails_if, line.note)))
    kind = line.verdict.value if line.verdict in (Verdict.PASS, Verdict.FAIL) else "soft"
    figures = "".join(
        f'<td class="figure">{text(cell)}</td>' for cell in (figure(line, line.figure), interval)
    )
    return (
        f'<tr><td class="{kind}">{text(line.verdict.value)}</td><td>{text(line.name)}</td>'
        f"{figures}<td>{text(line.needs)}</td><td>{text(beside)}</td><td>{line.count:,}</td>"
        f'<td class="soft">{text(words)}</td></tr>'
    )
