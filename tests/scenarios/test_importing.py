"""Files into sets: all or nothing, idempotent, new versions of what was asked, traits on the way."""

from typing import Any

import pytest

from scenarios.importing import import_file
from scenarios.models import Action, Instrument, Scenario, ScenarioSet, Statement, Trait
from tests.scenarios.imports import bring_in, counts, latest
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
