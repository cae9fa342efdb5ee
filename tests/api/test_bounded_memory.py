"""A download holds a chunk in memory, never the study."""

import tracemalloc

import pandas  # noqa: F401  # pyarrow loads it with the first array; that memory is not the download's
import pytest

from analysis import parquet
from analysis.exports import FORMATS, stream
from analysis.record_sources import Responses
from annotation.models import Quota, Response, Study
from scenarios.models import Scenario
from tests.api.cast import NOON, a_person, a_study

ROWS = 12_000
PEOPLE = 30


@pytest.fixture
def study(db: None) -> Study:
    """Four hundred scenarios, thirty people who answered each of them, with reasons of 200 characters."""
    study = a_study(scenarios=1, quota=None)
    scenario_set = study.sets.get()
    Scenario.objects.bulk_create(
        Scenario(set=scenario_set, key=f"x{number}", blocks=[], content_hash=str(number))
        for number in range(ROWS // PEOPLE)
    )
    stratum = study.strata.get()
    scenarios = Scenario.objects.filter(set=scenario_set, key__startswith="x")
    Quota.objects.bulk_create(Quota(study=study, scenario=scenario, stratum=stratum) for scenario in scenarios)
    quotas = list(study.quotas.exclude(scenario__key="s1").values_list("id", "scenario_id"))
    for number in range(PEOPLE):
        person = a_person(study, name=str(number))
        Response.objects.bulk_create(
            Response(
                study=study,
                participation=person,
                person=person.person,
                quota_id=quota,
                scenario_id=scenario,
                stratum=stratum,
                standing="counted",
                choice="a",
                rationale="because " * 25,
                answered_at=NOON,
            )
            for quota, scenario in quotas
        )
    return study


@pytest.mark.slow
@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_twelve_thousand_answers_pass_through_little_memory(
    form: str, study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "ROWS_PER_GROUP", 1_000)  # as many as the other forms hold at once
    size = 0
    tracemalloc.start()
    try:
        for piece in stream(Responses(study), file_format=FORMATS[form]):
            size += len(piece)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    print(f"{form}: {size:,} bytes, at most {peak:,} in memory")
    assert size > 50_000
    assert peak < 6 * 1024 * 1024  # all of them together are some 25 MB
