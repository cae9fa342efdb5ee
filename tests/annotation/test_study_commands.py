"""import_study, export_study and open_study on the command line: clear words, never a traceback."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from annotation.models import Study
from tests import cast

pytestmark = pytest.mark.django_db


def run(*words: str) -> str:
    out = io.StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def written(folder: Path, document: object) -> str:
    file = folder / "study.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    return str(file)


@pytest.fixture
def first(tmp_path: Path) -> str:
    cast.make_set("everyday")
    return written(tmp_path, {"slug": "first", "title": "First", "sets": ["everyday"], "quota": "unlimited"})


def test_a_document_becomes_a_study_and_the_study_the_same_document(first: str, tmp_path: Path) -> None:
    assert run("import_study", first).startswith("Created the study “First” (first, draft).")

    exported = run("export_study", "first")

    assert run("import_study", written(tmp_path, json.loads(exported))).startswith("Updated")
    assert run("export_study", "first") == exported


def test_what_is_missing_before_it_can_open_is_said_at_once(first: str) -> None:
    assert "  warning: The consent text is empty" in run("import_study", first)


def test_a_study_is_opened(first: str) -> None:
    run("import_study", first)

    assert "“First” is open at /s/first/." in run("open_study", "first")
    assert Study.objects.get().state == "open"


def test_a_dry_run_opens_nothing(first: str) -> None:
    run("import_study", first)

    assert "It would open." in run("open_study", "first", "--dry-run")
    assert Study.objects.get().state == "draft"


def test_a_study_that_is_not_ready_stays_closed_and_says_why(tmp_path: Path) -> None:
    run("import_study", written(tmp_path, {"slug": "bare", "title": "Bare", "sets": []}))

    with pytest.raises(CommandError, match="errors that stand in the way: 1"):
        run("open_study", "bare")


def test_opening_twice_says_what_is_possible_instead(first: str) -> None:
    run("import_study", first)
    run("open_study", "first")

    with pytest.raises(CommandError, match="From open the next state can be closed, paused"):
        run("open_study", "first")


@pytest.mark.parametrize("words", [("export_study", "nowhere"), ("open_study", "nowhere")])
def test_an_unknown_study_is_named(words: tuple[str, str]) -> None:
    with pytest.raises(CommandError, match="no study “nowhere”"):
        run(*words)


def test_every_problem_of_a_document_is_listed(tmp_path: Path) -> None:
    with pytest.raises(CommandError) as refused:
        run("import_study", written(tmp_path, {"slug": "x y", "sets": ["z"]}))

    assert str(refused.value).splitlines() == [
        "Nothing was imported, because:",
        "  title: is missing.",
        "  slug: “x y” is not possible; use letters, digits, - and _ only.",
        "  sets[0]: there is no scenario set “z”. Import its scenarios first.",
    ]


def test_a_file_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        run("import_study", str(tmp_path / "missing.json"))
    with pytest.raises(CommandError, match="cannot be read: Is a directory"):
        run("import_study", str(tmp_path))


def test_a_file_that_is_no_json_is_answered_with_the_place(tmp_path: Path) -> None:
    file = tmp_path / "broken.json"
    file.write_bytes(b'{"slug": "a",}')

    with pytest.raises(CommandError, match=r"not valid JSON \(line 1"):
        run("import_study", str(file))


def test_the_schema_is_written_on_request() -> None:
    assert json.loads(run("export_study", "--schema"))["title"] == "Configuration of a study"


def test_a_study_must_be_named() -> None:
    with pytest.raises(CommandError, match="Name the study"):
        run("export_study")
