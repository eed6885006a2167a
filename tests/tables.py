"""The tables of a page of HTML, read by the standard library's parser."""

from html.parser import HTMLParser


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tables, self.open = [], []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("th", "td"):
            self.tables[-1][-1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1] in ("th", "td"):
            self.tables[-1][-1][-1] += data


def tables_of(page):
    """The cells of every table, headings first; tags have to be closed in order."""
    reader = _Reader()
    reader.feed(page)
    assert reader.open == []
    return reader.tables
