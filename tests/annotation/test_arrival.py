"""Arrivals: one participation per session, recruiters' parameters recognised, nothing resumed by a typed id."""

import pytest

from annotation import arrival
from annotation.arrival import AlreadyTakenPart, DamagedEntry, StartedElsewhere, read_entry
from annotation.models import Identity, Participation
from tests import cast


@pytest.mark.parametrize(
    ("parameters", "provider", "person", "session"),
    [
        ({"PROLIFIC_PID": "p1", "STUDY_ID": "x", "SESSION_ID": "s1"}, "prolific", "p1", "s1"),
        ({"PROLIFIC_PID": "p1"}, "prolific", "p1", "p1"),
        ({"participantId": "c1", "assignmentId": "a1", "projectId": "j"}, "connect", "c1", "a1"),
        ({"participant": "me"}, "panel", "me", "me"),
        ({}, "link", "", ""),
        ({"unrelated": "1"}, "link", "", ""),
    ],
)
def test_recruiters_are_recognised_by_their_parameters(
    parameters: dict[str, str], provider: str, person: str, session: str
) -> None:
    entry = read_entry(parameters)

    assert (entry.provider, entry.person_id, entry.session_id) == (provider, person, session)


@pytest.mark.parametrize("value", ["{{%PROLIFIC_PID%}}", "a\x00b", "x" * 201, "line\nbreak"])
def test_damaged_parameters_are_refused_with_a_reason(value: str) -> None:
    with pytest.raises(DamagedEntry, match="PROLIFIC_PID"):
        read_entry({"PROLIFIC_PID": value, "SESSION_ID": "s"})


@pytest.mark.django_db
def test_the_recruiters_ids_stand_in_the_identity_and_nowhere_else() -> None:
    ann = cast.arrived(cast.make_study(), "secret-id")

    assert Identity.objects.get(participation=ann).person_id == "secret-id"
    values = " ".join(str(value) for value in Participation.objects.values().get(pk=ann.pk).values())
    assert "secret-id" not in values


@pytest.mark.django_db
def test_the_same_arrival_sent_twice_is_one_participation() -> None:
    study = cast.make_study()

    first, second = cast.arrived(study), cast.arrived(study)

    assert first.pk == second.pk


@pytest.mark.django_db
def test_a_typed_id_does_not_resume_somebody_elses_session() -> None:
    study = cast.make_study()
    cast.at_work(study, "ann")

    with pytest.raises(StartedElsewhere):
        cast.arrived(study, "ann")


@pytest.mark.django_db
def test_the_browser_that_holds_the_session_resumes_it() -> None:
    study = cast.make_study()
    ann = cast.at_work(study, "ann")
    entry = read_entry({"participant": "ann"})

    assert arrival.arrive(study, entry, held=ann, now=cast.NOON).pk == ann.pk


@pytest.mark.django_db
def test_a_study_is_done_once() -> None:
    study = cast.make_study(scenarios=1)
    cast.answer_everything(cast.at_work(study, "ann"))

    with pytest.raises(AlreadyTakenPart):
        cast.arrived(study, "ann")


@pytest.mark.django_db
def test_people_without_ids_are_new_every_time() -> None:
    study = cast.make_study()

    first = arrival.arrive(study, read_entry({}), held=None, now=cast.NOON)
    second = arrival.arrive(study, read_entry({}), held=None, now=cast.NOON)

    assert first.person_id != second.person_id
