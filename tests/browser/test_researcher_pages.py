"""The researchers' pages in a real browser: for everybody's eyes, in every width, and moving while one looks."""

from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from annotation.models import Study
from tests.analysis.factories import fill, make_study, vote
from tests.analysis.researchers import make_read_study, member, refresh

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = [
    "/studies/",
    "/studies/helping/",
    "/studies/helping/scenarios/",
    "/studies/helping/scenarios/?q=zebra",
    "/studies/helping/scenarios/s4/",
    "/studies/helping/agreement/",
    "/studies/helping/people/",
    "/studies/empty/",
]


@pytest.fixture
def study() -> Study:
    study = make_read_study()
    empty = make_study("empty", scenarios=0, title="Empty")
    empty.memberships.create(user=member(study, "owner"), role="owner")
    return study


def logged_in(browser: Browser, live_server: LiveServer, study: Study, **options: object) -> BrowserContext:
    """A browser in which the study's owner is logged in."""
    client = Client()
    client.force_login(study.memberships.get(role="owner").user)
    context = browser.new_context(base_url=live_server.url, **options)  # type: ignore[arg-type]
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    return context


def complaints_of(page: Page) -> list[str]:
    """Everything the browser objects to, such as a breach of the content security policy."""
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    return heard


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (360, "dark"), (1440, "light"), (1440, "dark")])
def test_every_page_is_accessible_and_fits(
    browser: Browser, live_server: LiveServer, study: Study, width: int, scheme: Literal["light", "dark"]
) -> None:
    context = logged_in(browser, live_server, study, viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    complaints = complaints_of(page)

    for address in PAGES:
        page.goto(address)
        violations = Axe().run(page).response["violations"]
        found = [(address, each["id"], [node["html"] for node in each["nodes"]]) for each in violations]
        assert found == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{address} is too wide"

    assert complaints == []
    context.close()


def test_counts_move_while_somebody_looks(browser: Browser, live_server: LiveServer, study: Study) -> None:
    context = logged_in(browser, live_server, study)
    page = context.new_page()
    page.goto("/studies/helping/")
    expect(page.locator(".headline-number").first).to_have_text("24")

    vote(study, "s3", "ab")

    expect(page.locator(".headline-number").first).to_have_text("26", timeout=10_000)
    assert page.locator("#progress").get_attribute("aria-live") == "off"
    context.close()


def test_the_words_beside_the_figure_keep_step_with_its_rows(
    browser: Browser, live_server: LiveServer, study: Study
) -> None:
    context = logged_in(browser, live_server, study, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto("/studies/helping/")

    for zone in page.locator(".zone-rows").all():
        drawing = zone.locator("svg").bounding_box()
        labels = zone.locator(".row-labels").bounding_box()
        numbers = zone.locator(".row-numbers").bounding_box()
        assert drawing is not None
        assert labels is not None
        assert numbers is not None
        assert abs(drawing["height"] - labels["height"]) < 1
        assert abs(drawing["height"] - numbers["height"]) < 1
    context.close()


def test_a_large_study_is_one_dense_figure(browser: Browser, live_server: LiveServer) -> None:
    study = make_study("large", scenarios=120, title="Large")
    fill(study, per_cell=3)
    refresh(study)
    member(study, "owner")
    context = logged_in(browser, live_server, study, viewport={"width": 1440, "height": 900})
    page = context.new_page()

    page.goto("/studies/large/")

    expect(page.locator(".row-labels")).to_have_count(0)
    heights = [zone.bounding_box() for zone in page.locator(".zone-rows svg").all()]
    assert sum(box["height"] for box in heights if box) == pytest.approx(240, abs=3)
    context.close()
