"""The annotators' pages in a real browser: by keyboard, without scripts, on a bad network, for everybody's eyes."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from annotation.models import Response, Study
from tests import cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ABOUT_YOU = [
    {"key": "age", "label": "Your age", "type": "single", "options": ["18-29", "30+"], "required": True},
    {"key": "speaks", "label": "Languages at home", "type": "multiple", "options": ["Arabic", "German"]},
    {"key": "school", "label": "Years at school", "type": "number"},
]


@pytest.fixture
def study() -> Study:
    """Every kind of page: questions, practice, tasks with everything that can be asked, a check, a code."""
    study = cast.make_study(
        scenarios=3,
        about_you=ABOUT_YOU,
        practice_items=1,
        attention_checks=1,
        asks_confidence=True,
        rationale="optional",
        instructions="## What will I do?\n\nYou read short situations and say what you would do.",
        consent_text="## What is kept?\n\nYour answers.",
        debrief="We study where people agree.",
        reward="£2",
        contact="team@example.org",
        estimated_minutes=5,
        completion_code="THANKS-1",
        completion_url="https://recruiter.example/done",
    )
    study.checks.add(cast.make_check("practice-1", kind="practice"), cast.make_check("check-1"))
    return study


@pytest.fixture
def plain_study() -> Study:
    """Nothing but consent and three tasks."""
    return cast.make_study(scenarios=3)


@pytest.fixture
def at_first_task(page: Page, live_server: LiveServer, plain_study: Study) -> Page:
    page.goto(f"{live_server.url}/s/{plain_study.slug}/?participant=ann")
    page.get_by_role("button", name="Start").click()
    page.get_by_role("button", name="I agree").click()
    wait_for_script(page)
    return page


def saved(page: Page) -> Locator:
    return page.locator("#saved")


def step(page: Page) -> str:
    return urlsplit(page.url).path.strip("/").split("/")[-1]


def wait_for_script(page: Page) -> None:
    """The page works before, too; only a script ever disables the button."""
    expect(page.locator(".next")).to_be_disabled()


def wait_for_paint(page: Page) -> None:
    """Times count from the second frame on; nobody but a test answers earlier."""
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def tab_to(page: Page, target: Locator) -> None:
    for _attempt in range(40):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"The Tab key never reaches {target}")


def press(page: Page, button: str) -> None:
    tab_to(page, page.get_by_role("button", name=button, exact=True))
    page.keyboard.press("Enter")


def done_of(page: Page) -> int:
    return int(page.locator("#progress-words").inner_text().split()[0])


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """Everything the browser objects to, such as a breach of the content security policy."""
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    return heard


def test_the_whole_way_can_be_gone_with_the_keyboard_alone(
    page: Page, live_server: LiveServer, study: Study, complaints: list[str]
) -> None:
    page.goto(f"{live_server.url}/s/{study.slug}/?participant=ann")
    press(page, "Start")
    press(page, "I agree")
    tab_to(page, page.get_by_label("18-29"))
    page.keyboard.press("Space")
    press(page, "Continue")
    wait_for_script(page)
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Yes, that is right")).to_be_visible()
    page.wait_for_load_state()
    page.keyboard.press("Enter")
    page.wait_for_url("**/task/")
    wait_for_script(page)
    for number in range(4):  # three situations and a check
        token = page.locator("[name=token]").input_value()
        wait_for_paint(page)
        page.keyboard.press("12"[number % 2])
        page.keyboard.press("Enter")
        expect(page.locator(f"[name=token][value='{token}']")).to_have_count(0)
    page.wait_for_url("**/debrief/")
    press(page, "Finish")

    expect(page.locator("#code")).to_have_text("THANKS-1")
    answers = Response.objects.filter(kind="task")
    assert [answer.input for answer in answers] == ["key"] * 3
    assert all(answer.response_ms is not None for answer in answers)
    assert complaints == []


def test_the_whole_way_can_be_gone_without_scripts(browser: Browser, live_server: LiveServer, study: Study) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{live_server.url}/s/{study.slug}/?participant=ann")
    page.get_by_role("button", name="Start").click()
    page.get_by_role("button", name="I agree").click()
    page.get_by_label("30+").click()
    page.get_by_role("button", name="Continue").click()
    page.locator(".card").first.click()
    page.get_by_role("button", name="Check my answer").click()
    page.get_by_role("button", name="Continue").click()
    while step(page) == "task":
        page.locator(".card").first.click()
        page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Finish").click()

    assert page.locator("#code").inner_text() == "THANKS-1"
    assert Response.objects.filter(kind="task").count() == 3
    page.context.close()


def test_the_next_task_comes_without_a_reload_and_takes_the_focus(at_first_task: Page) -> None:
    page = at_first_task
    page.evaluate("window.isTheSamePage = true")

    page.keyboard.press("2")
    page.keyboard.press("Enter")

    expect(saved(page)).to_have_text("Saved")
    assert done_of(page) == 1
    assert page.evaluate("window.isTheSamePage") is True
    expect(page.locator("#situation-label")).to_be_focused()
    expect(page.get_by_role("button", name="Next")).to_be_disabled()


def test_nothing_is_sent_without_a_choice(at_first_task: Page) -> None:
    page = at_first_task

    page.keyboard.press("Enter")

    expect(saved(page)).to_have_text("Choose an answer first")
    expect(page.get_by_role("button", name="Next")).to_be_disabled()
    assert not Response.objects.exists()


def test_arrows_choose_in_the_direction_they_point(at_first_task: Page) -> None:
    page = at_first_task

    page.keyboard.press("ArrowRight")
    expect(page.locator(".card input").nth(1)).to_be_checked()
    page.keyboard.press("ArrowLeft")

    expect(page.locator(".card input").nth(0)).to_be_checked()


def test_digits_can_be_switched_off(at_first_task: Page) -> None:
    page = at_first_task

    page.get_by_role("button", name="Turn keys off").click()
    page.keyboard.press("1")

    expect(page.locator("[name=choice]:checked")).to_have_count(0)
    page.reload()
    expect(page.get_by_role("button", name="Turn keys on")).to_be_visible()


def test_a_double_click_answers_one_task(at_first_task: Page) -> None:
    page = at_first_task
    page.locator(".card").first.click()

    page.get_by_role("button", name="Next").dblclick()

    expect(saved(page)).to_have_text("Saved")
    assert (done_of(page), Response.objects.count()) == (1, 1)


def test_an_answer_survives_a_lost_network(at_first_task: Page) -> None:
    page = at_first_task
    chosen = page.locator(".card input").nth(1).get_attribute("value")
    page.context.set_offline(True)

    page.keyboard.press("2")
    page.keyboard.press("Enter")

    expect(saved(page)).to_have_text("Not saved yet, trying again")
    assert not Response.objects.exists()
    page.context.set_offline(False)
    expect(saved(page)).to_have_text("Saved")
    assert [answer.choice for answer in Response.objects.all()] == [chosen]


def test_an_answer_whose_reply_was_lost_is_sent_again_and_kept_once(at_first_task: Page) -> None:
    page = at_first_task

    def lose_the_reply(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/task/", lose_the_reply, times=1)
    page.keyboard.press("1")
    page.keyboard.press("Enter")

    expect(saved(page)).to_have_text("Saved")
    assert (done_of(page), Response.objects.count()) == (1, 1)


def test_an_unsaved_answer_is_sent_after_a_reload(at_first_task: Page) -> None:
    page = at_first_task

    def refuse(route: Route) -> None:
        if route.request.method == "POST":
            route.fulfill(status=503, body="")
        else:
            route.continue_()

    page.route("**/task/", refuse)
    page.on("dialog", lambda dialog: dialog.accept())
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    expect(saved(page)).to_have_text("Not saved yet, trying again")
    page.reload()
    expect(page.locator(".card input").nth(1)).to_be_checked()
    expect(page.get_by_role("button", name="Next")).to_be_disabled()

    page.unroute("**/task/")

    expect(saved(page)).to_have_text("Saved")
    assert Response.objects.count() == 1


def test_an_answer_survives_a_form_key_that_changed_meanwhile(at_first_task: Page) -> None:
    page = at_first_task
    page.context.clear_cookies(name="csrftoken")

    page.keyboard.press("1")
    page.keyboard.press("Enter")

    expect(saved(page)).to_have_text("Saved")
    assert Response.objects.count() == 1


def test_a_task_answered_in_another_tab_shows_where_one_stands(at_first_task: Page) -> None:
    page = at_first_task
    other = page.context.new_page()
    other.goto(page.url)
    other.keyboard.press("1")
    other.keyboard.press("Enter")
    expect(saved(other)).to_have_text("Saved")

    page.keyboard.press("2")
    page.keyboard.press("Enter")

    expect(page.locator(".notice")).to_contain_text("first answer stands")
    expect(saved(page)).to_have_text("")
    assert (done_of(page), Response.objects.count()) == (1, 1)


def test_the_back_button_after_the_last_answer_shows_the_true_state(at_first_task: Page) -> None:
    page = at_first_task
    for number in range(3):
        page.keyboard.press("1")
        page.keyboard.press("Enter")
        if number < 2:
            expect(page.locator("#progress-words")).to_contain_text(f"{number + 1} of 3 done")
    page.wait_for_url("**/debrief/")

    page.go_back()

    page.wait_for_url("**/debrief/")
    assert Response.objects.count() == 3


def test_every_page_is_accessible_and_fits_its_window(
    browser: Browser, live_server: LiveServer, study: Study
) -> None:
    page = browser.new_context(reduced_motion="reduce").new_page()
    seen: list[str] = []

    def look(name: str) -> None:
        seen.append(name)
        for width, height in ((360, 640), (1440, 900)):
            page.set_viewport_size({"width": width, "height": height})
            assert_fits(page, f"{name} at {width} px")
            page.emulate_media(color_scheme="light")
            assert_accessible(page, f"{name} at {width} px, light")
            page.emulate_media(color_scheme="dark")
            assert_accessible(page, f"{name} at {width} px, dark")

    walk(page, live_server.url, study, look)

    assert len(seen) == 17
    page.context.close()


def assert_fits(page: Page, name: str) -> None:
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0, f"{name}: {overflow} px wider than its window"


def assert_accessible(page: Page, name: str) -> None:
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    assert found == [], [(name, each["id"], [node["html"] for node in each["nodes"]]) for each in found]


def walk(page: Page, site: str, study: Study, look: Callable[[str], None]) -> None:
    """Through every page an annotator can meet, stopping for a look at each."""
    door = f"{site}/s/{study.slug}/"
    for name, address in [("home", "/"), ("log in", "/accounts/login/"), ("nowhere", "/s/nothing-here/")]:
        page.goto(f"{site}{address}")
        look(name)
    page.goto(f"{door}?participant=ann")
    look("landing")
    page.get_by_role("button", name="Start").click()
    look("consent")
    page.get_by_role("button", name="I agree").click()
    look("about you")
    page.get_by_role("button", name="Continue").click()
    look("about you, with errors")
    page.get_by_label("18-29").click()
    page.get_by_role("button", name="Continue").click()
    look("practice")
    page.locator(".card").nth(1).click()
    page.get_by_role("button", name="Check my answer").click()
    look("practice feedback")
    page.get_by_role("button", name="Continue").click()
    look("task")
    page.locator(".card").first.click()
    look("task, chosen")
    page.get_by_role("link", name="Leave the study").click()
    look("leave")
    page.get_by_role("button", name="Leave", exact=True).click()
    look("ended")
    page.get_by_role("button", name="Go on where you stopped").click()
    finish(page)
    look("debrief")
    page.get_by_role("button", name="Finish").click()
    look("done")
    page.get_by_role("link", name="Take your answers back").click()
    look("take back")
    Study.objects.update(state="closed")
    page.context.clear_cookies()
    page.goto(door)
    look("closed")


def finish(page: Page) -> None:
    while step(page) == "task":
        token = page.locator("[name=token]").input_value()
        page.locator(".card").first.click()
        page.get_by_role("button", name="Next").click()
        expect(page.locator(f"[name=token][value='{token}']")).to_have_count(0)
