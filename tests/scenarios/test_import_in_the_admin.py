"""Importing in the admin: check, look, confirm; the file waits for its confirmation and for nobody else."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role, StudyMembership, User
from scenarios.admin import import_pages
from scenarios.models import ImportUpload, Scenario, ScenarioSet
from tests import cast
from tests.study_files import as_csv, as_jsonl, scenario_row, scenario_rows

pytestmark = pytest.mark.django_db

PAGE = "admin:scenarios_scenarioset_import"


@pytest.fixture
def admin() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("admin@example.net"))
    return client


def upload(client: Client, content: bytes, *, name: str = "file.csv", **fields: Any) -> Any:
    data = {"set": "Everyday", "language": "en", "map": "", "file": SimpleUploadedFile(name, content), **fields}
    return client.post(reverse(PAGE), data)


def confirm(client: Client, pk: int | None = None) -> Any:
    waiting = pk if pk is not None else ImportUpload.objects.get().pk
    return client.post(reverse("admin:scenarios_scenarioset_import_confirm", args=[waiting]), follow=True)


def test_the_page_explains_what_a_file_holds(admin: Client) -> None:
    page = admin.get(reverse(PAGE), {"set": "everyday"})

    assert page.status_code == 200
    assert "action_a" in page.content.decode()
    assert page.context["form"]["set"].value() == "everyday"


def test_a_good_file_is_shown_before_anything_is_written(admin: Client) -> None:
    response = upload(admin, as_csv(scenario_rows(3, trait="empathy", note="x")))

    page = response.content.decode()
    assert response.status_code == 200
    assert "is ready for the set everyday" in page
    assert "Columns that are not used:" in page
    assert "Traits that will be added:" in page
    assert "Import this" in page
    assert not ScenarioSet.objects.exists()


def test_confirming_imports_the_file_and_leads_to_its_scenarios(admin: Client) -> None:
    upload(admin, as_jsonl(scenario_rows(3)), name="file.jsonl", language="de")

    response = confirm(admin)

    assert "3 new" in response.content.decode()
    assert response.context["cl"].result_count == 3
    assert set(Scenario.objects.values_list("language", flat=True)) == {"de"}
    assert not ImportUpload.objects.exists()


def test_columns_can_be_mapped(admin: Client) -> None:
    content = b"id,context,one,two\nx,A war.,I throw it.,I do not.\n"

    upload(admin, content, map="key=id,text=context,action_a=one,action_b=two")
    confirm(admin)

    assert Scenario.objects.get().text == "A war."


def test_a_bad_file_is_listed_row_by_row_and_waits_for_nothing(admin: Client) -> None:
    response = upload(
        admin, as_csv([scenario_row(1), scenario_row(2, text="", pole_a="7")], columns=[*scenario_row(1), "pole_a"])
    )

    page = response.content.decode()
    assert response.status_code == 422
    assert "cannot be imported" in page
    assert "<code>empty</code>" in page
    assert "<code>bad_pole</code>" in page
    assert not ImportUpload.objects.exists()


def test_what_a_file_says_is_shown_as_text(admin: Client) -> None:
    response = upload(admin, as_csv(scenario_rows(1, trait="<script>alert(1)</script>")), name="<b>.csv")

    page = response.content.decode()
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page
    assert "<b>.csv" not in page


def test_a_long_list_of_problems_is_cut(admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_pages, "SHOWN", 5)

    response = upload(admin, as_csv(scenario_rows(12, pole_a="7")))

    page = response.content.decode()
    assert page.count("<code>bad_pole</code>") == 5
    assert "The first 5 of 12 are shown." in page


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"map": "key"}, "NAME=NAME pairs"),
        ({"set": ""}, "required"),
        ({"language": "x" * 21}, "at most 20 characters"),
    ],
)
def test_wrong_entries_are_said_at_their_field(admin: Client, fields: dict[str, str], words: str) -> None:
    response = upload(admin, as_csv(scenario_rows(1)), **fields)

    assert response.status_code == 422
    assert words in response.content.decode()


def test_a_file_that_is_too_large_is_sent_to_the_command(admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_pages, "LARGEST_UPLOAD", 100)

    response = upload(admin, as_csv(scenario_rows(50)))

    assert "Use the command import_scenarios" in response.content.decode()


def test_a_file_can_be_confirmed_once(admin: Client) -> None:
    upload(admin, as_csv(scenario_rows(1)))
    waiting = ImportUpload.objects.get().pk
    confirm(admin, waiting)

    response = confirm(admin, waiting)

    assert "not waiting any more" in response.content.decode()


def test_nobody_confirms_a_file_of_somebody_else(admin: Client) -> None:
    upload(admin, as_csv(scenario_rows(1)))
    other = Client()
    other.force_login(User.objects.create_superuser("other@example.net"))

    response = confirm(other)

    assert "not waiting any more" in response.content.decode()
    assert not Scenario.objects.exists()


def test_confirming_is_a_post(admin: Client) -> None:
    assert admin.get(reverse("admin:scenarios_scenarioset_import_confirm", args=[1])).status_code == 405


def test_a_problem_that_appears_meanwhile_is_shown(admin: Client) -> None:
    upload(admin, as_csv(scenario_rows(1, trait="patience")), create_traits="on")
    waiting = ImportUpload.objects.get()
    waiting.options["create_traits"] = False
    waiting.save()

    response = confirm(admin)

    assert response.status_code == 422
    assert "<code>unknown_trait</code>" in response.content.decode()


def test_files_that_nobody_confirmed_are_dropped_after_a_day(admin: Client) -> None:
    upload(admin, as_csv(scenario_rows(1)))
    ImportUpload.objects.update(created_at=timezone.now() - timedelta(hours=25))

    upload(admin, as_csv(scenario_rows(1)))

    assert ImportUpload.objects.count() == 1


def test_an_editor_imports_into_the_sets_of_their_studies_only() -> None:
    study = cast.make_study(scenarios=1, is_open=False)
    foreign = cast.make_set("foreign", scenarios=1)
    user = User.objects.create_user("ed@example.net", is_staff=True)
    StudyMembership.objects.create(study=study, user=user, role=Role.EDITOR)
    client = Client()
    client.force_login(user)

    for name in (foreign.slug, "a set that is new"):
        assert upload(client, as_csv(scenario_rows(1)), set=name).status_code == 422
    assert upload(client, as_csv(scenario_rows(3)), set="pilot-set").status_code == 200
    assert "2 new" in confirm(client).content.decode()
