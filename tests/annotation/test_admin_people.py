"""Participations, exclusions and events in the admin: looked at by role, changed only by decisions."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role, StudyMembership
from annotation import exclusion, leaving
from annotation.models import Event, Exclusion, Participation, Study
from tests import cast
from tests.annotation.admin_team import logged_in, member

pytestmark = [pytest.mark.django_db, pytest.mark.pages]

PEOPLE = "/admin/annotation/participation/"
EXCLUSIONS = "/admin/annotation/exclusion/"
EVENTS = "/admin/annotation/event/"


def page_of(row: Participation | Exclusion | Event) -> str:
    return reverse(f"admin:annotation_{row._meta.model_name}_change", args=[row.pk])


def act(client: Client, url: str, action: str, *rows: Participation | Exclusion, **fields: Any) -> str:
    sent = {"action": action, "_selected_action": [row.pk for row in rows], **fields}
    return client.post(url, sent, follow=True).content.decode()


@pytest.fixture
def study() -> Study:
    return cast.make_study(scenarios=2)


@pytest.fixture
def ann(study: Study) -> Participation:
    person = cast.at_work(study, "ann-at-the-recruiter")
    cast.answer_everything(person)
    return person


@pytest.mark.parametrize(
    ("role", "sees", "knows_who"),
    [
        ("superuser", True, True),
        (Role.OWNER, True, True),
        (Role.EDITOR, True, True),
        (Role.ANALYST, True, False),
        (Role.VIEWER, False, False),
        ("outsider", False, False),
    ],
)
def test_each_role_sees_people_and_who_they_are_as_far_as_it_may(
    role: str, sees: bool, knows_who: bool, study: Study, ann: Participation
) -> None:
    entry = exclusion.exclude_participation(ann, reason="inattentive", now=cast.NOON)
    client = logged_in(member(study, role))

    for url in (PEOPLE, EXCLUSIONS, EVENTS):
        assert client.get(url).status_code == (200 if sees else 403)
    for row in (ann, entry, Event.objects.latest("id")):
        assert client.get(page_of(row)).status_code == (200 if sees else 404)
        assert client.post(page_of(row), {"reason": "x"}).status_code == (403 if sees else 404)
    if sees:
        assert ("ann-at-the-recruiter" in client.get(page_of(ann)).content.decode()) is knows_who


def test_people_of_other_studies_are_nowhere(ann: Participation) -> None:
    other = cast.make_study("other")
    client = logged_in(member(other, Role.OWNER))

    assert page_of(ann) not in client.get(PEOPLE).content.decode()
    assert client.get(page_of(ann)).status_code == 404
    assert "Pilot" not in client.get(EVENTS).content.decode()


def test_the_key_of_a_browsers_session_is_never_shown(study: Study, ann: Participation) -> None:
    shown = logged_in(member(None, "superuser")).get(page_of(ann)).content.decode()

    assert ann.public_id not in shown


class TestExcluding:
    def test_a_reason_is_asked_for_before_anything_happens(self, study: Study, ann: Participation) -> None:
        editor = logged_in(member(study, Role.EDITOR))

        shown = act(editor, PEOPLE, "exclude_selected", ann)

        assert "1 participation with 2 answers leaves the results." in " ".join(shown.split())
        assert not Exclusion.objects.exists()

    def test_the_decision_is_stored_with_reason_note_and_name(self, study: Study, ann: Participation) -> None:
        user = member(study, Role.EDITOR)

        shown = act(
            logged_in(user), PEOPLE, "exclude_selected", ann, confirmed="1", reason="inattentive", note="2 s each"
        )

        entry = Exclusion.objects.get()
        assert (entry.reason, entry.note, entry.decided_by) == ("inattentive", "2 s each", user)
        assert "1 person: excluded; their seats are open again." in shown
        assert cast.ledger(study) == [(0, 0), (0, 0)]

    @pytest.mark.parametrize("fields", [{}, {"reason": "dislike"}, {"reason": "other"}])
    def test_no_reason_no_exclusion(self, study: Study, ann: Participation, fields: dict[str, str]) -> None:
        act(logged_in(member(study, Role.OWNER)), PEOPLE, "exclude_selected", ann, confirmed="1", **fields)

        assert not Exclusion.objects.exists()

    def test_excluding_twice_says_so(self, study: Study, ann: Participation) -> None:
        exclusion.exclude_participation(ann, reason="inattentive", now=cast.NOON)
        owner = logged_in(member(study, Role.OWNER))

        shown = act(owner, PEOPLE, "exclude_selected", ann, confirmed="1", reason="inattentive")

        assert "is excluded already" in shown
        assert Exclusion.objects.count() == 1

    def test_an_analyst_is_not_offered_it(self, study: Study, ann: Participation) -> None:
        analyst = logged_in(member(study, Role.ANALYST))

        act(analyst, PEOPLE, "exclude_selected", ann, confirmed="1", reason="inattentive")

        assert "exclude_selected" not in analyst.get(PEOPLE).content.decode()
        assert not Exclusion.objects.exists()

    def test_reviewing_one_study_gives_no_say_in_another(self, study: Study, ann: Participation) -> None:
        user = member(cast.make_study("own"), Role.EDITOR)
        StudyMembership.objects.create(study=study, user=user, role=Role.ANALYST)

        shown = act(logged_in(user), PEOPLE, "exclude_selected", ann, confirmed="1", reason="inattentive")

        assert "“Pilot”: you may look but not review." in shown
        assert not Exclusion.objects.exists()


class TestIncluding:
    def test_whoever_was_excluded_comes_back(self, study: Study, ann: Participation) -> None:
        exclusion.exclude_participation(ann, reason="inattentive", now=cast.NOON)
        user = member(study, Role.OWNER)

        act(logged_in(user), PEOPLE, "include_selected", ann)

        assert Exclusion.objects.get().revoked_by == user
        assert cast.ledger(study) == [(0, 1), (0, 1)]

    def test_an_entry_of_the_ledger_is_revoked_with_what_became_of_the_answers(
        self, study: Study, ann: Participation
    ) -> None:
        entry = exclusion.exclude_participation(ann, reason="inattentive", now=cast.NOON)
        owner = logged_in(member(study, Role.OWNER))

        assert "2 answers count again, 0 are surplus." in act(owner, EXCLUSIONS, "revoke_selected", entry)
        assert "was revoked before" in act(owner, EXCLUSIONS, "revoke_selected", entry)

    @pytest.mark.parametrize("by_ledger", [True, False])
    def test_whoever_withdrew_stays_out(self, study: Study, ann: Participation, by_ledger: bool) -> None:
        leaving.withdraw(ann.pk, now=cast.NOON)
        owner = logged_in(member(study, Role.OWNER))

        if by_ledger:
            shown = act(owner, EXCLUSIONS, "revoke_selected", Exclusion.objects.get())
        else:
            shown = act(owner, PEOPLE, "include_selected", ann)

        assert "withdrew; their answers stay out." in shown
        assert Exclusion.objects.get().revoked_at is None


def test_reserved_seats_are_taken_back_at_once_and_answers_stay(study: Study) -> None:
    ben = cast.at_work(study, "ben")
    cast.answer(ben)
    Participation.objects.filter(pk=ben.pk).update(
        lease_expires_at="2999-01-01T00:00Z", lease_ends_at="2999-01-01T00:00Z"
    )

    shown = act(logged_in(member(study, Role.EDITOR)), PEOPLE, "take_back_seats", ben)

    ben.refresh_from_db()
    assert "1 person: lost their reserved seats" in shown
    assert (ben.state, ben.tasks_answered) == ("timed_out", 1)
    assert sum(reserved for reserved, _accepted in cast.ledger(study)) == 0
    assert Event.objects.get(kind="seats_taken_back_by_team").actor is not None
    cast.assert_ledger_is_sound(study)


@pytest.mark.parametrize("url", [PEOPLE, EXCLUSIONS, EVENTS])
def test_a_long_list_costs_as_many_queries_as_a_short_one(url: str, study: Study) -> None:
    client = logged_in(member(None, "superuser"))

    def crowd(names: str) -> int:
        for who in names:
            exclusion.exclude_participation(cast.at_work(study, who), reason="technical", now=cast.NOON)
        client.get(url)  # fills what a process remembers, such as content types
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        return len(queries)

    assert crowd("a") == crowd("bcdefg") <= 7


def test_a_search_by_number_finds_one_participation(study: Study, ann: Participation) -> None:
    ben = cast.at_work(study, "ben")

    shown = logged_in(member(None, "superuser")).get(PEOPLE, {"q": str(ben.pk)}).content.decode()

    assert page_of(ben) in shown
    assert page_of(ann) not in shown
