"""An exported folder that is opened without a server says what to do."""

import pytest

from inwit.agent import load
from inwit.cli.agents import SHIPPED
from inwit.playground.export import export_web
from tests.playground.conftest import until


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_from_a_disk_the_page_says_how_it_is_served(browser, tmp_path, motion):
    export_web(load(SHIPPED), tmp_path / "web")
    context = browser.new_context(reduced_motion=motion)
    page = context.new_page()
    page.goto((tmp_path / "web" / "index.html").as_uri())
    until(page, "getComputedStyle(document.getElementById('serve')).visibility === 'visible'")
    assert "python -m http.server" in page.inner_text("#serve")
    context.close()


def test_from_a_server_it_says_nothing_of_that(page, static_host, tmp_path):
    export_web(load(SHIPPED), tmp_path / "web")
    page.goto(static_host(tmp_path / "web"))
    page.wait_for_selector("body[data-ready]")
    assert page.locator("#serve").count() == 0
