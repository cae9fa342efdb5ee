"""Files into sets: all or nothing, idempotent, new versions of what was asked, traits on the way."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from scenarios.importing import Report, import_file
from scenarios.models import Action, Instrument, Scenario, ScenarioSet, Statement, Trait, Translation
from tests.study_files import (
    as_csv,
    as_jsonl,
    as_parquet,
    database_digest,
    scenario_row,
    scenario_rows,
    shared,
    stream,
)

pytestmark = pytest.mark.django_db

MORALCHOICE = {"key": "scenario_id", "text": "context", "action_a": "action1", "action_b": "action2"}


def bring_in(rows: list[dict[str, object]], **options: Any) -> Report:
    return import_file(stream(as_jsonl(rows), "file.jsonl"), **{"set_name": "everyday", **options})


def counts(report: Report) -> tuple[int, int, int, int]:
    assert not report.issues, list(report.issues)
    return report.created, report.updated, report.new_versions, report.unchanged


def latest(key: str = "s1") -> Scenario:
    return Scenario.objects.get(key=key, is_latest=True)


def ask(*keys: str) -> None:
    """What the ledger does when a study asks scenarios."""
    Scenario.objects.filter(key__in=keys).update(locked_at=timezone.now())


# What is stored


@pytest.mark.parametrize(("write", "name"), [(as_csv, "f.csv"), (as_jsonl, "f.jsonl"), (as_parquet, "f.parquet")])
def test_every_format_stores_the_same_scenarios(write: Any, name: str) -> None:
    full = {
        "trait": "empathy",
        "pole_a": "1",
        "pole_b": "-1",
        "instrument": "IRI",
        "statement_original": "I help.",
        "statement_reframed": "I recommend helping.",
        "intended_class": "AGREE",
        "tags": "work; family",
        "license": "CC-BY-4.0",
    }

    report = import_file(stream(write(scenario_rows(2, **full)), name), set_name="everyday")

    assert counts(report) == (2, 0, 0, 0)
    scenario = Scenario.objects.with_content().get(key="s1")
    assert scenario.text == "Situation 1."
    assert list(scenario.actions.values_list("key", "position", "text", "pole")) == [
        ("a", 0, "You help (1).", 1),
        ("b", 1, "You wait (1).", -1),
    ]
    assert scenario.trait is not None
    assert scenario.trait.key == "empathy"
    assert scenario.statement is not None
    assert (scenario.statement.original, scenario.statement.reframed) == ("I help.", "I recommend helping.")
    assert scenario.statement.instrument is not None
    assert scenario.statement.instrument.key == "IRI"
    assert (scenario.intended_class, scenario.tags, scenario.license) == (
        "AGREE",
        ["work", "family"],
        "CC-BY-4.0",
    )
    assert (scenario.version, scenario.is_latest, scenario.locked_at) == (1, True, None)


def test_equal_statements_are_stored_once() -> None:
    rows = scenario_rows(3, statement_original="I help.", trait="empathy", instrument="IRI")
    rows[2]["statement_original"] = "I wait."

    bring_in(rows)
    bring_in(rows)

    assert Statement.objects.count() == 2
    assert Instrument.objects.count() == 1


def test_an_instrument_without_a_statement_is_kept_too() -> None:
    bring_in([scenario_row(1, instrument="Interpersonal Reactivity Index")])

    statement = latest().statement
    assert statement is not None
    assert statement.instrument is not None
    assert (statement.instrument.key, statement.instrument.name, statement.original) == (
        "interpersonal-reactivity-index",
        "Interpersonal Reactivity Index",
        "",
    )


def test_the_language_belongs_to_the_content() -> None:
    bring_in(scenario_rows(1), language="de")

    assert latest().language == "de"
    assert counts(bring_in(scenario_rows(1), language="pt-BR")) == (0, 1, 0, 0)


# Sets


@pytest.mark.parametrize("name", ["everyday-life", "Everyday Life", "EVERYDAY LIFE"])
def test_a_set_is_found_by_slug_or_name(name: str) -> None:
    known = ScenarioSet.objects.create(slug="everyday-life", name="Everyday Life")

    report = bring_in(scenario_rows(1), set_name=name)

    assert (report.set, known.scenarios.count(), ScenarioSet.objects.count()) == ("everyday-life", 1, 1)


def test_a_set_that_is_not_there_is_created_under_its_name() -> None:
    bring_in(scenario_rows(1), set_name="Everyday Life, first half")

    created = ScenarioSet.objects.get()
    assert (created.slug, created.name) == ("everyday-life-first-half", "Everyday Life, first half")


def test_the_slug_of_a_new_set_is_in_lower_case() -> None:
    assert bring_in(scenario_rows(1), set_name="Everyday").set == "everyday"


def test_a_name_without_latin_letters_gets_a_slug_that_stays_the_same() -> None:
    first = bring_in(scenario_rows(1), set_name="日常")
    second = bring_in(scenario_rows(1), set_name="日常")

    assert first.set == second.set == ScenarioSet.objects.get().slug
    assert counts(second) == (0, 0, 0, 1)


def test_keys_are_unique_within_a_set_only() -> None:
    bring_in(scenario_rows(2), set_name="one")

    assert counts(bring_in(scenario_rows(2), set_name="two")) == (2, 0, 0, 0)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"set_name": " "}, "bad_set"),
        ({"set_name": "a\0b"}, "bad_set"),
        ({"set_name": "x" * 201}, "bad_set"),
        ({"language": "english please"}, "bad_language"),
        ({"language": ""}, "bad_language"),
    ],
)
def test_options_that_make_no_sense_are_issues(options: dict[str, str], code: str) -> None:
    report = bring_in(scenario_rows(1), **options)

    assert [issue.code for issue in report.issues] == [code]
    assert not ScenarioSet.objects.exists()


# Again


def test_importing_again_changes_nothing() -> None:
    bring_in(scenario_rows(5, trait="empathy", statement_original="I help.", tags="work"))
    before = database_digest()

    report = bring_in(scenario_rows(5, trait="empathy", statement_original="I help.", tags="work"))

    assert counts(report) == (0, 0, 0, 5)
    assert database_digest() == before


def test_only_new_keys_are_added() -> None:
    bring_in(scenario_rows(2))

    assert counts(bring_in(scenario_rows(5))) == (3, 0, 0, 2)


def test_scenarios_that_a_file_leaves_out_stay() -> None:
    bring_in(scenario_rows(3))

    bring_in(scenario_rows(1))

    assert Scenario.objects.latest_versions().count() == 3


CONTENT = [
    {"text": "Other words."},
    {"action_b": "You leave."},
    {"action_c": "You laugh."},
    {"key_a": "help"},
    {"pole_a": 1},
    {"trait": "empathy"},
    {"statement_original": "I help."},
    {"instrument": "IRI"},
]
DESCRIPTION = [{"tags": "work"}, {"license": "MIT"}, {"intended_class": "AGREE"}]


@pytest.mark.parametrize("change", CONTENT + DESCRIPTION, ids=str)
def test_what_no_study_has_asked_is_updated_in_place(change: dict[str, object]) -> None:
    bring_in(scenario_rows(2))
    first = latest()

    report = bring_in([scenario_row(1, **change), scenario_row(2)])

    assert counts(report) == (0, 1, 0, 1)
    assert (latest().pk, latest().version, latest().created_at) == (first.pk, 1, first.created_at)
    assert counts(bring_in([scenario_row(1, **change)])) == (0, 0, 0, 1)


@pytest.mark.parametrize("change", CONTENT, ids=str)
def test_new_content_of_what_was_asked_is_a_new_version(change: dict[str, object]) -> None:
    bring_in(scenario_rows(2))
    ask("s1", "s2")
    first = latest()
    asked_actions = list(first.actions.values())

    report = bring_in([scenario_row(1, **change), scenario_row(2)])

    assert counts(report) == (0, 0, 1, 1)
    newer = latest()
    assert (newer.version, newer.locked_at) == (2, None)
    first.refresh_from_db()
    assert (first.version, first.is_latest, first.text) == (1, False, "Situation 1.")
    assert list(first.actions.values()) == asked_actions


@pytest.mark.parametrize("change", DESCRIPTION, ids=str)
def test_descriptions_of_what_was_asked_are_corrected_in_place(change: dict[str, object]) -> None:
    bring_in(scenario_rows(1))
    ask("s1")

    report = bring_in([scenario_row(1, **change)])

    assert counts(report) == (0, 1, 0, 0)
    assert Scenario.objects.count() == 1


def test_a_new_version_that_nobody_asked_is_itself_updated_in_place() -> None:
    bring_in(scenario_rows(1))
    ask("s1")
    bring_in(scenario_rows(1, text="Second wording."))

    report = bring_in(scenario_rows(1, text="Third wording."))

    assert counts(report) == (0, 1, 0, 0)
    assert list(Scenario.objects.order_by("version").values_list("version", "is_latest")) == [(1, False), (2, True)]
    assert latest().text == "Third wording."


def test_going_back_to_an_older_wording_is_a_third_version() -> None:
    bring_in(scenario_rows(1))
    ask("s1")
    bring_in(scenario_rows(1, text="Second wording."))
    ask("s1")

    assert counts(bring_in(scenario_rows(1))) == (0, 0, 1, 0)
    assert (latest().version, latest().text) == (3, "Situation 1.")


def test_fewer_actions_take_the_old_ones_away() -> None:
    bring_in(scenario_rows(1, action_c="You laugh."))

    bring_in(scenario_rows(1))

    assert list(latest().actions.values_list("key", flat=True)) == ["a", "b"]
    assert Action.objects.count() == 2


def test_a_translation_of_the_earlier_text_is_pointed_out() -> None:
    bring_in(scenario_rows(1))
    Translation.objects.create(scenario=latest(), language="de", text="Lage 1.", actions={})

    report = bring_in(scenario_rows(1, text="Other words."))

    assert [(issue.row, issue.code) for issue in report.warnings] == [(1, "translation_outdated")]


# Traits


def test_a_shipped_trait_is_created_when_a_file_names_it() -> None:
    report = bring_in(scenario_rows(1, trait="Emotion regulation"))

    assert report.created_traits == ("emotion_regulation",)
    assert Trait.objects.get().name == "Emotion regulation"


def test_only_the_traits_of_the_file_are_created() -> None:
    bring_in(scenario_rows(2, trait="empathy"))

    assert list(Trait.objects.values_list("key", flat=True)) == ["empathy"]


def test_a_trait_that_somebody_added_is_known() -> None:
    Trait.objects.create(key="patience", name="Patience")

    assert counts(bring_in(scenario_rows(1, trait="PATIENCE"))) == (1, 0, 0, 0)


def test_an_unknown_trait_stops_the_import() -> None:
    report = bring_in(scenario_rows(2, trait="patience"))

    assert report.issues.by_code == {"unknown_trait": 2}
    assert not Scenario.objects.exists()


def test_an_unknown_trait_is_created_when_asked_for() -> None:
    report = bring_in(scenario_rows(2, trait="Deep Patience"), create_traits=True)

    assert counts(report) == (2, 0, 0, 0)
    assert (Trait.objects.get().key, Trait.objects.get().name) == ("deep-patience", "Deep Patience")
    assert counts(bring_in(scenario_rows(2, trait="Deep Patience"))) == (0, 0, 0, 2)


# All or nothing


def test_one_bad_row_keeps_everything_out() -> None:
    bring_in(scenario_rows(2))
    before = database_digest()
    rows = scenario_rows(2_500, text="Changed.")
    rows[2_400]["action_b"] = ""

    report = bring_in(rows)

    assert [(issue.row, issue.column, issue.code) for issue in report.issues] == [(2_401, "action_b", "empty")]
    assert not report.is_written
    assert database_digest() == before


def test_a_dry_run_reports_everything_and_writes_nothing() -> None:
    bring_in(scenario_rows(2))
    ask("s2")
    before = database_digest()
    rows = [scenario_row(1, text="New."), scenario_row(2, text="New."), scenario_row(3, trait="empathy")]

    report = bring_in(rows, dry_run=True, set_name="Everyday")

    assert counts(report) == (1, 1, 1, 0)
    assert report.created_traits == ("empathy",)
    assert not report.is_written
    assert database_digest() == before


def test_a_dry_run_into_a_new_set_leaves_no_set() -> None:
    report = bring_in(scenario_rows(2), dry_run=True, set_name="New Set")

    assert report.set == "new-set"
    assert not ScenarioSet.objects.exists()


class PowerCut(Exception):
    pass


def power_cut_at(statement: int) -> Callable[..., Any]:
    """Let the database do so many statements and then nothing but go back."""
    left = iter(range(statement))

    def execute(do: Callable[..., Any], sql: str, *args: Any) -> Any:
        if not sql.startswith(("SAVEPOINT", "ROLLBACK", "RELEASE")) and next(left, None) is None:
            raise PowerCut
        return do(sql, *args)

    return execute


def test_a_failure_at_any_statement_leaves_nothing() -> None:
    bring_in(scenario_rows(3))
    ask("s2")
    before = database_digest()
    rows = scenario_rows(4, text="Changed.", trait="empathy", statement_original="I help.", instrument="IRI")

    failures = 0
    while True:
        with connection.execute_wrapper(power_cut_at(failures)), suppress(PowerCut):
            bring_in(rows)
            break
        failures += 1
        assert database_digest() == before, f"after {failures} statements"

    assert failures > 15
    assert Scenario.objects.count() == 5


def test_every_bad_row_is_listed_in_the_order_of_the_file() -> None:
    rows = scenario_rows(4)
    rows[1]["text"] = ""
    rows[2] |= {"key": "s1", "action_b": "You help (3)."}
    rows[3]["pole_a"] = "7"

    report = bring_in(rows)

    assert [(issue.row, issue.code) for issue in report.issues] == [
        (2, "empty"),
        (3, "duplicate"),
        (3, "same_actions"),
        (4, "bad_pole"),
    ]
    assert (report.issues.total, report.issues.bad_rows) == (4, 3)


def test_a_file_without_rows_is_a_problem() -> None:
    report = import_file(stream(b"key,text,action_a,action_b\n"), set_name="everyday")

    assert [issue.code for issue in report.issues] == ["empty_file"]


def test_a_file_that_cannot_be_read_is_a_problem_and_no_crash(tmp_path: Path) -> None:
    report = import_file(tmp_path / "nothing.csv", set_name="everyday")

    assert [issue.code for issue in report.issues] == ["unreadable"]


# The same words in both actions


def test_a_rare_scenario_with_one_action_twice_is_taken_with_a_warning() -> None:
    rows = scenario_rows(200)
    rows[57]["action_b"] = rows[57]["action_a"]

    report = bring_in(rows)

    assert counts(report) == (200, 0, 0, 0)
    assert [(issue.row, issue.column, issue.code) for issue in report.warnings] == [(58, "action_b", "same_actions")]


def test_more_than_one_in_a_hundred_is_a_mistake_in_the_file() -> None:
    rows = scenario_rows(200)
    for row in rows[:3]:
        row["action_b"] = row["action_a"]

    report = bring_in(rows)

    assert report.issues.by_code == {"same_actions": 3}
    assert not Scenario.objects.exists()


def test_a_small_file_has_no_room_for_it() -> None:
    report = bring_in([*scenario_rows(9), scenario_row(10, action_b="You help (10).")])

    assert report.issues.by_code == {"same_actions": 1}


# MoralChoice


def test_all_scenarios_of_moralchoice_come_in() -> None:
    for name in ("low", "high"):
        path = shared(f"moralchoice/moralchoice_{name}_ambiguity.csv")

        report = import_file(path, set_name="moralchoice", mapping=MORALCHOICE)

        assert not report.issues
        assert "ambiguity" in report.ignored_columns
    assert Scenario.objects.filter(set__slug="moralchoice").count() == 1_367
    assert Action.objects.count() == 2 * 1_367
    assert latest("H_001").actions.get(key="b").text == "I throw the grenade."


def test_moralchoice_twice_is_moralchoice_once() -> None:
    path = shared("moralchoice/moralchoice_high_ambiguity.csv")
    import_file(path, set_name="moralchoice", mapping=MORALCHOICE)
    before = database_digest()

    assert counts(import_file(path, set_name="moralchoice", mapping=MORALCHOICE)) == (0, 0, 0, 680)
    assert database_digest() == before
