"""Query parameters narrow lists; what cannot be understood is refused, never ignored."""

from datetime import timedelta
from typing import Any

import pytest

from annotation.models import Study
from scenarios.models import Trait
from tests.api.cast import NOON, Program, a_distribution, a_person, an_answer


def found(program: Program, path: str, **query: str) -> list[dict[str, Any]]:
    response = program.get(path, **query)
    assert response.status_code == 200, response.json()
    records: list[dict[str, Any]] = response.json()["results"]
    return records


def scenarios(records: list[dict[str, Any]]) -> list[str]:
    return [record["scenario"] for record in records]


@pytest.fixture
def varied(study: Study) -> Study:
    """Distributions that differ: s1 as it was, s2 unanimous with 20 answers, s3 later and of another trait."""
    _s1, s2, s3 = study.distributions.order_by("id")
    s2.n, s2.consensus, s2.consensus_posterior = 20, "unanimous", "strong"
    s2.save()
    s3.updated_at = NOON + timedelta(hours=1)
    s3.scenario.trait = Trait.objects.create(key="patience", name="Patience")
    s3.scenario.save()
    s3.save()
    a_distribution(study, "s1", stratum="young", n=4)
    a_distribution(study, "s1", question="fair", n=4)
    return study


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["s1", "s2", "s3", "s1", "s1"]),
        ({"trait": "patience"}, ["s3"]),
        ({"trait": "unheard-of"}, []),
        ({"consensus": "unanimous"}, ["s2"]),
        ({"consensus_posterior": "strong"}, ["s2"]),
        ({"question": "choice", "stratum": "all"}, ["s1", "s2", "s3"]),
        ({"question": "fair"}, ["s1"]),
        ({"stratum": "young"}, ["s1"]),
        ({"scenario": "s2"}, ["s2"]),
        ({"min_n": "20"}, ["s2"]),
        ({"min_n": "0"}, ["s1", "s2", "s3", "s1", "s1"]),
        ({"set": "kindness-set", "stratum": "young"}, ["s1"]),
        ({"set": "another"}, []),
        ({"since": "2026-05-01T13:00:00Z"}, ["s3"]),
        ({"since": "2026-05-01T15:00:00+02:00"}, ["s3"]),
        ({"since": "2026-05-01T15:00:00 02:00"}, ["s3"]),
        ({"since": "2026-05-01T13:00:00"}, ["s3"]),
        ({"since": "2026-05-02"}, []),
    ],
)
def test_distributions_can_be_narrowed(
    query: dict[str, str], expected: list[str], varied: Study, program: Program
) -> None:
    records = found(program, f"studies/{varied.slug}/distributions/", **query)

    assert scenarios(records) == expected


def test_files_are_narrowed_like_pages(varied: Study, program: Program) -> None:
    response = program.get(f"studies/{varied.slug}/distributions/", format="csv", min_n="20")

    assert b"".join(response.streaming_content).count(b"\r\n") == 2


def test_responses_of_one_participant_are_found_by_pseudonym(study: Study, program: Program) -> None:
    everything = found(program, f"studies/{study.slug}/responses/")
    pseudonym = everything[0]["participant"]

    records = found(program, f"studies/{study.slug}/responses/", participant=pseudonym)

    assert records == [record for record in everything if record["participant"] == pseudonym]
    assert len(records) == 4
    assert found(program, f"studies/{study.slug}/responses/", participant="p_nobody") == []


def test_responses_can_be_fetched_since_a_moment(study: Study, program: Program) -> None:
    records = found(program, f"studies/{study.slug}/responses/", since="2026-05-01T12:02:00Z")

    assert {record["position"] for record in records} == {3, 4}


def test_pilots_are_left_out_unless_asked_for(study: Study, program: Program) -> None:
    pilot = a_person(study, name="pilot", is_pilot=True)
    an_answer(pilot, standing="pilot", quota=None)

    without = found(program, f"studies/{study.slug}/responses/")
    with_pilots = found(program, f"studies/{study.slug}/responses/", include="pilot")
    people = found(program, f"studies/{study.slug}/participants/", include="pilot")

    assert len(with_pilots) == len(without) + 1
    assert with_pilots[-1]["excluded_reason"] == "pilot"
    assert len(people) == len(found(program, f"studies/{study.slug}/participants/")) + 1


@pytest.mark.parametrize(
    ("records", "query", "wrong"),
    [
        ("distributions", {"min_n": "many"}, "min_n"),
        ("distributions", {"min_n": "-1"}, "min_n"),
        ("distributions", {"min_n": "9" * 30}, "min_n"),
        ("distributions", {"min_n": "1.5"}, "min_n"),
        ("distributions", {"consensus": "very high"}, "consensus"),
        ("distributions", {"since": "yesterday"}, "since"),
        ("distributions", {"since": "2026-02-30"}, "since"),
        ("distributions", {"since": "0001-01-01T00:00:00+14:00"}, "since"),
        ("distributions", {"since": "9" * 50}, "since"),
        ("distributions", {"trait": "a\0b"}, "trait"),
        ("distributions", {"trait": "x" * 201}, "trait"),
        ("distributions", {"format": "xlsx"}, "format"),
        ("distributions", {"format": ""}, "format"),
        ("responses", {"include": "everything"}, "include"),
        ("responses", {"participant": "p_\0"}, "participant"),
        ("responses", {"participants": "p_1"}, "participants"),
        ("participants", {"state": "asleep"}, "state"),
        ("exclusions", {"since": "soon"}, "since"),
    ],
)
def test_what_cannot_be_understood_is_named(
    records: str, query: dict[str, str], wrong: str, study: Study, program: Program
) -> None:
    response = program.get(f"studies/{study.slug}/{records}/", **query)

    problem = response.json()
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert list(problem["errors"]) == [wrong]


def test_every_wrong_parameter_is_named_at_once(study: Study, program: Program) -> None:
    response = program.get(f"studies/{study.slug}/distributions/", min_n="x", traits="empathy", since="?")

    assert sorted(response.json()["errors"]) == ["min_n", "since", "traits"]
