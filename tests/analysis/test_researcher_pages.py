"""The researchers' pages: who may see what, what they say, and that size does not slow them down."""

import re
from collections.abc import Iterator
from html import unescape

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from analysis.dashboards.ranking import ranking
from analysis.models import Heartbeat
from annotation.models import Identity, Participation, Response, Study
from scenarios.models import Action, Scenario, Trait
from tests.analysis.factories import make_study, vote
from tests.analysis.researchers import make_read_study, member, refresh

pytestmark = [pytest.mark.django_db, pytest.mark.pages]

PROGRESS_PAGES = ["", "progress/"]
DATA_PAGES = [
    "scenarios/",
    "scenarios/s1/",
    "agreement/",
    "people/",
    "figures/consensus.svg",
    "figures/consensus.png",
    "figures/consensus.csv",
]


@pytest.fixture(autouse=True)
def nothing_is_remembered() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def study() -> Study:
    return make_read_study()


@pytest.fixture
def analyst(client: Client, study: Study) -> Client:
    return log_in(client, member(study, "analyst"))


def log_in(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def page(client: Client, path: str = "", *, slug: str = "helping") -> str:
    response = client.get(f"/studies/{slug}/{path}")
    assert response.status_code == 200, path
    return response.content.decode()


def words(html: str) -> str:
    """What somebody reads: without tags, in one line."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def keys(html: str) -> list[str]:
    """The scenarios of the explorer, in their order."""
    return re.findall(r'<bdi class="explorer-key">([^<]+)</bdi>', html)


# Who may see what


@pytest.mark.parametrize("path", [*PROGRESS_PAGES, *DATA_PAGES])
def test_nobody_sees_a_study_without_logging_in(client: Client, study: Study, path: str) -> None:
    response = client.get(f"/studies/{study.slug}/{path}")

    assert response.status_code == 302
    assert response.headers["Location"].startswith("/accounts/login/?next=/studies/helping/")


@pytest.mark.parametrize(
    ("role", "sees_data"), [("owner", True), ("analyst", True), ("editor", False), ("viewer", False)]
)
def test_a_role_opens_its_pages_and_no_others(client: Client, study: Study, role: str, sees_data: bool) -> None:
    log_in(client, member(study, role))

    for path in PROGRESS_PAGES:
        assert client.get(f"/studies/helping/{path}").status_code == 200
    for path in DATA_PAGES:
        assert client.get(f"/studies/helping/{path}").status_code == (200 if sees_data else 404), path


def test_a_viewer_sees_progress_and_nothing_of_the_answers(client: Client, study: Study) -> None:
    html = page(log_in(client, member(study, "viewer")))

    assert "24 answers" in words(html)
    assert "consensus" not in html
    assert "kind" not in words(html).replace("kindness", "")
    assert "/api/v1/" not in html


def test_a_foreign_study_looks_like_a_missing_one(client: Client, study: Study) -> None:
    make_study("foreign")
    log_in(client, member(study, "owner"))

    foreign, missing = client.get("/studies/foreign/"), client.get("/studies/missing/")

    assert foreign.status_code == missing.status_code == 404
    assert without_tokens(foreign.content) == without_tokens(missing.content)


def without_tokens(body: bytes) -> bytes:
    return re.sub(rb'name="csrfmiddlewaretoken" value="[^"]+"', b"", body)


def test_a_scenario_the_study_does_not_ask_is_missing(analyst: Client) -> None:
    other = (
        Scenario.objects.filter(set__slug="foreign-set").first()
        or make_study("foreign").quotas.get(scenario__key="s2").scenario
    )

    assert analyst.get("/studies/helping/scenarios/nowhere/").status_code == 404
    assert analyst.get(f"/studies/helping/scenarios/{other.pk}/").status_code == 404


def test_pages_change_nothing(analyst: Client) -> None:
    for path in [*PROGRESS_PAGES, *DATA_PAGES]:
        assert analyst.post(f"/studies/helping/{path}").status_code == 405


@pytest.mark.parametrize("path", [*PROGRESS_PAGES, *DATA_PAGES[:4]])
def test_no_page_styles_or_scripts_in_place(analyst: Client, path: str) -> None:
    html = page(analyst, path)

    assert "style=" not in html
    assert "<style" not in html
    assert not re.search(r"<script(?![^>]*\bsrc=)", html)


# The list


def test_the_list_names_my_studies_and_no_others(client: Client, study: Study) -> None:
    make_study("foreign", title="Somebody else's")
    log_in(client, member(study, "viewer"))

    said = words(client.get("/studies/").content.decode())

    assert "Helping & others" in said
    assert "24 answers, no limit" in said
    assert "Somebody else" not in said


def test_an_empty_list_says_how_a_study_gets_there(client: Client) -> None:
    log_in(client, User.objects.create_user("new@example.org", "a long password"))

    assert "No study is yours to see yet." in words(client.get("/studies/").content.decode())


def test_the_list_takes_the_same_queries_for_one_study_as_for_ten(
    client: Client, study: Study, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    user = member(study, "owner")
    for number in range(10):
        other = make_study(f"study-{number}")
        other.memberships.create(user=user, role="owner")
        vote(other, "s1", "ab")
    log_in(client, user)

    with django_assert_num_queries(8):
        client.get("/studies/")


# The overview


def test_the_overview_orders_scenarios_by_the_side_people_choose(analyst: Client) -> None:
    html = page(analyst)

    zones = re.findall(r"zone=(\w+)", html)
    labelled = re.findall(r"scenarios/(s\d)/\?set=", html)
    assert zones == ["shows", "divides", "opposes"]
    assert labelled == ["s1", "s2", "s4", "s3", "s6", "s5"]


def test_the_two_sides_are_named_by_the_trait(analyst: Client) -> None:
    said = words(page(analyst))

    assert "At least 8 in 10: kind 2" in said
    assert "At least 8 in 10: cool 2" in said
    assert "People divide 2" in said


def test_without_poles_the_sides_are_named_by_the_actions(client: Client) -> None:
    study = make_study("plain", scenarios=2, poles={"a": None, "b": None}, title="Plain")
    vote(study, "s1", "aab")
    refresh(study)
    log_in(client, member(study, "analyst"))

    said = words(page(client, slug="plain"))

    assert "first action" in said
    assert "second action" in said


def test_the_figure_says_what_it_rests_on(analyst: Client) -> None:
    said = words(page(analyst))

    assert "6 scenarios, 24 answers." in said
    assert "95 % Wilson interval" in said
    assert "Inclusion rules default/1" in said


def test_a_study_without_scenarios_says_what_to_do(client: Client) -> None:
    study = make_study("empty", scenarios=0, title="Empty")
    log_in(client, member(study, "owner"))

    said = words(page(client, slug="empty"))

    assert "There are no scenarios yet." in said
    assert "Nobody has come yet." in said
    assert "No answers yet." in said


def test_answers_that_nobody_counted_yet_are_announced(client: Client) -> None:
    study = make_study("fresh", title="Fresh")
    vote(study, "s1", "ab")
    log_in(client, member(study, "owner"))

    assert "The first answers are being counted." in words(page(client, slug="fresh"))


def test_a_dead_worker_is_said_loudly(analyst: Client) -> None:
    Heartbeat.objects.update(seen_at="2026-03-01T09:30:00Z")

    assert "No worker is running since 1 March, 09:30 UTC." in words(page(analyst))


def test_a_worker_that_never_ran_is_said_loudly(analyst: Client) -> None:
    Heartbeat.objects.all().delete()

    assert "No worker has run yet." in words(page(analyst))


def test_a_living_worker_is_no_news(analyst: Client) -> None:
    assert "worker" not in words(page(analyst))


def test_editors_find_the_way_to_the_configuration_and_others_do_not(client: Client, study: Study) -> None:
    change = f"/admin/annotation/study/{study.pk}/change/"

    assert change in page(log_in(client, member(study, "editor")))
    assert change not in page(log_in(client, member(study, "analyst")))


def test_the_live_part_moves_with_the_answers(analyst: Client, study: Study) -> None:
    vote(study, "s3", "ab")

    said = words(page(analyst, "progress/"))

    assert said.startswith("Answers 26 answers")
    assert "being computed" in said


def test_downloads_lead_to_the_export_api(analyst: Client) -> None:
    html = page(analyst)

    for records in ("distributions", "agreement", "responses", "participants", "scenarios", "exclusions"):
        for form in ("csv", "jsonl", "parquet"):
            assert f"/api/v1/studies/helping/{records}/?format={form}" in html


# The explorer


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["s3", "s4", "s2", "s6", "s1", "s5"]),
        ("sort=key", ["s1", "s2", "s3", "s4", "s5", "s6"]),
        ("sort=-share", ["s1", "s2", "s4", "s3", "s6", "s5"]),
        ("sort=share", ["s5", "s6", "s3", "s4", "s2", "s1"]),
        ("zone=opposes&sort=key", ["s5", "s6"]),
        ("zone=divides&sort=key", ["s3", "s4"]),
        ("consensus=unanimous&sort=key", ["s1", "s5"]),
        ("q=CRATE", ["s1"]),
        ("q=s4", ["s4"]),
        ("trait=kindness&sort=-key", ["s6", "s5", "s4", "s3", "s2", "s1"]),
        ("trait=nothing&sort=key&zone=x&consensus=y&stratum=z&page=99", ["s1", "s2", "s3", "s4", "s5", "s6"]),
    ],
)
def test_scenarios_are_sorted_filtered_and_found(analyst: Client, query: str, expected: list[str]) -> None:
    assert keys(page(analyst, f"scenarios/?{query}")) == expected


def test_a_search_looks_into_the_actions_too(analyst: Client, study: Study) -> None:
    Action.objects.filter(scenario__key="s5", key="b").update(text="You hang up “at once”.")

    assert keys(page(analyst, "scenarios/?q=hang up “at")) == ["s5"]


@pytest.mark.parametrize("query", ["q=%00", "q=%25", "q=_", "q=%5C", "q='", "page=-1", "page=x", "sort[]=1"])
def test_odd_input_is_no_error(analyst: Client, query: str) -> None:
    page(analyst, f"scenarios/?{query}")


def test_a_search_for_letters_with_a_meaning_in_patterns_takes_them_as_letters(analyst: Client) -> None:
    assert keys(page(analyst, "scenarios/?q=%25")) == []


def test_nothing_found_says_so_and_leads_back(analyst: Client) -> None:
    assert "No scenario fits. Show all" in words(page(analyst, "scenarios/?q=zebra"))


def test_a_row_says_share_interval_and_both_rules(analyst: Client) -> None:
    said = words(page(analyst, "scenarios/?q=s2"))

    assert "88 %" in said
    assert "40 – 99 %" in said
    assert "high undetermined" in said


def test_long_lists_come_in_pages(client: Client) -> None:
    study = make_study("long", scenarios=120, title="Long")
    refresh(study)
    log_in(client, member(study, "analyst"))

    first, last = page(client, "scenarios/", slug="long"), page(client, "scenarios/?page=3", slug="long")

    assert len(keys(first)) == 50
    assert "1 to 50 of 120" in words(first)
    assert len(keys(last)) == 20


# One scenario


def test_a_scenario_shows_everything_that_was_said(analyst: Client, study: Study) -> None:
    Response.objects.filter(scenario__key="s4", choice="a").update(
        rationale="He is <family>.", side="first", response_ms=5_000
    )

    said = words(page(analyst, "scenarios/s4/"))

    assert "A cousin wants to borrow the car again." in said
    assert "67 % of 3 votes: kind." in said
    assert "An even split is not ruled out." in said
    assert "I can’t judge this – 1 25 %" in said
    assert "Fewer than eight votes in ten went to the same side." in said
    assert "Too few votes to tell a lean from an even split." in said
    assert "The action shown first was chosen 2 times, the one shown second 0 times" in said
    assert "the middle one 5.0 s" in said
    assert "He is <family>." in said


def test_reasons_of_people_who_withdrew_are_gone(analyst: Client) -> None:
    answers = Response.objects.filter(scenario__key="s4")
    answers.update(rationale="He is family.")
    Participation.objects.filter(responses__in=answers).update(state="withdrawn")

    assert "He is family." not in page(analyst, "scenarios/s4/")


def test_a_scenario_nobody_answered_says_so(client: Client) -> None:
    study = make_study("fresh", title="Fresh")
    log_in(client, member(study, "analyst"))

    assert "Nobody has answered this yet." in words(page(client, "scenarios/s1/", slug="fresh"))


def test_every_group_has_its_strip(client: Client) -> None:
    study = make_study("two", scenarios=1, strata=("young", "old"), title="Two")
    vote(study, "s1", "aaa", stratum="young")
    vote(study, "s1", "bb", stratum="old")
    refresh(study)
    log_in(client, member(study, "analyst"))

    said = words(page(client, "scenarios/s1/", slug="two"))

    assert re.search(r"young .*100 % 44 – 100 % n = 3", said)
    assert re.search(r"old .*0 % 0 – 66 % n = 2", said)


def test_a_key_may_hold_any_character(client: Client, study: Study) -> None:
    Scenario.objects.filter(key="s1").update(key="H/1 ä?#&%")
    log_in(client, member(study, "analyst"))
    link = re.search(r'href="(/studies/helping/scenarios/[^"]+set=[^"]*)"', page(client))
    assert link is not None

    response = client.get(unescape(link.group(1)))

    assert response.status_code == 200
    assert "H/1 ä?#&%" in words(response.content.decode())


def test_a_scenario_is_found_by_its_number_too(analyst: Client, study: Study) -> None:
    scenario = study.quotas.get(scenario__key="s2").scenario

    assert "A stranger drops her keys" in page(analyst, f"scenarios/{scenario.pk}/")


# Agreement


def test_agreement_is_said_in_words(analyst: Client) -> None:
    said = words(page(analyst, "agreement/"))

    assert "All scenarios" in said
    assert "Kindness" in said
    assert "Krippendorff’s alpha" in said
    assert re.search(r"Of 100 pairs of answers to the same scenario, \d+ are alike\.", said)


def test_without_two_answers_there_is_nothing_to_compare(client: Client) -> None:
    study = make_study("fresh", title="Fresh")
    refresh(study)
    log_in(client, member(study, "analyst"))

    assert "Nothing to compare yet." in words(page(client, "agreement/", slug="fresh"))


# People


def test_people_are_pseudonyms_and_nothing_else(analyst: Client, study: Study) -> None:
    person = Participation.objects.filter(study=study).latest("id")
    Participation.objects.filter(pk=person.pk).update(state="completed", checks_failed=1)
    Identity.objects.create(participation=person, provider="panel", person_id="WORKER-77", session_id="VISIT-9")

    html = page(analyst, "people/")

    assert len(re.findall(r"<code>p_[a-z2-7]{16}</code>", html)) == 24
    for secret in ("WORKER-77", "VISIT-9", person.public_id, person.arrival_digest, person.person.digest):
        assert secret not in html


def test_people_can_be_narrowed_to_a_state_and_to_the_excluded(analyst: Client, study: Study) -> None:
    person = Participation.objects.filter(study=study).latest("id")
    Participation.objects.filter(pk=person.pk).update(state="completed", included=False)

    assert page(analyst, "people/?state=completed&inclusion=excluded").count("<code>p_") == 1
    assert "Nobody fits." in words(page(analyst, "people/?state=completed&inclusion=included"))
    assert page(analyst, "people/?state=nonsense&inclusion=nonsense").count("<code>p_") == 24


# Files


def test_the_figure_can_be_taken_away(analyst: Client) -> None:
    drawing = analyst.get("/studies/helping/figures/consensus.svg")
    picture = analyst.get("/studies/helping/figures/consensus.png")

    assert drawing.headers["Content-Type"] == "image/svg+xml"
    assert drawing.headers["Content-Disposition"] == 'attachment; filename="helping-consensus.svg"'
    assert "Helping &amp; others" in drawing.content.decode()
    assert picture.content.startswith(b"\x89PNG")


def test_the_figure_comes_with_the_numbers_it_is_drawn_from(analyst: Client) -> None:
    response = analyst.get("/studies/helping/figures/consensus.csv")

    lines = b"".join(response).decode().splitlines()
    assert lines[0].startswith("study,scenario,version,")
    assert [line.split(",")[1] for line in lines[1:]] == ["s1", "s2", "s4", "s3", "s6", "s5"]


def test_a_figure_can_show_one_trait(analyst: Client, study: Study) -> None:
    drawing = analyst.get("/studies/helping/figures/consensus.svg?trait=kindness").content.decode()

    assert "Helping &amp; others · Kindness" in drawing


def test_the_figure_of_one_trait_speaks_in_the_words_of_that_trait(client: Client) -> None:
    study = make_study("both", scenarios=2, traits=("kindness", "order"), title="Both")
    Trait.objects.filter(key="order").update(positive_label="tidy", negative_label="easy-going")
    vote(study, "s1", "ab")
    vote(study, "s2", "ab")
    refresh(study)
    log_in(client, member(study, "analyst"))

    of_all = client.get("/studies/both/figures/consensus.svg").content.decode()
    of_order = client.get("/studies/both/figures/consensus.svg?trait=order").content.decode()

    assert "shows the trait →" in of_all
    assert "tidy →" in of_order
    assert "tidy" in words(page(client, "scenarios/?trait=order", slug="both"))


# Size


@pytest.mark.parametrize(
    ("path", "queries"),
    [("", 20), ("progress/", 11), ("scenarios/", 13), ("scenarios/s1/", 13), ("agreement/", 11), ("people/", 11)],
)
@pytest.mark.parametrize("scenarios", [3, 90])
def test_pages_take_the_same_queries_for_every_size(
    client: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
    path: str,
    queries: int,
    scenarios: int,
) -> None:
    study = make_study("sized", scenarios=scenarios, title="Sized", traits=("one", "two"), strata=("x", "y"))
    for number in range(1, scenarios + 1):
        vote(study, f"s{number}", "ab"[number % 2], stratum="x")
    refresh(study)
    log_in(client, member(study, "analyst"))

    with django_assert_num_queries(queries):
        page(client, path, slug="sized")


def test_only_the_drawing_is_thinned_out_not_the_numbers() -> None:
    study = make_study("many", scenarios=12, title="Many")
    for number in range(1, 13):
        vote(study, f"s{number}", "a" if number <= 8 else "b")
    refresh(study)

    found = ranking(study, stratum="all", limit=4)

    assert [(zone.key, zone.count, len(zone.rows)) for zone in found.zones] == [
        ("shows", 8, 3),
        ("divides", 0, 0),
        ("opposes", 4, 1),
    ]
    assert found.is_thinned
