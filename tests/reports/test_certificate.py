import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from rich.console import Console

from inwit.cli.main import main
from inwit.probes import Certificate, Line, Verdict
from inwit.probes.rows import figure
from inwit.reports.certificate import print_certificate
from inwit.reports.certificate_page import certificate_page


def line(**given):
    told = {"part": "competence", "name": "level 1", "verdict": Verdict.PASS, "figure": 0.9996}
    told |= {"interval": (0.99, 1.0), "method": "Wilson", "needs": "lower end at least 95%"}
    told |= {"count": 2500, "beside": {"oracle": 1.0, "blind ceiling": 0.25}}
    return Line(**(told | given))


@pytest.fixture
def certificate():
    return Certificate(
        task="expressions",
        policy="gru",
        made={"commit": "abc123"},
        commit="def456",
        seed=5,
        problems=100,
        lines=(
            line(),
            line(
                part="lesions",
                name="STO off",
                verdict=Verdict.FAIL,
                figure=0.5,
                interval=(0.4, 0.6),
                fails_if="it does as well without",
                beside={"intact": 1.0, "ceiling": 0.1},
            ),
            line(part="planning", name="keys 1 to 8 ahead, mean", unit="difference", figure=-0.012),
            line(part="planning", name="key 1 ahead", unit="difference", figure=0.1, interval=None),
            line(part="information", name="all levels", unit="bits", figure=1.585, interval=None),
            Line(part="memory", name="sets", verdict=Verdict.NONE, note="<b>nothing</b> & more"),
        ),
    )


def test_the_table_has_a_line_for_every_claim(capsys, certificate):
    print_certificate(Console(width=200, soft_wrap=True), certificate)
    text = capsys.readouterr().out
    lines = text.splitlines()
    assert lines[0].split()[0] == "verdict"
    assert [each for each in lines if each in ("competence", "lesions", "memory")]
    assert "99.9 %" in text  # never 100 % where something was wrong
    assert "-1.2 %" in text
    assert "1.585 bits" in text
    assert "key 1 ahead" not in text
    assert "fail: STO off: it does as well without" in text
    assert "expressions, gru: fail (4 pass, 1 fail, 0 stated, 1 does not apply)" in text
    assert "\nnot shown: memory\n" in text
    assert "trained at commit abc123, examined at def456, seed 5" in text


def test_figures_are_not_rounded_up(certificate):
    first = certificate.lines[0]
    assert [figure(first, share) for share in (1.0, 0.29, 0.9999, None)] == [
        "100.0 %",
        "29.0 %",
        "99.9 %",
        "-",
    ]


class Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.texts, self.stack = [], [], []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        self.stack.append(tag)

    def handle_endtag(self, tag):
        while self.stack and self.stack.pop() != tag:
            pass

    def handle_data(self, data):
        if not self.stack or self.stack[-1] != "style":
            self.texts.append(data)


def test_the_page_stands_alone(certificate):
    text = certificate_page(certificate)
    page = Page()
    page.feed(text)
    assert not {tag for tag, _ in page.tags} & {"script", "link", "img", "iframe", "b"}
    assert not any({"href", "src"} & set(attributes) for _, attributes in page.tags)
    assert "http" not in text
    assert "url(" not in text
    assert "prefers-color-scheme: dark" in text
    assert "<b>nothing</b> & more" in page.texts  # escaped: it is text and no mark-up
    for each in certificate.lines:
        assert each.name in page.texts
        assert each.verdict.value in page.texts


def test_the_page_begins_with_the_verdict_and_ends_with_how_it_was_made(certificate):
    text = certificate_page(certificate)
    order = ["failed</h1>", "4 pass, 1 fail", "memory"]
    order += ["STO off: it does as well without", "<svg", "trained: commit"]
    places = [text.index(each) for each in order]
    assert places == sorted(places)


def test_the_plots_are_sound_pictures(certificate):
    text = certificate_page(certificate)
    parts = text.split("<svg")[1:]
    pictures = [ET.fromstring("<svg" + part.split("</svg>")[0] + "</svg>") for part in parts]
    assert len(pictures) == 3
    for picture, dots in zip(pictures, (1, 1, 1), strict=True):
        assert len(picture.findall("circle")) == dots
        assert picture.get("aria-label")
        width, height = map(float, picture.get("viewBox").split()[2:])
        for circle in picture.findall("circle"):
            assert 0 < float(circle.get("cx")) < width
            assert 0 < float(circle.get("cy")) < height
    dot = pictures[0].find("circle")
    mark = pictures[0].find("path")
    assert float(mark.get("d").split()[1]) < float(dot.get("cx"))  # 25 % lies left of 99.96 %


def test_a_page_without_plots_is_a_page(certificate):
    bare = replace(certificate, lines=certificate.lines[-1:])
    assert "<svg" not in certificate_page(bare)


@pytest.mark.nightly
@pytest.mark.learning
def test_a_run_is_certified_the_same_way_twice(capsys, tmp_path):
    run = tmp_path / "run"
    main(
        [
            "train",
            "stages",
            "--updates",
            "3",
            "--batch",
            "64",
            "--policy.width",
            "8",
            "--out",
            str(run),
        ]
    )
    told = []
    for name in ("first", "again"):
        files = [str(tmp_path / f"{name}.{ending}") for ending in ("json", "html")]
        capsys.readouterr()
        main(["certify", str(run), "--count", "20", "--json", files[0], "--html", files[1]])
        texts = [(tmp_path / f"{name}.{ending}").read_text() for ending in ("json", "html")]
        told.append((capsys.readouterr().out, *texts))
    assert told[0] == told[1]
    made = json.loads(told[0][1])
    assert made["passed"] is False
    assert made["made"]["commit"] == json.loads((run / "config.json").read_text())["made"]["commit"]
    assert {each["verdict"] for each in made["lines"]} <= set(Verdict)
    assert "stages, gru: fail" in told[0][0]


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["nowhere"], "nowhere is not a run folder: there is no such folder"),
        (["."], "it has no config.json"),
        ([], "run"),
        (["nowhere", "--count", "0"], "--count 0"),
        (["nowhere", "--count", "many"], "count"),
        (["nowhere", "--jsn", "file"], "jsn"),
    ],
)
def test_a_mistake_is_told_shortly(capsys, tmp_path, monkeypatch, arguments, hint):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as stop:
        main(["certify", *arguments])
    assert stop.value.code == 2
    told = capsys.readouterr()
    assert told.err.startswith("inwit: ") or "--help" in told.err
    assert hint in told.err
    assert len(told.err) < (500 if told.err.startswith("inwit: ") else 2500)
