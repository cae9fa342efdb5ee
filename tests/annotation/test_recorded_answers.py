"""Recorded answers in a study: counted like live ones, idempotent, all or nothing, exact on real data."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest

from annotation.models import Event, Identity, Participation, Response, Stratum
from annotation.recorded_answers import import_file
from scenarios.models import Scenario
from tests import cast
from tests.annotation.recorded import assert_counters_equal_the_log, at, log, recorded, row
from tests.cast import NOON
from tests.study_files import as_csv, as_jsonl, as_parquet, stream

pytestmark = pytest.mark.django_db

Rows = Sequence[dict[str, object]]

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
