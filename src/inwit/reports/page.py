"""The frame of a page of HTML, and tables on it; a page needs no network."""

import re
from collections.abc import Iterable, Sequence
from html import escape
from itertools import cycle

STYLE = """
:root { color-scheme: light dark; --ink: #1d2129; --soft: #626b78; --line: #d5dae1;
  --paper: #fbfbfa; --pass: #16703c; --fail: #b3261e; --dot: #2457a6; --mark: #a35a00 }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8ec; --soft: #9aa4b2; --line: #363d47;
  --paper: #15181d; --pass: #63c98b; --fail: #ff8a80; --dot: #7fb0ff; --mark: #f0a94a } }
body { background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif;
  max-width: 1080px; margin: 2rem auto; padding: 0 1rem; overflow-wrap: break-word }
h1 { font-size: 1.5rem; margin-bottom: 0 } h2 { font-size: 1.1rem; margin-top: 2rem }
p, dt, .soft { color: var(--soft) } dl { display: grid;
  grid-template-columns: fit-content(45%) 1fr; gap: 0 1rem }
dd { margin: 0 } dt, dd { overflow-wrap: anywhere } .wide { overflow-x: auto }
pre { white-space: pre-wrap }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0;
  border-top: 1px solid var(--line) } th { color: var(--soft); font-weight: 500 }
.figure { text-align: right; white-space: nowrap }
.pass { color: var(--pass) } .fail { color: var(--fail); font-weight: 600 }
.warn { color: var(--mark) }
svg { max-width: 100%; height: auto } svg text { fill: var(--ink); font-size: 12px }
svg .soft { fill: var(--soft) } svg line { stroke: var(--line) }
svg .whisker { stroke: var(--dot); stroke-width: 2 } svg circle { fill: var(--dot) }
svg path { stroke: var(--mark); stroke-width: 2 }
@media (max-width: 600px) { svg text { font-size: 17px }
  table, tbody, tr, td { display: block } tr:first-child, td:empty { display: none }
  tr { border-top: 1px solid var(--line); padding: .5rem 0; overflow-wrap: anywhere }
  td { border: 0; padding: 0 } .figure { text-align: left; white-space: normal }
  td:not([data-name=""])::before { content: attr(data-name) ": "; color: var(--soft);
    font-weight: 400 } }
"""


def page(title: str, body: str) -> str:
    """A whole page."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{text(title)}</title><style>{STYLE}</style></head><body>\n"
        f"{body}</body></html>\n"
    )


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of texts, with verdicts in colour."""
    return framed(headings, "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows))


def framed(headings: Sequence[str], rows: str) -> str:
    """A table of rows that are HTML already; a narrow screen shows its cells one below another."""
    head = "".join(f"<th>{text(heading)}</th>" for heading in headings)
    names = cycle(map(text, headings))
    named = re.sub("<td", lambda _: f'<td data-name="{next(names)}"', rows)
    return f"<div class=wide><table><tr>{head}</tr>{named}</table></div>"


def _cell(content: str) -> str:
    kind = f' class="{content}"' if content in ("pass", "warn", "fail") else ""
    return f"<td{kind}>{text(content)}</td>"


def text(content: object) -> str:
    """Text that is safe on a page, also where it holds lone surrogates."""
    return escape(str(content).encode(errors="backslashreplace").decode())
