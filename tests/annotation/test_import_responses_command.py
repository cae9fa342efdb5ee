"""`manage.py import_responses` as people and programs call it: what it prints and how it ends."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from annotation.models import Study
from tests import cast
from tests.annotation.recorded import row
from tests.study_files import as_csv, written

pytestmark = pytest.mark.django_db


def run(*arguments: object) -> str:
    out = StringIO()
    call_command("import_responses", *map(str, arguments), stdout=out)
    return out.getvalue()


def test_the_command_says_what_it_did(tmp_path: Path) -> None:
    cast.make_study(scenarios=1, quota=1)
    path = written(tmp_path, as_csv([row("p1", note="x"), row("p2"), row("p1", "b")], columns=[*row(""), "note"]))

    printed = run(path, "--study", "pilot")

    assert "1 counted, 1 surplus, 1 replaced by a later answer" in printed
    assert "2 participants (2 new), 1 scenarios" in printed
    assert "Columns not used: note" in printed


def test_the_command_fails_with_a_list_of_problems(tmp_path: Path) -> None:
    cast.make_study(scenarios=1)
    out = StringIO()

    with pytest.raises(CommandError, match=r"1 problem in 1 row \(1 bad_choice\)"):
        call_command(
            "import_responses",
            str(written(tmp_path, as_csv([row("p1", "z")]))),
            "--study",
            "pilot",
            "--json",
            stdout=out,
        )

    assert json.loads(out.getvalue())["issues"]["listed"][0]["row"] == 2


def test_the_command_suggests_the_study_that_was_meant(tmp_path: Path) -> None:
    cast.make_study()

    with pytest.raises(CommandError, match="Did you mean “pilot”"):
        run(written(tmp_path, b"x"), "--study", "pilt")


def test_the_command_leaves_an_archived_study_alone(tmp_path: Path) -> None:
    cast.make_study()
    Study.objects.update(state="archived")

    with pytest.raises(CommandError, match="archived"):
        run(written(tmp_path, b"x"), "--study", "pilot")
