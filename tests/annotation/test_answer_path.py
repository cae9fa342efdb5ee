"""The cost of an answer: a constant number of queries, whatever the size of the study."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from annotation import sessions
from annotation.models import Participation, Study
from annotation.screens import scenario_content
from tests import cast

pytestmark = pytest.mark.django_db

FIRST_PAGE = 3
ANSWER_AND_NEXT = 12


def client_of(participation: Participation) -> Client:
    from django.http import HttpResponse

    response = HttpResponse()
    sessions.hold(response, participation)
    client = Client()
    client.cookies[sessions.COOKIE] = response.cookies[sessions.COOKIE].value
    return client


@pytest.mark.parametrize("scenarios", [3, 40])
def test_showing_a_task_costs_the_same_in_a_small_and_in_a_large_study(
    scenarios: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    ann = cast.at_work(cast.make_study(scenarios=scenarios))
    client = client_of(ann)
    client.get(f"/s/{ann.study.slug}/task/")

    with django_assert_max_num_queries(FIRST_PAGE):
        client.get(f"/s/{ann.study.slug}/task/")


@pytest.mark.parametrize("scenarios", [3, 40])
def test_an_answer_and_the_next_task_cost_the_same_in_a_small_and_in_a_large_study(
    scenarios: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    study = cast.make_study(scenarios=scenarios)
    ann = cast.at_work(study)
    Study.objects.filter(pk=study.pk).update(first_answer_at=cast.NOON)
    for scenario_id in study.quotas.values_list("scenario_id", flat=True):
        scenario_content(scenario_id, "en")
    task = cast.next_task(ann)
    assert task is not None
    client = client_of(ann)

    with django_assert_max_num_queries(ANSWER_AND_NEXT) as queries:
        reply = client.post(
            f"/s/{study.slug}/task/", {"token": task.token, "choice": "a"}, headers={"X-Fragment": "1"}
        )

    assert reply.status_code == 200
    print(len(queries), *[query["sql"][:150] for query in queries], sep="\n")
