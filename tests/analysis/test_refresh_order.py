"""A refresh reads the revision before the counts, so that an answer arriving in between is found again."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analysis import aggregation
from analysis.models import Distribution
from tests.analysis import factories
from tests.analysis.factories import NOON

pytestmark = pytest.mark.django_db

ANSWERS = 'FROM "annotation_response"'


@contextmanager
def just_before(table: str, happens: Callable[[], Any]) -> Iterator[None]:
    """Let something happen once, right before the first statement that mentions `table`."""
    waiting = [happens]

    def wrapper(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if table in sql and waiting:
            waiting.pop()()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(wrapper):
        yield
    assert not waiting, f"No statement read {table}."


def test_an_answer_between_revision_and_counts_is_picked_up_by_the_next_refresh() -> None:
    study = factories.make_study()
    factories.answer(study, "s1", "a")

    with just_before(ANSWERS, lambda: factories.answer(study, "s1", "b")):
        aggregation.refresh(study.pk, now=NOON)
    in_between = Distribution.objects.get(scenario__key="s1")
    assert in_between.revision == 1
    assert aggregation.stale_studies() == [study.pk]

    aggregation.refresh(study.pk, now=NOON)
    row = Distribution.objects.get(scenario__key="s1")
    assert (row.n, row.counts["b"], row.revision) == (2, 1, 2)
    assert aggregation.stale_studies() == []


def test_an_answer_after_the_counts_is_picked_up_by_the_next_refresh() -> None:
    study = factories.make_study()
    factories.answer(study, "s1", "a")

    with just_before('INSERT INTO "analysis_distribution"', lambda: factories.answer(study, "s1", "b")):
        aggregation.refresh(study.pk, now=NOON)
    assert Distribution.objects.get(scenario__key="s1").n == 1
    assert aggregation.stale_studies() == [study.pk]

    aggregation.refresh(study.pk, now=NOON)
    assert Distribution.objects.get(scenario__key="s1").n == 2


def test_an_answer_to_a_scenario_that_was_not_stale_is_picked_up_too() -> None:
    study = factories.make_study()
    aggregation.refresh(study.pk, now=NOON)
    factories.answer(study, "s1", "a")

    with just_before(ANSWERS, lambda: factories.answer(study, "s2", "b")):
        aggregation.refresh(study.pk, now=NOON)

    assert aggregation.stale_studies() == [study.pk]
    aggregation.refresh(study.pk, now=NOON)
    assert Distribution.objects.get(scenario__key="s2").n == 1


def test_the_number_of_queries_does_not_grow_with_the_number_of_answers() -> None:
    few, many = factories.make_study("few", scenarios=20), factories.make_study("many", scenarios=20)
    factories.fill(few, per_cell=2)
    factories.fill(many, per_cell=40)

    assert queries_of_refreshing(few.pk) == queries_of_refreshing(many.pk)


def test_a_refresh_reads_the_answers_of_stale_scenarios_only() -> None:
    study = factories.make_study(scenarios=5)
    factories.fill(study, per_cell=2)
    aggregation.refresh(study.pk, now=NOON)
    changed = factories.answer(study, "s3")

    with CaptureQueriesContext(connection) as queries:
        aggregation.refresh(study.pk, now=NOON)

    read = [query["sql"] for query in queries if ANSWERS in query["sql"]]
    assert len(read) == 1
    assert f"IN ({changed.scenario_id})" in read[0]


def test_a_sweep_over_studies_at_rest_is_one_query() -> None:
    for slug in ("one", "two"):
        aggregation.refresh(factories.make_study(slug).pk, now=NOON)

    with CaptureQueriesContext(connection) as queries:
        assert aggregation.stale_studies() == []

    assert len(queries) == 1


def queries_of_refreshing(study_id: int) -> int:
    with CaptureQueriesContext(connection) as queries:
        aggregation.refresh(study_id, now=NOON)
    return len(queries)
