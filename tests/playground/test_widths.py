"""Every page, with long names and long values, on a phone and on a wide screen, light and dark."""

import pytest

from inwit import agent as agents
from inwit.playground.server import Server
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
