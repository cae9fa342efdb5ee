"""Opening, pausing, closing, copying, exporting and importing a study in the admin."""

import json
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import Role, StudyMembership
from annotation import configuration
from annotation.models import Event, Study
from tests import cast
from tests.annotation.admin_team import change_page, logged_in, member

pytestmark = [pytest.mark.django_db, pytest.mark.pages]

IMPORT = "/admin/annotation/study/import/"


@pytest.fixture
def admin() -> Client:
    return logged_in(member(None, "superuser"))


def step(client: Client, study: Study, name: str) -> list[str]:
    """Press a button; returns what is said afterwards."""
    response = client.post(reverse("admin:annotation_study_step", args=[study.pk, name]))
    assert response.status_code == 302
    study.refresh_from_db()
    return [str(message) for message in get_messages(response.wsgi_request)]


def upload(client: Client, document: Any) -> Any:
    raw = document if isinstance(document, bytes) else json.dumps(document).encode()
    return client.post(IMPORT, {"file": SimpleUploadedFile("study.json", raw)})


class TestSteps:
    def test_a_study_goes_through_its_life(self, admin: Client) -> None:
        study = cast.make_study(is_open=False)

        states = []
        for name in ("open", "pause", "resume", "close", "archive"):
            step(admin, study, name)
            states.append(study.state)

        assert states == ["open", "paused", "open", "closed", "archived"]
        kinds = Event.objects.values_list("kind", "actor__email")
        assert ("study_paused", "superuser@example.net") in kinds

    def test_a_study_with_errors_stays_a_draft_and_says_why(self, admin: Client) -> None:
        study = cast.make_study(is_open=False, repeats=9)

        (said,) = step(admin, study, "open")

        assert study.state == "draft"
        assert "cannot open yet" in said
        assert "9 repeats do not fit" in said

    def test_a_step_that_does_not_fit_is_explained(self, admin: Client) -> None:
        study = cast.make_study(is_open=False)

        assert step(admin, study, "close") == ["“Pilot”: From draft the next state can be open; not closed."]

    def test_looking_at_a_step_takes_none(self, admin: Client) -> None:
        study = cast.make_study(is_open=False)

        assert admin.get(reverse("admin:annotation_study_step", args=[study.pk, "open"])).status_code == 405
        assert admin.post(reverse("admin:annotation_study_step", args=[study.pk, "explode"])).status_code == 404
        assert admin.post(reverse("admin:annotation_study_step", args=[999, "open"])).status_code == 404

    def test_several_studies_are_opened_from_the_list(self, admin: Client) -> None:
        good, bad = cast.make_study("good", is_open=False), cast.make_study("bad", is_open=False, repeats=9)

        admin.post("/admin/annotation/study/", {"action": "open_selected", "_selected_action": [good.pk, bad.pk]})

        assert dict(Study.objects.values_list("slug", "state")) == {"good": "open", "bad": "draft"}


class TestPage:
    def test_every_problem_stands_there_with_a_link_to_its_field(self, admin: Client) -> None:
        study = cast.make_study(is_open=False, repeats=9, consent_text="")

        shown = admin.get(change_page(study)).content.decode()

        assert "1 problem must be solved." in shown
        assert 'href="#id_repeats"' in shown
        assert 'id="id_repeats"' in shown
        assert 'href="#id_consent_text"' in shown
        assert "disabled" in shown

    def test_a_problem_with_a_fixed_field_leads_to_its_section(self, admin: Client) -> None:
        study = cast.make_study(instructions="")
        cast.answer(cast.at_work(study))

        shown = admin.get(change_page(study)).content.decode()

        assert 'href="#fieldset-0-1-heading"' in shown
        assert 'id="fieldset-0-1-heading"' in shown

    def test_the_preview_is_one_click_away(self, admin: Client) -> None:
        assert 'href="/s/pilot/?preview=1"' in admin.get(change_page(cast.make_study())).content.decode()

    def test_texts_are_shown_as_they_will_read_and_html_stays_text(self, admin: Client) -> None:
        study = cast.make_study(instructions="Read **well**. <script>alert(1)</script>", consent_text="ok")

        shown = admin.get(change_page(study)).content.decode()

        assert "<strong>well</strong>" in shown
        assert "<script>alert(1)" not in shown

    def test_no_page_carries_inline_code_or_styles(self, admin: Client) -> None:
        study = cast.make_study()
        pages = [change_page(study), "/admin/annotation/study/", "/admin/annotation/study/add/", IMPORT]
        pages += [reverse("admin:annotation_study_history", args=[study.pk])]

        for url in pages:
            shown = admin.get(url).content.decode()
            assert "<style" not in shown
            assert " style=" not in shown
            assert " onclick=" not in shown


class TestMovingConfigurations:
    def test_what_is_exported_can_be_imported(self, admin: Client) -> None:
        study = cast.make_study(is_open=False)

        exported = admin.get(reverse("admin:annotation_study_export", args=[study.pk]))
        document = json.loads(exported.content)
        response = upload(admin, {**document, "slug": "second"})

        assert exported["Content-Disposition"] == 'attachment; filename="pilot.json"'
        assert response.url == change_page(Study.objects.get(slug="second"))
        assert StudyMembership.objects.get(study__slug="second").role == Role.OWNER

    @pytest.mark.parametrize(
        ("document", "says"),
        [
            (b"{", "not valid JSON"),
            (b"\xff\xfe", "not UTF-8"),
            ([], "must be an object"),
            ({"slug": "x", "titel": "X"}, "Did you mean “title”?"),
            ({"slug": "x\x00", "title": "X", "sets": []}, "cannot be stored"),
            ({"slug": "x", "title": "X", "sets": ["nowhere"]}, "there is no scenario set “nowhere”"),
        ],
    )
    def test_a_document_that_cannot_be_imported_is_explained(
        self, admin: Client, document: object, says: str
    ) -> None:
        response = upload(admin, document)

        assert response.status_code == 422
        assert says in response.content.decode()
        assert not Study.objects.exists()

    def test_an_editor_updates_but_adds_nothing(self) -> None:
        study = cast.make_study(is_open=False)
        editor = logged_in(member(study, Role.EDITOR))
        document = configuration.export_study(study)

        assert upload(editor, {**document, "title": "Better"}).status_code == 302
        assert "not add any" in upload(editor, {**document, "slug": "new"}).content.decode()
        assert list(Study.objects.values_list("title", flat=True)) == ["Better"]

    def test_somebody_elses_study_is_a_taken_name(self) -> None:
        mine, other = cast.make_study("mine"), cast.make_study("other")
        editor = logged_in(member(mine, Role.EDITOR))

        response = upload(editor, configuration.export_study(other))

        assert "“other” is taken by another study" in response.content.decode()

    def test_a_copy_is_a_draft(self, admin: Client) -> None:
        study = cast.make_study()

        response = admin.post(reverse("admin:annotation_study_duplicate", args=[study.pk]))

        copy = Study.objects.get(slug="pilot-copy")
        assert response.url == change_page(copy)  # type: ignore[attr-defined]
        assert copy.state == "draft"
        assert admin.get(reverse("admin:annotation_study_duplicate", args=[study.pk])).status_code == 405

    def test_whoever_may_not_add_studies_makes_no_copies(self) -> None:
        study = cast.make_study()
        editor = logged_in(member(study, Role.EDITOR))

        editor.post(reverse("admin:annotation_study_duplicate", args=[study.pk]))

        assert Study.objects.count() == 1
