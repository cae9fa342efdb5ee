"""Recorded answers come in while people are answering: nobody waits for good, and the ledger stays exact."""

from collections import Counter

import pytest

from annotation import recorded_answers
from annotation.models import Study
from annotation.recorded_answers import Report
from tests import cast
from tests.races.test_seats_under_concurrency import storm
from tests.study_files import as_jsonl, stream

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

SCENARIOS = 12
LIVE = 6


def file_of(people: range, choice: str = "a") -> bytes:
    return as_jsonl(
        {"scenario": f"s{number}", "participant": f"r{person}", "choice": choice}
        for person in people
        for number in range(1, SCENARIOS + 1)
    )


def bring_in(study: Study, content: bytes) -> Report:
    return recorded_answers.import_file(stream(content, "file.jsonl"), study=study, now=cast.NOON)


@pytest.mark.parametrize("has_answers", [False, True], ids=["first answers", "further answers"])
@pytest.mark.parametrize("round_", range(3))
def test_people_answer_while_a_file_comes_in(round_: int, has_answers: bool) -> None:
    study = cast.make_study(scenarios=SCENARIOS, quota=20)
    if has_answers:
        cast.answer_everything(cast.at_work(study, "first"))
    people = [cast.at_work(study, f"p{index}") for index in range(LIVE)]

    def work(index: int) -> int:
        if index < LIVE:
            return cast.answer_everything(people[index])
        return bring_in(study, file_of(range(30))).rows

    done = storm(work, threads=LIVE + 1)

    assert done == [SCENARIOS] * LIVE + [30 * SCENARIOS]
    assert {accepted for _reserved, accepted in cast.ledger(study)} == {20}
    assert study.responses.filter(participation__is_imported=False, standing="counted").count() == SCENARIOS * (
        LIVE + has_answers
    )
    cast.assert_ledger_is_sound(study)


@pytest.mark.parametrize("round_", range(3))
def test_files_of_the_same_people_come_in_one_after_the_other(round_: int) -> None:
    study = cast.make_study(scenarios=SCENARIOS, quota=None)
    content = file_of(range(10))

    reports = storm(lambda _index: bring_in(study, content), threads=4)

    assert sorted(report.counted for report in reports) == [0, 0, 0, 10 * SCENARIOS]
    assert Counter(study.responses.values_list("standing", flat=True)) == {"counted": 10 * SCENARIOS}
    cast.assert_ledger_is_sound(study)
