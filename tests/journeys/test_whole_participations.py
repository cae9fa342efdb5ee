"""Whole participations over HTTP, as a browser without scripts walks them: every page, every end, no dead ends."""

from urllib.parse import urlsplit

import pytest
from django.test import Client

from accounts.models import User
from annotation import leases
from annotation.crowd.pages import Form, Page, read
from annotation.models import Identity, Participation, Response, Study
from tests import cast

pytestmark = pytest.mark.django_db


class Browser:
    """A browser without scripts: keeps cookies, follows redirects, reads forms."""

    def __init__(self, study: Study) -> None:
        self.client = Client()
        self.door = f"/s/{study.slug}/"
        self.url = ""
        self.page = Page(forms=[], text="")
        self.status = 0
        self.seen = ""

    def open(self, path: str = "", query: str = "") -> "Browser":
        return self._load("get", f"{self.door}{path}{query}", {})

    def send(self, form: Form, **fields: str) -> "Browser":
        return self._load("post", form.action or self.url, {**form.fixed, **fields})

    def form(self, name: str) -> Form:
        form = self.page.form_with(name)
        assert form is not None, f"{self.url} has no form with {name}: {self.page.text}"
        return form

    @property
    def step(self) -> str:
        return urlsplit(self.url).path.removeprefix(self.door).strip("/")

    def enter(self, who: str = "ann") -> "Browser":
        self.open(query=f"?participant={who}")
        return self.send(self.form("participant"))

    def agree(self) -> "Browser":
        return self.send(self.form("decision"), decision="agree")

    def choose(self, choice: str = "a", **fields: str) -> "Browser":
        return self.send(self.form("choice"), choice=choice, **fields)

    def _load(self, method: str, url: str, fields: dict[str, str]) -> "Browser":
        response = getattr(self.client, method)(url, fields, follow=True)
        chain = getattr(response, "redirect_chain", [])
        self.url = chain[-1][0] if chain else url
        self.status = response.status_code
        html = response.content.decode()
        self.seen += html
        self.page = read(html)
        return self


def test_somebody_walks_through_every_step_to_the_code() -> None:
    study = cast.make_study(
        scenarios=3,
        completion_code="THANKS-1",
        practice_items=1,
        attention_checks=1,
        about_you=[
            {
                "key": "age",
                "label": "Your age",
                "type": "single",
                "options": ["18-29", "30+"],
                "required": True,
            }
        ],
    )
    study.checks.add(cast.make_check("practice-1", kind="practice"), cast.make_check("check-1"))
    browser = Browser(study).enter()
    assert browser.step == "consent"
    browser.agree()
    assert browser.step == "about-you"
    browser.send(browser.form("age"), age="30+")
    assert browser.step == "practice"
    browser.choose("a")
    browser.send(browser.form("seen"), seen="1")
    tasks = 0
    while browser.step == "task":
        browser.choose("a")
        tasks += 1
        assert "THANKS-1" not in browser.seen
    assert (tasks, browser.step) == (4, "debrief")
    browser.send(browser.form("comment"), comment="Interesting.")

    assert browser.step == "done"
    assert "THANKS-1" in browser.page.text
    ann = Participation.objects.get()
    assert (ann.state, ann.comment, ann.profile) == ("completed", "Interesting.", {"age": "30+"})
    assert Response.objects.filter(standing="counted").count() == 3


def test_looking_at_a_study_creates_nothing() -> None:
    study = cast.make_study()

    Browser(study).open(query="?PROLIFIC_PID=p&SESSION_ID=s&STUDY_ID=x")

    assert not Participation.objects.exists()
    assert not Identity.objects.exists()


def test_prolific_ids_are_carried_through_the_door() -> None:
    study = cast.make_study()
    browser = Browser(study).open(query="?PROLIFIC_PID=p1&STUDY_ID=x1&SESSION_ID=s1")

    browser.send(browser.form("PROLIFIC_PID"))

    identity = Identity.objects.get()
    assert (identity.provider, identity.person_id, identity.session_id) == ("prolific", "p1", "s1")
    assert identity.parameters["STUDY_ID"] == "x1"


def test_a_reload_and_the_back_button_show_the_true_state() -> None:
    browser = Browser(cast.make_study()).enter().agree()
    stale = browser.form("choice")
    browser.choose("a")
    browser.open("task/")
    assert browser.form("choice").fixed["token"] != stale.fixed["token"]

    browser.send(stale, choice="a")

    assert Response.objects.count() == 1
    assert browser.step == "task"


def test_a_second_different_answer_says_that_the_first_stands() -> None:
    browser = Browser(cast.make_study()).enter().agree()
    stale = browser.form("choice")
    browser.choose("a")

    browser.send(stale, choice="b")

    assert browser.status == 409
    assert "first answer stands" in browser.page.text
    assert Response.objects.get().choice == "a"


def test_nothing_chosen_shows_the_same_task_with_a_message() -> None:
    browser = Browser(cast.make_study()).enter().agree()

    browser.send(browser.form("choice"))

    assert browser.status == 422
    assert "choose" in browser.page.text
    assert not Response.objects.exists()


def test_what_was_written_is_still_there_after_a_mistake() -> None:
    browser = Browser(cast.make_study(rationale="required", rationale_min_length=30)).enter().agree()

    browser.choose("b", rationale="too short")

    assert browser.status == 422
    assert "too short" in browser.seen.rsplit("<form", 1)[-1] or "too short" in browser.page.text


def test_declining_ends_with_a_plain_word_and_takes_no_seat() -> None:
    study = cast.make_study()
    browser = Browser(study).enter()

    browser.send(browser.form("decision"), decision="decline")

    assert browser.step == "ended"
    assert cast.ledger(study) == [(0, 0)] * 4
    assert not Identity.objects.exists()


def test_who_comes_too_late_is_told_at_the_door() -> None:
    study = cast.make_study(scenarios=1, quota=1)
    Browser(study).enter("ann").agree()

    browser = Browser(study).open(query="?participant=ben")

    assert browser.page.form_with("participant") is None


def test_who_lost_the_last_seat_between_consent_and_tasks_is_told_and_may_try_again() -> None:
    study = cast.make_study(scenarios=1, quota=1)
    ben = Browser(study).enter("ben")
    ann = Browser(study).enter("ann").agree()

    ben.agree()

    assert ben.step == "ended"
    assert Participation.objects.get(identity__person_id="ben").state == "quota_full"
    ann.open("leave/")
    ann.send(ann.form("action"), action="leave")
    ben.open()
    ben._load("post", ben.door, {})
    assert ben.step == "task"


def test_who_timed_out_continues_where_they_were() -> None:
    study = cast.make_study()
    browser = Browser(study).enter().agree().choose("a")
    leases.release_expired(now=cast.NOON.replace(year=2099))
    browser.open("task/")
    assert browser.step == "ended"

    browser._load("post", browser.door, {})

    assert browser.step == "task"
    assert Participation.objects.get().tasks_answered == 1


def test_leaving_and_withdrawing_are_two_different_things() -> None:
    study = cast.make_study()
    browser = Browser(study).enter().agree().choose("a")
    browser.open("leave/")

    browser.send(browser.form("action"), action="withdraw")

    assert browser.step == "ended"
    assert Response.objects.get().standing == "excluded"
    assert not Identity.objects.exists()


@pytest.mark.parametrize("state", ["paused", "closed"])
def test_a_paused_or_closed_study_takes_nobody_new_but_lets_people_finish(state: str) -> None:
    study = cast.make_study(scenarios=2)
    ann = Browser(study).enter("ann").agree()
    Study.objects.update(state=state)

    ben = Browser(study).open(query="?participant=ben")
    ann.choose("a").choose("a")

    assert ben.page.form_with("participant") is None
    assert ann.step == "debrief"


def test_a_draft_looks_like_nothing_at_all() -> None:
    study = cast.make_study(is_open=False)

    assert Browser(study).open().status == 404
    assert Client().post(f"/s/{study.slug}/", {}).status_code == 404
    assert Client().get("/s/no-such-study/").status_code == 404


@pytest.mark.parametrize("step", ["consent", "about-you", "practice", "task", "debrief", "done", "leave", "ended"])
def test_every_page_sends_a_stranger_to_the_door(step: str) -> None:
    study = cast.make_study()

    browser = Browser(study).open(f"{step}/")

    assert browser.url == browser.door
    assert not Participation.objects.exists()


@pytest.mark.parametrize("step", ["consent", "about-you", "practice", "debrief", "done", "ended"])
def test_every_page_out_of_turn_sends_people_where_they_stand(step: str) -> None:
    browser = Browser(cast.make_study()).enter().agree()

    browser.open(f"{step}/")

    assert browser.step == "task"


def test_a_forged_cookie_is_a_stranger() -> None:
    study = cast.make_study()
    Browser(study).enter().agree()
    stranger = Browser(study)
    stranger.client.cookies["annotator"] = Participation.objects.get().public_id + ":forged"

    stranger.open("task/")

    assert stranger.url == stranger.door


def test_a_cookie_of_one_study_opens_no_other() -> None:
    first, second = cast.make_study("first"), cast.make_study("second")
    browser = Browser(first).enter().agree()
    browser.door = f"/s/{second.slug}/"

    browser.open("task/")

    assert browser.url == browser.door


def test_the_team_can_preview_a_draft_and_nothing_counts() -> None:
    study = cast.make_study(is_open=False)
    browser = Browser(study)
    browser.client.force_login(User.objects.create_superuser("admin@example.org", "secret-enough"))
    browser.open(query="?preview=1")
    browser.send(browser.form("preview"))
    browser.agree()

    browser.choose("a")

    assert set(Response.objects.values_list("standing", flat=True)) == {"pilot"}
    study.refresh_from_db()
    assert study.first_answer_at is None


def test_a_script_gets_the_next_task_in_the_same_request() -> None:
    study = cast.make_study(scenarios=2)
    browser = Browser(study).enter().agree()
    form = browser.form("choice")

    reply = browser.client.post(
        browser.url,
        {**form.fixed, "choice": "a", "response_ms": "1200", "input": "key"},
        headers={"X-Fragment": "1"},
    )

    following = read(reply.content.decode()).form_with("choice")
    assert following is not None
    assert "<html" not in reply.content.decode()
    last = browser.client.post(browser.url, {**following.fixed, "choice": "b"}, headers={"X-Fragment": "1"})
    assert last.headers["X-Next"] == f"/s/{study.slug}/debrief/"
    response = Response.objects.order_by("id").first()
    assert response is not None
    assert (response.response_ms, response.input) == (1200, "key")


@pytest.mark.parametrize(
    "fields",
    [
        {"choice": "zzz"},
        {"choice": "a\x00"},
        {"token": "\x00", "choice": "a"},
        {"token": "not-a-token", "choice": "a"},
        {"choice": "a", "response_ms": "-5", "confidence": "9" * 400},
        {"choice": "a", "confidence": "ten", "input": "<script>", "focus_losses": "1e9"},
        {"choice": "a", "rationale": "x\x00y" * 10},
        {"choice": "a" * 10_000},
    ],
)
def test_damaged_answers_never_break_a_page(fields: dict[str, str]) -> None:
    browser = Browser(cast.make_study()).enter().agree()

    browser.send(browser.form("choice"), **fields)

    assert browser.status in (200, 409, 422)
    assert browser.step == "task"


def test_an_oversized_body_and_a_wrong_content_type_are_refused_plainly() -> None:
    browser = Browser(cast.make_study()).enter().agree()
    form = browser.form("choice")

    huge = browser.client.post(browser.url, {**form.fixed, "choice": "a", "rationale": "x" * 400_000})
    wrong = browser.client.post(browser.url, '{"choice": "a"}', content_type="application/json")

    assert huge.status_code in (400, 413, 422)
    assert wrong.status_code in (400, 403, 409, 422)
    assert not Response.objects.exists()
