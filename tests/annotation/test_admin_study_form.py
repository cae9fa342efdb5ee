"""The form of a study in the admin: saves what it shows, explains what it refuses, protects what is frozen."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Role, StudyMembership, User
from annotation import questionnaire
from annotation.models import Stratum, Study
from tests import cast
from tests.annotation.admin_team import change_page, form_data, logged_in, member

pytestmark = [pytest.mark.django_db, pytest.mark.pages]

ADD = "/admin/annotation/study/add/"


@pytest.fixture
def admin() -> Client:
    return logged_in(member(None, "superuser"))


def errors_of(client: Client, url: str, **changes: object) -> dict[str, list[str]]:
    response = client.post(url, form_data(client, url, **changes))
    assert response.status_code == 200, "the form was saved"
    return dict(response.context["adminform"].form.errors)


class TestSaving:
    def test_a_new_study_is_a_draft_owned_by_whoever_made_it(self, admin: Client) -> None:
        everyday = cast.make_set("everyday")

        response = admin.post(ADD, form_data(admin, ADD, title="First", slug="first", sets=[everyday.pk]))

        study = Study.objects.get()
        assert response.url == change_page(study)  # type: ignore[attr-defined]
        assert (study.state, study.about_you, list(study.sets.all())) == ("draft", [], [everyday])
        assert StudyMembership.objects.get().role == Role.OWNER

    def test_saving_without_a_change_changes_nothing(self, admin: Client) -> None:
        study = cast.make_study(is_open=False, about_you=questionnaire.default_schema(), instructions="Read.")
        Stratum.objects.create(study=study, key="young", conditions={"age": ["18-29"]}, target=3)
        before = Study.objects.filter(pk=study.pk).values().get()

        response = admin.post(change_page(study), form_data(admin, change_page(study)))

        assert response.status_code == 302
        assert Study.objects.filter(pk=study.pk).values().get() == before
        assert study.strata.values_list("key", "conditions", "target").get() == ("young", {"age": ["18-29"]}, 3)

    def test_the_usual_questions_are_one_choice(self, admin: Client) -> None:
        study = cast.make_study(is_open=False)
        url = change_page(study)

        admin.post(url, form_data(admin, url, about_you_source="usual", about_you="not even JSON"))

        study.refresh_from_db()
        assert study.about_you == questionnaire.default_schema()

    def test_checks_come_from_what_ships_where_none_are_chosen(self, admin: Client) -> None:
        study = cast.make_study(is_open=False)
        url = change_page(study)

        admin.post(url, form_data(admin, url, attention_checks="2"))

        assert set(study.checks.values_list("kind", flat=True)) == {"instructed", "nonsensical"}

    def test_an_empty_number_of_answers_means_no_limit(self, admin: Client) -> None:
        study = cast.make_study(is_open=False)

        admin.post(change_page(study), form_data(admin, change_page(study), quota=""))

        study.refresh_from_db()
        assert study.quota is None

    def test_groups_are_written_as_lines(self, admin: Client) -> None:
        study = cast.make_study(is_open=False)
        url = change_page(study)
        new = {
            "strata-TOTAL_FORMS": "1",
            "strata-0-key": "old",
            "strata-0-target": "6",
            "strata-0-position": "0",
            "strata-0-conditions": "age: 60-74; 75+\ncountry: DEU",
        }

        admin.post(url, form_data(admin, url, **new))

        group = study.strata.get()
        assert (group.key, group.target) == ("old", 6)
        assert group.conditions == {"age": ["60-74", "75+"], "country": ["DEU"]}

    def test_raising_the_number_of_answers_of_an_open_study_opens_seats(self, admin: Client) -> None:
        study = cast.make_study(scenarios=2)
        cast.answer_everything(cast.at_work(study))

        admin.post(change_page(study), form_data(admin, change_page(study), quota="8"))

        assert list(study.quotas.values_list("target", flat=True)) == [8, 8]

    def test_lowering_it_below_what_was_answered_says_that_answers_are_kept(self, admin: Client) -> None:
        study = cast.make_study(scenarios=1)
        for who in ("ann", "ben"):
            cast.answer_everything(cast.at_work(study, who))

        response = admin.post(change_page(study), form_data(admin, change_page(study), quota="1"), follow=True)

        assert b"1 scenarios have more answers than the new number" in response.content

    def test_every_change_stays_on_record_with_its_author(self, admin: Client) -> None:
        study = cast.make_study(is_open=False)

        admin.post(change_page(study), form_data(admin, change_page(study), title="Better"))
        page = admin.get(reverse("admin:annotation_study_history", args=[study.pk]))

        assert study.history.latest().history_user == User.objects.get()
        assert b"<ins>Better</ins>" in page.content


class TestRefusing:
    @pytest.mark.parametrize(
        ("field", "value", "says"),
        [
            ("slug", "two words", "“slug”"),
            ("language", "German", "language code such as en"),
            ("title", "   ", "required"),
            ("quota", "0", "greater than or equal to 1"),
            ("neutral_weight", "1.5", "number from 0 to 1"),
            ("min_tasks", "50", "more than the tasks per person"),
            ("tasks_per_annotator", "1001", "from 1 to 1000"),
            ("seed", str(2**63), "less than or equal to"),
        ],
    )
    def test_a_wrong_value_is_explained_beside_its_field(
        self, admin: Client, field: str, value: str, says: str
    ) -> None:
        study = cast.make_study(is_open=False)

        errors = errors_of(admin, change_page(study), **{field: value})

        assert list(errors) == [field]
        assert says in errors[field][0]

    def test_questions_of_ones_own_are_checked_one_by_one(self, admin: Client) -> None:
        study = cast.make_study(is_open=False)
        own = '[{"key": "age", "label": "How old?", "type": "single", "options": ["a"]}]'

        errors = errors_of(admin, change_page(study), about_you_source="own", about_you=own)

        assert "at least two answers" in errors["about_you"][0]

    def test_own_questions_without_any_are_a_slip(self, admin: Client) -> None:
        study = cast.make_study(is_open=False)

        errors = errors_of(admin, change_page(study), about_you_source="own", about_you="[]")

        assert errors["about_you"] == ["Write at least one question, or choose to ask nothing."]

    def test_conditions_that_cannot_be_read_show_how_they_are_written(self, admin: Client) -> None:
        study = cast.make_study(is_open=False)
        url = change_page(study)
        new = {
            "strata-TOTAL_FORMS": "1",
            "strata-0-key": "old",
            "strata-0-position": "0",
            "strata-0-conditions": "old people",
        }

        response = admin.post(url, form_data(admin, url, **new))

        assert "“old people” cannot be read." in response.content.decode()
        assert not study.strata.exists()


class TestFrozen:
    def test_what_was_asked_is_shown_with_the_reason_and_has_no_input(self, admin: Client) -> None:
        study = cast.make_study()
        cast.answer(cast.at_work(study))

        page = admin.get(change_page(study)).content.decode()

        assert "Can no longer change: people have answered under it" in page
        assert "so what they were asked is fixed" in page
        for name in ("slug", "question", "instructions", "sets", "about_you", "about_you_source", "neutral_weight"):
            assert f'name="{name}"' not in page
        for name in ("title", "quota", "consent_text", "completion_code", "idle_limit_minutes"):
            assert f'name="{name}"' in page

    def test_sending_frozen_fields_anyway_changes_nothing(self, admin: Client) -> None:
        study = cast.make_study(about_you=[])
        cast.answer(cast.at_work(study))
        url = change_page(study)

        response = admin.post(
            url, form_data(admin, url, question="Else?", slug="else", about_you_source="usual", checks="", sets="")
        )

        assert response.status_code == 302
        study.refresh_from_db()
        assert (study.question, study.slug, study.about_you) == ("What would you do?", "pilot", [])
        assert study.sets.count() == 1

    def test_targets_of_groups_stay_free_and_their_conditions_do_not(self, admin: Client) -> None:
        study = cast.make_study(is_open=False)
        group = Stratum.objects.create(study=study, key="all", conditions={})
        Study.objects.filter(pk=study.pk).update(state="open", opened_at=cast.NOON)
        url = change_page(study)

        sent = form_data(
            admin, url, **{"strata-0-target": "9", "strata-0-conditions": "age: 1", "strata-0-DELETE": "on"}
        )
        response = admin.post(url, sent)

        group.refresh_from_db()
        assert response.status_code == 302
        assert (group.target, group.conditions) == (9, {})

    def test_an_archived_study_is_only_looked_at(self, admin: Client) -> None:
        study = cast.make_study()
        Study.objects.filter(pk=study.pk).update(state="archived")

        assert admin.get(change_page(study)).status_code == 200
        assert admin.post(change_page(study), {"title": "Late"}).status_code == 403

    def test_an_older_version_cannot_be_put_back_by_hand(self, admin: Client) -> None:
        study = cast.make_study()
        first = study.history.earliest()
        url = reverse("admin:annotation_study_simple_history", args=[study.pk, first.pk])

        assert admin.get(url).status_code == 200
        assert b"Revert" not in admin.get(url).content
        assert admin.post(url, {"title": "Old"}).status_code == 404


def test_a_draft_can_be_deleted_and_a_study_with_answers_cannot(admin: Client) -> None:
    draft, answered = cast.make_study("draft", is_open=False), cast.make_study("answered")
    cast.answer(cast.at_work(answered))

    responses = [
        admin.post(reverse("admin:annotation_study_delete", args=[study.pk]), {"post": "yes"})
        for study in (draft, answered)
    ]

    assert [response.status_code for response in responses] == [302, 403]
    assert [study.slug for study in Study.objects.all()] == ["answered"]
