"""The admin of studies in a real browser: within the content security policy, on wide and narrow screens."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from annotation import configuration, exclusion
from annotation.models import Study
from tests import cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDTHS = (1440, 390)


@pytest.fixture
def answered() -> Study:
    study = cast.make_study("answered", scenarios=3)
    for who in ("ann", "ben"):
        cast.answer_everything(cast.at_work(study, who))
    return study


@pytest.fixture
def draft() -> Study:
    cast.make_set("everyday", scenarios=6)
    return configuration.import_study(
        {
            "slug": "draft",
            "title": "A draft with problems",
            "sets": ["everyday"],
            "provider": "prolific",
            "about_you": "default",
            "checks": {"attention": 2, "practice": 2},
            "strata": [{"key": "young", "conditions": {"age": ["18-29"]}, "target": 3}],
        }
    )


@pytest.fixture
def logged_in(page: Page, live_server: LiveServer) -> Page:
    """A page of somebody who may do everything."""
    client = Client()
    client.force_login(User.objects.create_superuser("root@example.net"))
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
    return page


@pytest.fixture
def admin(logged_in: Page) -> Iterator[Page]:
    """As `logged_in`; fails if the browser had anything to complain about."""
    complaints: list[str] = []
    logged_in.on("console", lambda message: complaints.append(message.text))
    logged_in.on("pageerror", lambda error: complaints.append(str(error)))
    yield logged_in
    assert complaints == []


@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_keeps_to_the_policy_and_to_the_screen(
    width: int, admin: Page, live_server: LiveServer, answered: Study, draft: Study
) -> None:
    person = answered.participations.earliest("id")
    entry = exclusion.exclude_participation(person, reason="inattentive", now=cast.NOON)
    item = draft.checks.earliest("id")
    pages = [
        *(reverse(f"admin:annotation_study_{name}") for name in ("changelist", "add", "import")),
        *(reverse("admin:annotation_study_change", args=[study.pk]) for study in (answered, draft)),
        *(reverse(f"admin:annotation_study_{name}", args=[draft.pk]) for name in ("history", "delete")),
        reverse("admin:annotation_study_simple_history", args=[draft.pk, draft.history.earliest().pk]),
        *(
            reverse(f"admin:annotation_{row._meta.model_name}_{name}", args=[row.pk] if name == "change" else [])
            for row in (person, entry, item)
            for name in ("changelist", "change")
        ),
        reverse("admin:annotation_event_changelist"),
    ]
    admin.set_viewport_size({"width": width, "height": 900})

    for path in pages:
        response = admin.goto(live_server.url + path)

        assert response is not None
        assert response.status == 200, path
        assert admin.evaluate("document.documentElement.scrollWidth") <= width, path


def test_a_problem_leads_to_its_field(admin: Page, live_server: LiveServer, draft: Study) -> None:
    admin.goto(live_server.url + reverse("admin:annotation_study_change", args=[draft.pk]))

    admin.locator(".preflight li", has_text="estimated minutes").get_by_role("link").click()

    expect(admin.locator("#id_estimated_minutes")).to_be_in_viewport()
    expect(admin.get_by_role("button", name="Open")).to_be_disabled()


def test_a_study_is_made_opened_and_closed_by_hand(admin: Page, live_server: LiveServer) -> None:
    cast.make_set("everyday", scenarios=3)
    admin.goto(live_server.url + reverse("admin:annotation_study_add"))

    admin.get_by_label("Title").press_sequentially("Everyday choices")
    expect(admin.get_by_label("Short name in links")).to_have_value("everyday-choices")
    admin.get_by_label("Everyday (3 scenarios)").check()
    admin.get_by_label("age band, gender, country of residence").check()
    admin.get_by_role("button", name="Add another Group").click()
    admin.locator("#id_strata-0-key").fill("young")
    admin.locator("#id_strata-0-conditions").fill("age: 18-29")
    admin.get_by_role("button", name="Save and continue editing").click()
    admin.get_by_role("button", name="Open", exact=True).click()
    expect(admin.locator(".messagelist")).to_contain_text("“Everyday choices” is open; its link works now.")
    admin.get_by_role("button", name="Close", exact=True).click()
    expect(admin.locator(".study-overview")).to_contain_text("closed")

    study = Study.objects.get(slug="everyday-choices")
    assert (study.state, study.strata.get().conditions) == ("closed", {"age": ["18-29"]})


def test_the_overview_can_be_used_by_everybody(logged_in: Page, live_server: LiveServer, draft: Study) -> None:
    logged_in.goto(live_server.url + reverse("admin:annotation_study_change", args=[draft.pk]))

    found = Axe().run(logged_in, context=".study-overview").response["violations"]

    assert [(violation["id"], violation["nodes"][0]["html"]) for violation in found] == []
