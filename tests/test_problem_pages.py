"""Problem pages stand on nothing that may be broken: these tests have no database, and asking for one fails them."""

import pytest
from django.test import Client, RequestFactory

from annotation.views import problems


class Unreadable:
    """Stands for a user who would have to be read from a database that is away."""

    def __getattr__(self, name: str) -> object:
        raise RuntimeError(f"The database is away ({name}).")


def test_a_failure_of_the_server_is_told_without_user_session_or_database() -> None:
    request = RequestFactory().get("/s/pilot/task/")
    request.user = Unreadable()  # type: ignore[assignment]

    response = problems.server_error(request)

    assert response.status_code == 500
    assert "Your earlier answers are kept" in response.content.decode()


@pytest.mark.parametrize("address", ["/nothing-here/", "/s/not a slug/"])
def test_an_unknown_address_is_told_without_a_database(address: str) -> None:
    response = Client().get(address)

    assert response.status_code == 404
    assert "Nothing is here" in response.content.decode()


def test_a_form_without_its_key_is_refused_with_a_way_out() -> None:
    response = Client(enforce_csrf_checks=True).post("/accounts/login/", {})

    assert response.status_code == 403
    assert "reload the page" in response.content.decode()
