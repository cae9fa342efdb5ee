"""A file shows one moment of the study, however much is written while it is downloaded."""

import csv
import io
import threading
from collections.abc import Callable, Iterator

import pytest
from django.db import connection, connections

from analysis.exports import FORMATS, stream
from analysis.record_sources import Responses
from annotation.models import Study
from tests.api.cast import a_lively_study, a_person, an_answer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def study(monkeypatch: pytest.MonkeyPatch) -> Study:
    """A study that is read two rows at a time, so that writes can come in between."""
    monkeypatch.setattr(Responses, "chunk", 2)
    monkeypatch.setattr("analysis.flattening.ROWS_PER_PIECE", 2)
    return a_lively_study(people=4)


def elsewhere(act: Callable[[], object]) -> None:
    """Do something over a connection of its own, committed when this returns."""
    problems: list[BaseException] = []

    def work() -> None:
        try:
            act()
        except BaseException as problem:  # noqa: BLE001  (handed to the test)
            problems.append(problem)
        finally:
            connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(timeout=30)
    assert not thread.is_alive(), "the download made a writer wait"
    if problems:
        raise problems[0]


def rows(pieces: Iterator[bytes]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(b"".join(pieces).decode(), newline="")))


def test_answers_written_during_the_download_are_not_in_the_file(study: Study) -> None:
    before = rows(stream(Responses(study), file_format=FORMATS["csv"]))
    download = stream(Responses(study), file_format=FORMATS["csv"])

    first = next(download)
    elsewhere(lambda: an_answer(a_person(study, name="late"), "s1"))
    file = rows(iter([first, *download]))

    assert file == before
    assert len(rows(stream(Responses(study), file_format=FORMATS["csv"]))) == len(before) + 1


def test_answers_excluded_during_the_download_still_count_in_the_file(study: Study) -> None:
    download = stream(Responses(study), file_format=FORMATS["csv"])

    first = next(download)
    elsewhere(lambda: study.responses.filter(standing="counted").update(standing="surplus"))
    file = rows(iter([first, *download]))

    assert sum(row["counted"] == "true" for row in file) == 12
    assert not any(row["surplus"] == "true" for row in file)


def test_the_first_piece_fixes_the_moment_for_the_columns_too(study: Study) -> None:
    download = stream(Responses(study), file_format=FORMATS["csv"])

    header = next(download)
    elsewhere(lambda: an_answer(a_person(study, name="late"), "s1", answers={"fair": 3}))
    list(download)

    assert b"answer_fair" not in header


def test_a_download_that_breaks_off_leaves_no_transaction_open(study: Study) -> None:
    download = stream(Responses(study), file_format=FORMATS["csv"])
    next(download)

    download.close()  # type: ignore[attr-defined]  # a generator, as the server closes it

    assert not connection.in_atomic_block
    an_answer(a_person(study, name="after"), "s1")
    assert Responses(study).rows().count() == 18


def test_writers_are_not_kept_waiting_by_an_open_download(study: Study) -> None:
    download = stream(Responses(study), file_format=FORMATS["parquet"])
    pieces = [next(download)]

    for number in range(3):
        elsewhere(lambda number=number: a_person(study, name=f"during-{number}"))  # type: ignore[misc]
    pieces += download

    assert study.participations.count() == 8
    assert b"".join(pieces).endswith(b"PAR1")


@pytest.mark.postgres
def test_a_download_may_outlast_the_limits_of_short_requests(study: Study) -> None:
    download = stream(Responses(study), file_format=FORMATS["csv"])
    next(download)

    with connection.cursor() as cursor:
        limits = {}
        for name in ("transaction_isolation", "transaction_read_only", "statement_timeout"):
            cursor.execute(f"SHOW {name}")
            [limits[name]] = cursor.fetchone() or [None]
    list(download)

    assert limits == {
        "transaction_isolation": "repeatable read",
        "transaction_read_only": "on",
        "statement_timeout": "0",
    }
