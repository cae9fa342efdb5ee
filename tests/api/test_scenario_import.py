"""Scenarios come in over HTTP with the importer and the report of the command line."""

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from annotation.models import Study
from scenarios.models import Scenario, ScenarioSet
from tests.api.cast import Program, a_program, a_study, a_user, body_of

CSV = b"key,text,action_a,action_b\nnew,A situation.,You go.,You stay.\n"
JSONL = b'{"key": "new", "text": "A situation.", "action_a": "You go.", "action_b": "You stay."}\n'
PATH = "studies/kindness/scenarios/import/"


@pytest.fixture
def editor(study: Study) -> Program:
    return a_program(a_user("editor@example.org", study=study, role="editor"), scopes="import")


def parquet() -> bytes:
    file = io.BytesIO()
    columns = {"key": ["new"], "text": ["A situation."], "action_a": ["You go."], "action_b": ["You stay."]}
    pq.write_table(pa.table(columns), file)
    return file.getvalue()


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (CSV, "text/csv"),
        (JSONL, "application/x-ndjson"),
        (JSONL, "application/jsonl"),
        (parquet(), "application/vnd.apache.parquet"),
    ],
)
def test_a_file_is_the_body(body: bytes, content_type: str, editor: Program) -> None:
    response = editor.post(f"{PATH}?set=kindness-set", body, content_type=content_type)

    report = response.json()
    assert response.status_code == 200, report
    assert (report["created"], report["is_written"], report["in_study"]) == (1, True, True)
    assert Scenario.objects.get(key="new").text == "A situation."


def test_a_file_is_a_field_of_a_form(editor: Program) -> None:
    file = SimpleUploadedFile("scenarios.csv", CSV, content_type="text/csv")

    response = editor.client.post(f"/api/v1/{PATH}", {"file": file}, headers=editor.headers)

    assert response.status_code == 200
    assert response.json()["file"] == "scenarios.csv"


def test_without_a_name_it_is_the_studys_only_set(editor: Program) -> None:
    assert editor.post(PATH, CSV).json()["set"] == "kindness-set"


def test_columns_can_be_mapped_and_languages_named(editor: Program) -> None:
    body = CSV.replace(b"key,text", b"id,context")

    response = editor.post(f"{PATH}?map=key=id,text=context&language=de", body)

    assert response.status_code == 200
    assert Scenario.objects.get(key="new").language == "de"


def test_a_trial_writes_nothing(editor: Program) -> None:
    report = editor.post(f"{PATH}?dry_run=true", CSV).json()

    assert (report["created"], report["is_written"]) == (1, False)
    assert not Scenario.objects.filter(key="new").exists()


def test_a_second_time_changes_nothing(editor: Program) -> None:
    editor.post(PATH, CSV)

    assert editor.post(PATH, CSV).json()["unchanged"] == 1


def test_bad_rows_are_all_named_and_nothing_is_written(editor: Program) -> None:
    body = CSV + b"new,Twice.,You go.,You stay.\nempty,,You go.,You stay.\n"

    response = editor.post(PATH, body)

    problem = response.json()
    assert response.status_code == 422
    assert response["Content-Type"] == "application/problem+json"
    assert [issue["row"] for issue in problem["report"]["issues"]["listed"]] == [3, 4]
    assert not Scenario.objects.filter(key="new").exists()


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"\n\n", "text/csv"),
        (b"\x00" * 50, "text/csv"),
        (b"\xff\xfe\x00a", "text/csv"),
        (b"PK\x03\x04zip", "text/csv"),
        (b"PAR1 and then nothing", "application/vnd.apache.parquet"),
        (b"{", "application/x-ndjson"),
        (b"key,text\n" + b'"' * 100, "text/csv"),
    ],
)
def test_damaged_files_are_refused_with_a_report(body: bytes, content_type: str, editor: Program) -> None:
    response = editor.post(PATH, body, content_type=content_type)

    assert response.status_code == 422
    assert response.json()["report"]["issues"]["total"] >= 1


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("set=a%00b", "set"),
        ("set=" + "x" * 300, "set"),
        ("set=unheard-of", "set"),
        ("map=key", "map"),
        ("map=key=a%0Db", "map"),
        ("map=key=" + "x" * 5000, "map"),
        ("dry_run=maybe", "dry_run"),
        ("colour=red", "colour"),
    ],
)
def test_wrong_parameters_are_named(query: str, wrong: str, editor: Program) -> None:
    response = editor.post(f"{PATH}?{query}", CSV)

    assert response.status_code == 400
    assert list(response.json()["errors"]) == [wrong]


def test_a_form_without_a_file_says_so(editor: Program) -> None:
    response = editor.client.post(f"/api/v1/{PATH}", {"file": "not a file"}, headers=editor.headers)

    assert list(response.json()["errors"]) == ["file"]


@pytest.mark.parametrize("row", [JSONL, JSONL.replace(b"You go.", b"")])
def test_half_characters_in_column_names_do_no_harm(row: bytes, editor: Program) -> None:
    body = row.replace(b'"key"', b'"\\ud800": 1, "key"')

    assert editor.post(PATH, body, content_type="application/jsonl").status_code in (200, 422)


def test_an_empty_body_says_so(editor: Program) -> None:
    assert list(editor.post(PATH, b"").json()["errors"]) == ["file"]


def test_a_body_that_is_too_large_is_refused_before_it_is_read(editor: Program) -> None:
    response = editor.client.generic(
        "POST",
        f"/api/v1/{PATH}",
        b"",
        content_type="text/csv",
        headers=editor.headers,
        CONTENT_LENGTH=str(10**12),
    )

    assert response.status_code == 413


def test_a_draft_takes_a_new_set_in(study: Study, editor: Program) -> None:
    Study.objects.update(state="draft")

    report = editor.post(f"{PATH}?set=fresh", CSV).json()

    assert report["in_study"]
    assert study.sets.filter(slug="fresh").exists()


def test_a_set_of_a_study_one_may_not_configure_is_not_written(editor: Program) -> None:
    other = a_study("secret")

    response = editor.post(f"{PATH}?set=secret-set", CSV)

    assert response.status_code == 403
    assert other.sets.get().scenarios.count() == 3


def test_a_set_shared_with_such_a_study_is_not_written_either(study: Study, editor: Program) -> None:
    a_study("secret").sets.add(study.sets.get())

    assert editor.post(PATH, CSV).status_code == 403


def test_a_set_no_study_uses_is_only_for_those_who_configure_everything(study: Study, editor: Program) -> None:
    ScenarioSet.objects.create(slug="unused", name="Unused")
    root = a_program(a_user("root@example.org", is_superuser=True), scopes="import")

    assert editor.post(f"{PATH}?set=unused", CSV).status_code == 403
    assert root.post(f"{PATH}?set=unused", CSV).status_code == 200


def test_what_was_exported_can_be_imported_again(study: Study) -> None:
    root = a_program(a_user("root@example.org", is_superuser=True), scopes="read,import")
    exported = body_of(root.get("studies/kindness/scenarios/", format="csv"))
    other = a_study("other", scenarios=1)

    report = root.post("studies/other/scenarios/import/?map=key=scenario", exported).json()

    assert (report["rows"], report["created"] + report["updated"] + report["unchanged"]) == (3, 3)
    again = Scenario.objects.get(set=other.sets.get(), key="s3")
    assert [(action.key, action.text, action.pole) for action in again.actions.all()] == [
        ("a", "You help.", 1),
        ("b", "You leave.", -1),
    ]
