"""A study that is not for somebody looks exactly like a study that does not exist."""

import pytest

from annotation.models import Study
from tests.api.cast import a_lively_study, a_program, a_user

PATHS = [
    "studies/secret/",
    "studies/secret/scenarios/",
    "studies/secret/distributions/",
    "studies/secret/responses/",
    "studies/secret/agreement/",
    "studies/secret/participants/",
    "studies/secret/exclusions/",
]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("form", ["json", "csv", "parquet"])
def test_another_study_and_no_study_give_the_same_answer(path: str, form: str, study: Study) -> None:
    program = a_program(a_user(study=study))
    missing = program.get(path.replace("secret", "missing"), **({} if path.count("/") == 2 else {"format": form}))
    a_lively_study("secret")

    hidden = program.get(path, **({} if path.count("/") == 2 else {"format": form}))

    assert hidden.status_code == missing.status_code == 404
    assert hidden.content == missing.content
    assert sorted(hidden.headers.items()) == sorted(missing.headers.items())


def test_importing_into_another_study_and_into_none_give_the_same_answer(study: Study) -> None:
    program = a_program(a_user(study=study, role="owner"), scopes="import")
    missing = program.post("studies/missing/scenarios/import/", b"key,text\n")
    secret = a_lively_study("secret")

    hidden = program.post("studies/secret/scenarios/import/", b"key,text\n")

    assert hidden.status_code == missing.status_code == 404
    assert hidden.content == missing.content
    assert secret.sets.get().scenarios.count() == 3


def test_the_list_shows_only_studies_of_ones_own(study: Study) -> None:
    a_lively_study("secret")

    answer = a_program(a_user(study=study)).get("studies/").json()

    assert [record["study"] for record in answer["results"]] == ["kindness"]


def test_a_token_for_one_study_hides_its_owners_other_studies(study: Study) -> None:
    other = a_lively_study("other")
    user = a_user(study=study)
    user.memberships.create(study=other, role="owner")
    program = a_program(user, study=study)

    listed = program.get("studies/").json()["results"]
    response = program.get("studies/other/responses/")

    assert [record["study"] for record in listed] == ["kindness"]
    assert response.status_code == 404


def test_even_a_superusers_token_stays_within_its_study(study: Study) -> None:
    a_lively_study("other")
    program = a_program(a_user("root@example.org", is_superuser=True), study=study)

    assert program.get("studies/kindness/responses/").status_code == 200
    assert program.get("studies/other/responses/").status_code == 404
