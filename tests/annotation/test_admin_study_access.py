"""Who sees and does what with studies in the admin: one table of roles and pages."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role, StudyMembership, User
from annotation.models import Study
from tests import cast
from tests.annotation.admin_team import change_page, form_data, logged_in, member

pytestmark = [pytest.mark.django_db, pytest.mark.pages]

LIST = "/admin/annotation/study/"
IMPORT = "/admin/annotation/study/import/"


def page(name: str, study: Study, *more: object) -> str:
    return reverse(f"admin:annotation_study_{name}", args=[study.pk, *more])


@pytest.mark.parametrize(
    ("role", "looks", "changes", "steps", "exports", "history", "deletes"),
    [
        ("superuser", 200, 302, 302, 200, 200, 200),
        (Role.OWNER, 200, 302, 302, 200, 200, 200),
        (Role.EDITOR, 200, 302, 302, 200, 200, 403),
        (Role.ANALYST, 200, 403, 404, 404, 403, 403),
        (Role.VIEWER, 200, 403, 404, 404, 403, 403),
        ("outsider", 404, 404, 404, 404, 404, 404),
    ],
)
def test_each_role_gets_the_pages_that_are_its_own(
    role: str, looks: int, changes: int, steps: int, exports: int, history: int, deletes: int
) -> None:
    study = cast.make_study(is_open=False)
    boss = logged_in(member(None, "superuser", name="boss"))
    sent = form_data(boss, change_page(study), title="Changed")
    client = logged_in(member(study, role))

    assert client.get(change_page(study)).status_code == looks
    assert client.post(change_page(study), sent).status_code == changes
    assert client.post(page("step", study, "open")).status_code == steps
    assert client.get(page("export", study)).status_code == exports
    assert client.get(page("history", study)).status_code == history
    Study.objects.filter(pk=study.pk).update(state="draft")
    assert client.get(page("delete", study)).status_code == deletes


def test_the_list_shows_only_studies_in_which_somebody_has_a_role() -> None:
    mine, other = cast.make_study("mine"), cast.make_study("other")
    viewer = logged_in(member(mine, Role.VIEWER))

    shown = viewer.get(LIST).content.decode()

    assert change_page(mine) in shown
    assert change_page(other) not in shown


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ANALYST])
def test_whoever_may_not_configure_sees_neither_codes_nor_buttons(role: str) -> None:
    study = cast.make_study(completion_code="SECRET-7", completion_url="https://x.net/?cc=SECRET-7")

    shown = logged_in(member(study, role)).get(change_page(study)).content.decode()

    assert "SECRET-7" not in shown
    assert "/step/" not in shown
    assert 'name="title"' not in shown


def test_actions_on_the_list_leave_out_what_one_may_not_configure() -> None:
    mine, other = cast.make_study("mine"), cast.make_study("other")
    editor = member(mine, Role.EDITOR)
    StudyMembership.objects.create(study=other, user=editor, role=Role.VIEWER)

    response = logged_in(editor).post(
        LIST, {"action": "pause_selected", "_selected_action": [mine.pk, other.pk]}, follow=True
    )

    assert dict(Study.objects.values_list("slug", "state")) == {"mine": "paused", "other": "open"}
    assert "“Other”: you may not configure it." in response.content.decode()


def test_the_staff_flag_alone_gives_neither_studies_nor_the_right_to_add_one() -> None:
    client = logged_in(member(None, "outsider"))

    assert client.get(LIST).status_code == 403
    assert client.get(reverse("admin:annotation_study_add")).status_code == 403
    assert client.get(IMPORT).status_code == 404


def test_whoever_may_add_studies_owns_the_ones_they_add() -> None:
    from django.contrib.auth.models import Permission

    user = member(None, "outsider")
    user.user_permissions.add(Permission.objects.get(codename="add_study"))
    client = logged_in(user)
    url = reverse("admin:annotation_study_add")

    response = client.post(url, form_data(client, url, title="Mine", slug="mine"), follow=True)

    assert response.status_code == 200
    assert response.request["PATH_INFO"] == change_page(Study.objects.get())


class TestTeam:
    def post_team(self, client: Client, study: Study, **changes: str) -> str:
        url = change_page(study)
        sent = form_data(client, url, **changes)
        return client.post(url, sent, follow=True).content.decode()

    def test_an_owner_adds_people_by_their_address(self) -> None:
        study = cast.make_study()
        owner = logged_in(member(study, Role.OWNER))
        ann = User.objects.create_user("ann@example.net")

        self.post_team(
            owner,
            study,
            **{
                "memberships-TOTAL_FORMS": "2",
                "memberships-1-email": "Ann@Example.net",
                "memberships-1-role": "analyst",
            },
        )

        assert StudyMembership.objects.get(user=ann).role == Role.ANALYST

    @pytest.mark.parametrize(
        ("email", "says"),
        [
            ("nobody@example.net", "Nobody with this address has an account here"),
            ("owner@example.net", "The same person stands here twice"),
        ],
    )
    def test_unknown_people_and_people_twice_are_refused(self, email: str, says: str) -> None:
        study = cast.make_study()
        owner = logged_in(member(study, Role.OWNER))

        shown = self.post_team(
            owner,
            study,
            **{"memberships-TOTAL_FORMS": "2", "memberships-1-email": email, "memberships-1-role": "viewer"},
        )

        assert says in shown
        assert StudyMembership.objects.count() == 1

    def test_the_last_owner_stays(self) -> None:
        study = cast.make_study()
        owner = logged_in(member(study, Role.OWNER))

        assert "A study needs an owner" in self.post_team(owner, study, **{"memberships-0-role": "viewer"})
        assert "A study needs an owner" in self.post_team(owner, study, **{"memberships-0-DELETE": "on"})
        assert StudyMembership.objects.get().role == Role.OWNER

    def test_editors_neither_see_nor_change_the_team(self) -> None:
        study = cast.make_study()
        member(study, Role.OWNER)
        editor = logged_in(member(study, Role.EDITOR))

        assert "owner@example.net" not in editor.get(change_page(study)).content.decode()
        self.post_team(editor, study, **{"memberships-TOTAL_FORMS": "1", "memberships-0-role": "viewer"})
        assert set(StudyMembership.objects.values_list("role", flat=True)) == {Role.OWNER, Role.EDITOR}


class TestCost:
    def queries(self, client: Client, url: str) -> int:
        client.get(url)  # fills what a process remembers, such as content types
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        return len(queries)

    @pytest.mark.parametrize("role", ["superuser", Role.EDITOR])
    def test_a_long_list_costs_as_many_queries_as_a_short_one(self, role: str) -> None:
        study = cast.make_study("study0")
        user = member(study, role)
        client = logged_in(user)
        short = self.queries(client, LIST)
        for number in range(1, 6):
            another = cast.make_study(f"study{number}")
            StudyMembership.objects.create(study=another, user=user, role=Role.EDITOR)
            cast.answer_everything(cast.at_work(another))

        assert self.queries(client, LIST) == short <= 7

    def test_the_form_of_a_large_study_costs_as_many_queries_as_that_of_a_small_one(self) -> None:
        small, large = cast.make_study("small"), cast.make_study("large", scenarios=40)
        for who in "abc":
            cast.answer_everything(cast.at_work(large, who))
        cast.answer_everything(cast.at_work(small))
        client = logged_in(member(None, "superuser"))
        self.queries(client, change_page(small))

        assert self.queries(client, change_page(large)) == self.queries(client, change_page(small)) <= 24

    def test_a_larger_team_costs_no_more(self) -> None:
        study = cast.make_study()
        client = logged_in(member(study, Role.OWNER))
        alone = self.queries(client, change_page(study))
        for name in "abcd":
            member(study, Role.VIEWER, name=name)

        assert self.queries(client, change_page(study)) == alone


def test_progress_is_shown_in_numbers() -> None:
    study = cast.make_study(scenarios=4)
    cast.answer_everything(cast.at_work(study, "ann"))
    cast.at_work(study, "ben")
    unlimited = cast.make_study("endless", quota=None)
    cast.answer(cast.at_work(unlimited))

    shown = logged_in(member(None, "superuser")).get(LIST).content.decode()

    assert 'value="4" max="12"' in shown
    assert "4 of 12" in shown
    assert "1 done, 1 at work" in shown
    assert '<span class="figure">1</span> answers, no limit' in shown
