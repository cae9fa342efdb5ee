"""Recorded answers in a study: counted like live ones, idempotent, all or nothing, exact on real data."""

import csv
import json
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import krippendorff
import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from annotation import exclusion, leaving
from annotation.models import Event, Identity, Participation, Response, Stratum, Study
from annotation.recorded_answers import Report, StudyTakesNoAnswers, import_file
from scenarios.importing import import_file as import_scenarios
from scenarios.models import Scenario, ScenarioSet
from tests import cast
from tests.cast import NOON
from tests.study_files import as_csv, as_jsonl, as_parquet, database_digest, shared, stream, written

pytestmark = pytest.mark.django_db

Rows = Sequence[dict[str, object]]


def row(who: str, choice: str = "a", *, scenario: str = "s1", **cells: object) -> dict[str, object]:
    return {"scenario": scenario, "participant": who, "choice": choice, **cells}


def at(minute: int) -> str:
    return (NOON - timedelta(days=1) + timedelta(minutes=minute)).isoformat()


def record(study: Study, *rows: dict[str, object], now: datetime = NOON, **options: Any) -> Report:
    return import_file(stream(as_jsonl(rows), "file.jsonl"), study=study, now=now, **options)


def recorded(study: Study, *rows: dict[str, object], **options: Any) -> Report:
    report = record(study, *rows, **options)
    assert not report.issues, list(report.issues)
    return report


def problems(study: Study, *rows: dict[str, object]) -> list[tuple[int | None, str, str]]:
    return [(issue.row, issue.column, issue.code) for issue in record(study, *rows).issues]


def log(study: Study) -> list[tuple[str, str, str]]:
    """(participant, choice, standing) in the order of the log."""
    answers = study.responses.order_by("id").values_list("participation__identity__person_id", "choice", "standing")
    return list(answers)


def assert_counters_equal_the_log(study: Study) -> None:
    cast.assert_ledger_is_sound(study)
    for person in study.participations.all():
        assert person.tasks_answered == person.responses.exclude(standing="replaced").count()


# What is stored


def test_an_answer_is_stored_like_a_live_one() -> None:
    study = cast.make_study(scenarios=2, quota=None)

    recorded(
        study,
        row("p1", "b", scenario="s2", answered_at=at(1), response_ms=900, confidence=4, rationale="Because."),
    )

    answer = study.responses.get()
    assert answer.scenario is not None
    assert (answer.scenario.key, answer.choice, answer.pole, answer.kind) == ("s2", "b", -1, "task")
    assert (answer.standing, answer.side, answer.order_shown) == ("counted", "", ["a", "b"])
    assert (answer.confidence, answer.response_ms, answer.rationale) == (4, 900, "Because.")
    assert (answer.position, answer.served_ms, answer.assignment_id) == (None, None, None)
    assert answer.answered_at == NOON - timedelta(days=1) + timedelta(minutes=1)
    assert_counters_equal_the_log(study)


def test_the_people_are_completed_and_marked_as_imported() -> None:
    study = cast.make_study(scenarios=2, quota=None)

    recorded(study, row("p1", answered_at=at(5)), row("p1", scenario="s2", answered_at=at(2)))

    person = study.participations.get()
    assert (person.state, person.is_imported, person.provider) == ("completed", True, "import")
    assert (person.started_at, person.ended_at) == (
        NOON - timedelta(hours=24, minutes=-2),
        NOON - timedelta(hours=24, minutes=-5),
    )
    assert person.arrived_at == person.started_at
    assert person.stratum is not None
    assert person.stratum.key == "all"
    assert person.tasks_answered == 2


def test_times_that_are_unknown_stay_empty() -> None:
    study = cast.make_study(scenarios=1, quota=None)

    recorded(study, row("p1"))

    person = study.participations.get()
    assert (person.started_at, person.ended_at, person.arrived_at) == (None, None, NOON)


def test_the_files_ids_stand_in_the_identity_alone() -> None:
    study = cast.make_study(scenarios=1, quota=None)

    recorded(study, row("worker-4711"))

    assert Identity.objects.get().person_id == "worker-4711"
    for model in (Participation, Response):
        assert "4711" not in str(list(model.objects.values()))
    assert "4711" not in str(list(Event.objects.values()))


def test_the_same_id_in_another_study_is_another_person() -> None:
    first, second = cast.make_study("one", scenarios=1), cast.make_study("two", scenarios=1)

    recorded(first, row("0"))
    recorded(second, row("0"))

    assert first.participations.get().person_id != second.participations.get().person_id


def test_a_draft_gets_its_ledger_and_is_frozen() -> None:
    study = cast.make_study(scenarios=2, is_open=False, quota=5)

    recorded(study, row("p1"), row("p1", scenario="s2"))

    study.refresh_from_db()
    assert (study.state, study.first_answer_at, study.is_frozen) == ("draft", NOON, True)
    assert cast.ledger(study) == [(0, 1), (0, 1)]
    assert not Scenario.objects.filter(locked_at=None).exists()


def test_one_line_in_the_event_log_says_what_came_in() -> None:
    study = cast.make_study(scenarios=1, quota=1)

    recorded(study, row("p1"), row("p2"))

    event = Event.objects.get(kind="answers_imported")
    assert (event.data["counted"], event.data["surplus"]) == (1, 1)


@pytest.mark.parametrize("choice", ["neutral", "not_applicable"])
def test_neutral_and_not_applicable_count_even_where_the_study_offers_neither(choice: str) -> None:
    study = cast.make_study(scenarios=1, quota=None, offers_neutral=False, offers_not_applicable=False)

    recorded(study, row("p1", choice))

    assert study.responses.filter(choice=choice, standing="counted", pole=None).exists()


@pytest.mark.parametrize(("write", "name"), [(as_csv, "f.csv"), (as_jsonl, "f.jsonl"), (as_parquet, "f.parquet")])
def test_every_format_means_the_same(write: Callable[[Rows], bytes], name: str) -> None:
    study = cast.make_study(scenarios=1, quota=None)
    rows = [row("p1", answered_at=at(1)), row("p2", "b", answered_at=at(2))]

    report = import_file(stream(write(rows), name), study=study, now=NOON)

    assert not report.issues
    assert log(study) == [("p1", "a", "counted"), ("p2", "b", "counted")]


# Seats


def test_answers_fill_seats_in_the_order_of_their_time() -> None:
    study = cast.make_study(scenarios=1, quota=2)

    report = recorded(
        study, row("late", answered_at=at(9)), row("early", answered_at=at(1)), row("middle", answered_at=at(5))
    )

    assert log(study) == [("early", "a", "counted"), ("middle", "a", "counted"), ("late", "a", "surplus")]
    assert (report.counted, report.surplus) == (2, 1)
    assert_counters_equal_the_log(study)


def test_without_times_answers_fill_seats_in_the_order_of_the_file() -> None:
    study = cast.make_study(scenarios=1, quota=2)

    recorded(study, row("p3"), row("p1"), row("p2"))

    assert log(study) == [("p3", "a", "counted"), ("p1", "a", "counted"), ("p2", "a", "surplus")]


def test_an_unlimited_study_counts_everybody() -> None:
    study = cast.make_study(scenarios=1, quota=None)

    report = recorded(study, *(row(f"p{number}") for number in range(50)))

    assert report.counted == 50
    assert cast.ledger(study) == [(0, 50)]


def test_seats_that_live_people_hold_are_left_to_them() -> None:
    study = cast.make_study(scenarios=1, quota=3)
    ann = cast.at_work(study, "ann")

    report = recorded(study, row("p1"), row("p2"), row("p3"))
    cast.answer_everything(ann)

    assert (report.counted, report.surplus) == (2, 1)
    assert cast.ledger(study) == [(0, 3)]
    assert_counters_equal_the_log(study)


def test_live_people_get_the_seats_that_are_left() -> None:
    study = cast.make_study(scenarios=2, quota=1)
    recorded(study, row("p1"))

    ann = cast.at_work(study, "ann")

    assert list(ann.assignments.values_list("scenario__key", flat=True)) == ["s2"]


def test_every_import_raises_the_revision_of_the_rows_it_touched_and_of_no_other() -> None:
    study = cast.make_study(scenarios=2, quota=None)
    recorded(study, row("p1", answered_at=at(1)))
    before = dict(study.quotas.values_list("scenario__key", "revision"))

    recorded(study, row("p1", "b", answered_at=at(2)))

    after = dict(study.quotas.values_list("scenario__key", "revision"))
    assert after["s1"] > before["s1"]
    assert after["s2"] == before["s2"]


def test_strata_have_their_own_seats() -> None:
    study = cast.make_study(scenarios=1, is_open=False, quota=1)
    Stratum.objects.create(study=study, key="young")
    Stratum.objects.create(study=study, key="old")

    recorded(study, row("p1", stratum="young"), row("p2", stratum="old"), row("p3", stratum="old"))

    assert [standing for _who, _choice, standing in log(study)] == ["counted", "counted", "surplus"]
    assert_counters_equal_the_log(study)


# Later answers


def test_the_later_answer_of_a_person_counts_and_the_earlier_is_kept() -> None:
    study = cast.make_study(scenarios=1, quota=1)

    report = recorded(study, row("p1", "b", answered_at=at(2)), row("p1", "a", answered_at=at(1)))

    assert log(study) == [("p1", "a", "replaced"), ("p1", "b", "counted")]
    assert (report.counted, report.replaced) == (1, 1)
    assert_counters_equal_the_log(study)


def test_a_later_file_replaces_what_an_earlier_one_said() -> None:
    study = cast.make_study(scenarios=1, quota=2)
    recorded(study, row("p1", "a", answered_at=at(1)), row("p2", "a", answered_at=at(1)))

    report = recorded(study, row("p1", "b", answered_at=at(5)))

    assert log(study) == [("p1", "a", "replaced"), ("p2", "a", "counted"), ("p1", "b", "counted")]
    assert (report.counted, report.superseded, report.new_participants) == (1, 1, 0)
    assert_counters_equal_the_log(study)


def test_a_file_with_older_answers_adds_to_the_log_only() -> None:
    study = cast.make_study(scenarios=1, quota=2)
    recorded(study, row("p1", "a", answered_at=at(5)))

    recorded(study, row("p1", "b", answered_at=at(1)))

    assert sorted(log(study)) == [("p1", "a", "counted"), ("p1", "b", "replaced")]
    assert study.participations.get().started_at == NOON - timedelta(hours=24, minutes=-1)
    assert_counters_equal_the_log(study)


def test_a_later_file_may_bring_further_scenarios_of_the_same_people() -> None:
    study = cast.make_study(scenarios=2, quota=2)
    recorded(study, row("p1"))

    recorded(study, row("p1", scenario="s2"))

    assert study.participations.get().tasks_answered == 2
    assert_counters_equal_the_log(study)


# Again


@pytest.mark.parametrize("timed", [True, False])
def test_importing_again_changes_nothing(timed: bool) -> None:
    study = cast.make_study(scenarios=2, quota=2)
    time = {"answered_at": at(1)} if timed else {}
    rows = [row("p1", **time), row("p1", "b", **time), row("p2", **time), row("p3", **time), row("p1", scenario="s2")]
    recorded(study, *rows)
    before = database_digest()

    report = recorded(study, *rows, now=NOON + timedelta(days=1))

    assert (report.unchanged, report.counted, report.replaced) == (5, 0, 0)
    assert database_digest() == before


def test_an_answer_that_a_file_holds_twice_is_twice_in_the_log_and_counts_once() -> None:
    study = cast.make_study(scenarios=1, quota=5)
    twice = [row("p1", answered_at=at(1)), row("p1", answered_at=at(1))]

    recorded(study, *twice)
    again = recorded(study, *twice)

    assert log(study) == [("p1", "a", "replaced"), ("p1", "a", "counted")]
    assert again.unchanged == 2


def test_only_what_is_new_in_a_longer_file_is_added() -> None:
    study = cast.make_study(scenarios=1, quota=5)
    recorded(study, row("p1", answered_at=at(1)))

    report = recorded(study, row("p1", answered_at=at(1)), row("p2", answered_at=at(2)))

    assert (report.unchanged, report.counted, report.new_participants) == (1, 1, 1)


# Exclusions and withdrawals


def test_an_excluded_person_stays_excluded() -> None:
    study = cast.make_study(scenarios=2, quota=2)
    recorded(study, row("p1", answered_at=at(1)))
    exclusion.exclude_participation(study.participations.get(), reason="test", now=NOON)

    report = recorded(study, row("p1", "b", answered_at=at(2)), row("p1", scenario="s2", answered_at=at(3)))

    assert report.excluded == 2
    assert [standing for _who, _choice, standing in log(study)] == ["replaced", "excluded", "excluded"]
    assert_counters_equal_the_log(study)


def test_revoking_an_exclusion_brings_back_only_the_answers_that_stand() -> None:
    study = cast.make_study(scenarios=1, quota=2)
    recorded(study, row("p1", "a", answered_at=at(1)), row("p1", "b", answered_at=at(2)))
    entry = exclusion.exclude_participation(study.participations.get(), reason="test", now=NOON)

    exclusion.revoke_exclusion(entry, now=NOON)

    assert log(study) == [("p1", "a", "replaced"), ("p1", "b", "counted")]
    assert_counters_equal_the_log(study)


def test_somebody_who_withdrew_is_not_imported_again() -> None:
    study = cast.make_study(scenarios=1, quota=2)
    recorded(study, row("p1"))
    leaving.withdraw(study.participations.get().pk, now=NOON)

    assert problems(study, row("p2"), row("p1", "b"), row("p1", "a")) == [(2, "", "withdrawn")]


# All or nothing


def test_every_bad_row_is_listed_and_nothing_is_written() -> None:
    study = cast.make_study(scenarios=1, is_open=False)
    before = database_digest()

    found = problems(study, row("p1"), row("p2", "z"), row("p3", scenario="s9"), row("", answered_at="x"))

    assert found == [
        (2, "choice", "bad_choice"),
        (3, "scenario", "unknown_scenario"),
        (4, "participant", "empty"),
        (4, "answered_at", "bad_time"),
    ]
    assert database_digest() == before


def test_a_dry_run_reports_everything_and_writes_nothing() -> None:
    study = cast.make_study(scenarios=1, is_open=False, quota=1)
    before = database_digest()

    report = recorded(study, row("p1"), row("p2"), row("p1", "b"), dry_run=True)

    assert (report.counted, report.surplus, report.replaced, report.is_written) == (1, 1, 1, False)
    assert database_digest() == before


def test_a_stratum_that_contradicts_an_earlier_import_is_refused() -> None:
    study = cast.make_study(scenarios=2, is_open=False)
    Stratum.objects.create(study=study, key="young")
    Stratum.objects.create(study=study, key="old")
    recorded(study, row("p1", stratum="young"))

    assert problems(study, row("p1", scenario="s2", stratum="old")) == [(1, "", "stratum_changed")]


def test_a_key_that_two_sets_hold_needs_its_set() -> None:
    study = cast.make_study(scenarios=1, is_open=False)
    study.sets.add(cast.make_set("other", scenarios=1))

    assert problems(study, row("p1")) == [(1, "scenario", "ambiguous_scenario")]
    recorded(study, row("p1", scenario="other/s1"))
    assert study.responses.get().scenario == Scenario.objects.get(set__slug="other")


def test_answers_are_to_the_version_that_the_study_asks() -> None:
    from scenarios import versions

    study = cast.make_study(scenarios=1)
    cast.answer_everything(cast.at_work(study))
    asked = Scenario.objects.get()
    versions.make_new(asked)

    recorded(study, row("p1"))

    assert set(study.responses.values_list("scenario", flat=True)) == {asked.pk}


def test_an_archived_study_takes_no_answers() -> None:
    study = cast.make_study(scenarios=1)
    Study.objects.update(state="archived")
    study.refresh_from_db()

    with pytest.raises(StudyTakesNoAnswers):
        record(study, row("p1"))


@pytest.mark.parametrize("content", [b"", b"scenario,participant,choice\n", b"PK\x03\x04", b"a,b\n1,2\n"])
def test_a_file_that_is_no_table_of_answers_is_a_problem_and_no_crash(content: bytes) -> None:
    study = cast.make_study(scenarios=1, is_open=False)
    before = database_digest()

    report = import_file(stream(content), study=study, now=NOON)

    assert report.issues
    assert database_digest() == before


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
    study = cast.make_study(scenarios=2, quota=2)
    recorded(study, row("p1", answered_at=at(1)))
    before = database_digest()
    rows = [row("p1", "b", answered_at=at(2)), row("p2", answered_at=at(3)), row("p2", scenario="s2")]

    failures = 0
    while True:
        with connection.execute_wrapper(power_cut_at(failures)), suppress(PowerCut):
            recorded(study, *rows)
            break
        failures += 1
        assert database_digest() == before, f"after {failures} statements"

    assert failures > 20
    assert_counters_equal_the_log(study)


# The command


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


# Real data


def study_over(scenarios: Rows, slug: str, folder: Path) -> Study:
    """What somebody with such data does first: a file of scenarios, and a study without a limit that asks them."""
    report = import_scenarios(written(folder, as_csv(scenarios), f"{slug}.csv"), set_name=slug)
    assert not report.issues, list(report.issues)
    study = Study.objects.create(slug=slug, title=slug, quota=None, tasks_per_annotator=1_000)
    study.sets.add(ScenarioSet.objects.get(slug=slug))
    return study


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_dices_ratings_give_their_published_alpha(tmp_path: Path) -> None:
    votes = shared("dices/dices_350_votes.csv")
    items = dict.fromkeys(vote["item_id"] for vote in table(votes))
    study = study_over(
        [
            {
                "key": item,
                "text": f"Item {item}.",
                "action_a": "Safe.",
                "action_b": "Unsafe.",
                "key_a": "safe",
                "key_b": "unsafe",
            }
            for item in items
        ],
        "dices",
        tmp_path,
    )

    printed = run(
        votes,
        "--study",
        "dices",
        "--map",
        "scenario=item_id,participant=rater_pos,choice=Q_overall",
        "--values",
        "Yes=safe,No=unsafe,Unsure=neutral",
    )

    assert "43,050 counted" in printed
    assert "123 participants (123 new), 350 scenarios" in printed
    words = {"Yes": "safe", "No": "unsafe", "Unsure": "neutral"}
    published = Counter((vote["item_id"], words[vote["Q_overall"]]) for vote in table(votes))
    stored = Counter(study.responses.filter(standing="counted").values_list("scenario__key", "choice"))
    assert stored == published
    assert set(study.quotas.values_list("accepted", flat=True)) == {123}
    counts = np.array([[stored[item, choice] for choice in words.values()] for item in items])
    alpha = krippendorff.alpha(value_counts=counts, level_of_measurement="nominal")
    assert alpha == pytest.approx(0.16086021565770392, abs=1e-12)


# The matrix and the vote log of these conversations agree on 1 for agreement and -1 for disagreement.
CHOICES = {"1": "agree", "-1": "disagree", "0": "neutral"}
CONVERSATIONS = {
    "15-per-hour-seattle": (2_995, 339, 54),
    "brexit-consensus": (5_312, 204, 50),
    "canadian-electoral-reform": (12_018, 448, 174),
    "football-concussions": (14_924, 1_487, 298),
    "london.youth.policing": (640, 26, 39),
}


def polis_study(name: str, folder: Path) -> Study:
    scenarios: list[dict[str, object]] = [
        {
            "key": comment["comment-id"],
            # One of the 615 comments has no words.
            "text": comment["comment-body"] or "(empty)",
            "action_a": "I agree.",
            "action_b": "I disagree.",
            "key_a": "agree",
            "key_b": "disagree",
        }
        for comment in table(shared(f"polis/{name}/comments.csv"))
    ]
    return study_over(scenarios, name.replace(".", "-"), folder)


def import_votes(name: str, study: Study) -> None:
    run(
        shared(f"polis/{name}/votes.csv"),
        "--study",
        study.slug,
        "--map",
        "scenario=comment-id,participant=voter-id,choice=vote,answered_at=timestamp",
        "--values=-1=disagree,0=neutral,1=agree",
    )


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_a_polis_conversation_counts_the_last_vote_in_every_cell_and_keeps_every_event(
    name: str, tmp_path: Path
) -> None:
    study = polis_study(name, tmp_path)

    import_votes(name, study)

    answers = study.responses.values_list("participation__identity__person_id", "scenario__key", "choice")
    stands = {(who, comment): choice for who, comment, choice in answers.exclude(standing="replaced")}
    assert stands == published_matrix(name)
    assert set(study.responses.values_list("standing", flat=True)) <= {"counted", "replaced"}
    assert sum(study.quotas.values_list("accepted", flat=True)) == len(stands)
    assert (len(answers), study.participations.count(), study.quotas.count()) == CONVERSATIONS[name]
    events = Counter((comment, choice) for _who, comment, choice in answers)
    assert {key: count for key, count in events.items() if key[1] != "neutral"} == published_counts(name)


def published_matrix(name: str) -> dict[tuple[str, str], str]:
    """The last vote of every participant on every comment."""
    return {
        (line["participant"], comment): CHOICES[vote]
        for line in table(shared(f"polis/{name}/participants-votes.csv"))
        for comment, vote in line.items()
        if comment.isdigit() and vote
    }


def published_counts(name: str) -> dict[tuple[str, str], int]:
    """Votes for and against every comment, changed ones included."""
    counts = {
        (comment["comment-id"], choice): int(comment[f"{choice}s"])
        for comment in table(shared(f"polis/{name}/comments.csv"))
        for choice in ("agree", "disagree")
    }
    return {key: count for key, count in counts.items() if count}


def test_polis_votes_twice_are_polis_votes_once(tmp_path: Path) -> None:
    study = polis_study("london.youth.policing", tmp_path)
    import_votes("london.youth.policing", study)
    before = database_digest()

    import_votes("london.youth.policing", study)

    assert database_digest() == before
