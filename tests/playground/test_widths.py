"""Every page, with long names and long values, on a phone and on a wide screen, light and dark."""

import pytest

from inwit import agent as agents
from inwit.auditing import base as auditing
from inwit.auditing.base import Finding, Item
from inwit.auditing.exhaustive import audit_task
from inwit.auditing.findings import TargetAudit
from inwit.playground.server import Server
from inwit.probes import Certificate, Line, Verdict
from inwit.reports.audit_page import audit_page
from inwit.reports.certificate_page import certificate_page
from inwit.reports.targets_page import target_page
from inwit.tasks import Stages
from tests.playground.conftest import until

TASK = """
from dataclasses import dataclass, replace

import inwit


@dataclass(frozen=True)
class Order:
    apples: int
    pears: int
    bag: str


@inwit.tool
def buy(order: Order) -> Order:
    return replace(order, apples=order.apples + 1)


@inwit.task(tools=[buy], presses=4)
def a_shop_with_a_long_name(draw):
    order = Order(draw.randrange(50), draw.randrange(50), "a" * 30)
    return inwit.Problem(
        prompt="buy another apple for the order {0}, please",
        operands=(order,),
        answer=replace(order, apples=order.apples + 1),
    )
"""
NIGHTLY = pytest.mark.nightly
PAGES = ("index.html", "watch.html", "compare.html", "report.html")


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop")
    (folder / "shop.py").write_text(TASK)
    task, path = str(folder / "shop.py"), folder / ("a-run-with-a-long-name" * 3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("inwit.tasks.function_task.POOL", 200)
        agents.train(task, updates=2, batch=16, **{"policy.width": 8}, out=path)
        with Server([path], 0, task=task) as server:
            yield server.address


@pytest.mark.parametrize(
    ("width", "scheme"),
    [
        (390, "dark"),
        (1280, "light"),
        *(pytest.param(*each, marks=NIGHTLY) for each in ((390, "light"), (1280, "dark"))),
    ],
)
@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_wider_than_the_window(page, address, name, width, scheme):
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    page.goto(address + name)
    if name == "report.html":
        until(page, "document.querySelectorAll('#run option').length === 1")
    else:
        page.wait_for_selector("body[data-ready]")
    if name == "index.html":
        until(page, "document.querySelector('.verdict dl') !== null")
    if name == "watch.html":
        until(page, "document.querySelectorAll('#tried tr').length === 4")
    assert page.is_hidden("#mistake"), page.text_content("#mistake")
    wide = page.evaluate(
        "[...document.querySelectorAll('body *')].filter(each => !each.closest('.wide, .list')"
        " && each.getBoundingClientRect().right > innerWidth + 1).map(each => each.outerHTML)"
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= width, wide
    assert wide == []


LONG = "a_name_without_any_space" * 6


def _certificate():
    lines = [
        Line(part="competence", name=LONG, verdict=Verdict.PASS, figure=0.5, count=9),
        Line(part="planning", name="key 1 ahead", verdict=Verdict.FAIL, figure=-0.2, note=LONG),
    ]
    facts = {"task": "t", "policy": "gru", "commit": "", "seed": 0, "problems": 9}
    return certificate_page(Certificate(**facts, made={LONG: LONG}, lines=tuple(lines)))


def _audit():
    return audit_page(audit_task(Stages(once=True), levels=[0], problems=64, budget=300), [LONG])


def _target():
    shown = {"item": Item(question=LONG, gold=LONG), "reply": LONG, "hits": 1, "count": 1}
    finding = Finding(id="wrong/word", verdict=auditing.Verdict.FAIL, message=LONG, **shown)
    audit = TargetAudit(target=LONG, kind="graded", items=1, seed=0, findings=(finding,))
    return target_page(audit)


@pytest.mark.parametrize("made", [_certificate, _audit, _target])
def test_a_report_reads_on_a_phone_without_scrolling_sideways(page, made):
    page.set_viewport_size({"width": 390, "height": 800})
    page.set_content(made())
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    narrow = "[...document.querySelectorAll('.wide')].every(each => each.scrollWidth <= 360)"
    assert page.evaluate(narrow)
    assert page.locator("td[data-name='meaning'], td[data-name='measured']").count()
