"""`manage.py import_scenarios` as people and programs call it: what it prints and how it ends."""

import json
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from scenarios.models import Scenario, Trait
from tests.study_files import as_csv, as_jsonl, scenario_row, scenario_rows, written

pytestmark = pytest.mark.django_db

MANAGE = Path(__file__).parents[2] / "manage.py"


def run(*arguments: object) -> str:
    out = StringIO()
    call_command("import_scenarios", *map(str, arguments), stdout=out)
    return out.getvalue()


def test_it_says_what_it_did(tmp_path: Path) -> None:
    path = written(tmp_path, as_csv(scenario_rows(2, trait="empathy", note="x")))

    printed = run(path, "--set", "everyday")

    assert "file.csv (CSV, 2 rows) into set everyday" in printed
    assert "2 created, 0 updated, 0 new versions, 0 unchanged" in printed
    assert "Traits added: empathy" in printed
    assert "Columns not used: note" in printed


def test_it_takes_the_mapping_of_the_manual(tmp_path: Path) -> None:
    path = written(tmp_path, b"scenario_id,context,action1,action2\nH_001,A war.,I throw it.,I do not.\n")

    run(path, "--set", "moral", "--map", "key=scenario_id,text=context,action_a=action1,action_b=action2")

    assert Scenario.objects.get().text == "A war."


def test_problems_are_listed_and_the_command_fails(tmp_path: Path) -> None:
    path = written(tmp_path, as_csv([scenario_row(1), scenario_row(2, text="")]))
    out = StringIO()

    with pytest.raises(CommandError, match=r"Nothing was imported: 1 problem in 1 row \(1 empty\)"):
        call_command("import_scenarios", str(path), "--set", "everyday", stdout=out)

    assert "row 3, text: empty: The cell for “text” is empty." in out.getvalue()
    assert not Scenario.objects.exists()


def test_a_dry_run_says_so(tmp_path: Path) -> None:
    printed = run(written(tmp_path, as_csv(scenario_rows(2))), "--set", "everyday", "--dry-run")

    assert "2 created" in printed
    assert "Dry run: nothing was written." in printed
    assert not Scenario.objects.exists()


def test_the_report_can_be_read_by_programs(tmp_path: Path) -> None:
    report = json.loads(run(written(tmp_path, as_jsonl(scenario_rows(2)), "f.jsonl"), "--set", "x", "--json"))

    assert (report["created"], report["is_written"], report["issues"]["total"]) == (2, True, 0)


def test_the_report_of_a_failure_can_be_read_by_programs(tmp_path: Path) -> None:
    path = written(tmp_path, as_csv([scenario_row(1, pole_a="9")]))
    out = StringIO()

    with pytest.raises(CommandError):
        call_command("import_scenarios", str(path), "--set", "x", "--json", stdout=out)

    listed = json.loads(out.getvalue())["issues"]["listed"]
    assert [(issue["row"], issue["column"], issue["code"]) for issue in listed] == [(2, "pole_a", "bad_pole")]


def test_traits_are_created_when_asked_for(tmp_path: Path) -> None:
    run(written(tmp_path, as_csv(scenario_rows(1, trait="patience"))), "--set", "x", "--create-traits")

    assert Trait.objects.filter(key="patience").exists()


def test_a_mapping_that_cannot_be_read_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="NAME=NAME pairs"):
        run(written(tmp_path, b"x"), "--set", "x", "--map", "key")


def test_the_shipped_pack_comes_in_with_its_traits() -> None:
    printed = run(MANAGE.parent / "scenarios" / "packs" / "everyday.jsonl", "--set", "everyday")

    assert "64 created" in printed
    assert Trait.objects.count() == 4


def test_the_program_ends_with_1_when_nothing_was_imported(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, MANAGE, "import_scenarios", tmp_path / "nothing.csv", "--set", "x"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 1
    assert "No such file" in ended.stdout
    assert "Nothing was imported" in ended.stderr
    assert "Traceback" not in ended.stderr
