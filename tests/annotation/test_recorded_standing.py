"""Which recorded answers count: the last of each person, seats in the order of time, seats that pass on."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from annotation.recorded_standing import Incoming, Logged, Pair, Settlement, settle
from tests.cast import NOON

ANN, BEN, CLEO = 1, 2, 3
SCENARIO, ROW = 10, 100


def answered(person: int, minute: int, *, scenario: int = SCENARIO) -> Incoming:
    return Incoming(person, scenario, scenario * 10, NOON + timedelta(minutes=minute))


def logged(minute: int, standing: str = "counted") -> Logged:
    return Logged(response_id=7, quota_id=ROW, answered_at=NOON + timedelta(minutes=minute), standing=standing)


def settled(
    *incoming: Incoming,
    seats: int | None = None,
    log: dict[Pair, Logged] | None = None,
    excluded: tuple[int, ...] = (),
) -> Settlement:
    rows: dict[int, int | None] = {answer.quota_id: seats for answer in incoming}
    return settle(incoming, logged=log or {}, open_seats=rows, excluded=excluded)


def test_without_a_limit_every_person_counts() -> None:
    result = settled(answered(ANN, 1), answered(BEN, 2))

    assert result.standings == ["counted", "counted"]
    assert result.changes == {ROW: 2}


def test_the_last_answer_of_a_person_replaces_the_earlier_ones() -> None:
    result = settled(answered(ANN, 1), answered(ANN, 2), answered(ANN, 3))

    assert result.standings == ["replaced", "replaced", "counted"]
    assert result.changes == {ROW: 1}


def test_of_two_answers_at_one_moment_the_later_in_the_file_stands() -> None:
    assert settled(answered(ANN, 1), answered(ANN, 1)).standings == ["replaced", "counted"]


def test_when_the_seats_are_taken_answers_are_surplus() -> None:
    result = settled(answered(ANN, 1), answered(BEN, 2), answered(CLEO, 3), seats=2)

    assert result.standings == ["counted", "counted", "surplus"]
    assert result.changes == {ROW: 2}


def test_a_replaced_answer_takes_no_seat() -> None:
    result = settled(answered(ANN, 1), answered(BEN, 2), answered(ANN, 3), seats=1)

    assert result.standings == ["replaced", "counted", "surplus"]


def test_every_scenario_has_its_own_seats() -> None:
    result = settled(answered(ANN, 1), answered(ANN, 2, scenario=11), seats=1)

    assert result.standings == ["counted", "counted"]
    assert result.changes == {100: 1, 110: 1}


def test_a_new_answer_takes_over_the_seat_of_the_one_it_replaces() -> None:
    result = settled(answered(BEN, 1), answered(ANN, 2), seats=0, log={(ANN, SCENARIO): logged(0)})

    assert result.standings == ["surplus", "counted"]
    assert result.replaced == [7]
    assert result.changes == {ROW: 0}


def test_an_answer_from_before_the_one_that_stands_is_only_kept() -> None:
    result = settled(answered(ANN, 1), log={(ANN, SCENARIO): logged(5)})

    assert (result.standings, result.replaced, result.changes) == (["replaced"], [], {})


def test_a_surplus_answer_passes_no_seat_on() -> None:
    result = settled(answered(ANN, 2), seats=0, log={(ANN, SCENARIO): logged(0, "surplus")})

    assert (result.standings, result.replaced, result.changes) == (["surplus"], [7], {})


def test_a_surplus_answer_may_be_replaced_by_a_counted_one() -> None:
    result = settled(answered(ANN, 2), seats=1, log={(ANN, SCENARIO): logged(0, "surplus")})

    assert (result.standings, result.changes) == (["counted"], {ROW: 1})


def test_answers_of_excluded_people_are_excluded_and_take_no_seat() -> None:
    result = settled(answered(ANN, 1), answered(BEN, 2), seats=1, excluded=(ANN,))

    assert result.standings == ["excluded", "counted"]


def test_a_better_answer_replaces_one_that_was_excluded_by_itself() -> None:
    result = settled(answered(ANN, 2), seats=1, log={(ANN, SCENARIO): logged(0, "excluded")})

    assert (result.standings, result.replaced, result.changes) == (["counted"], [7], {ROW: 1})


@given(
    st.lists(st.tuples(st.integers(1, 5), st.integers(10, 12), st.integers(0, 9)), max_size=40),
    st.none() | st.integers(0, 4),
)
def test_each_person_has_one_standing_answer_and_no_row_too_many(
    drawn: list[tuple[int, int, int]], seats: int | None
) -> None:
    incoming = [answered(who, minute, scenario=what) for who, what, minute in sorted(drawn, key=lambda a: a[2])]

    result = settled(*incoming, seats=seats)

    standing = [answer.pair for answer, how in zip(incoming, result.standings, strict=True) if how != "replaced"]
    assert sorted(standing) == sorted({answer.pair for answer in incoming})
    counted = [answer.quota_id for answer, how in zip(incoming, result.standings, strict=True) if how == "counted"]
    for row in {answer.quota_id for answer in incoming}:
        people = {answer.participation_id for answer in incoming if answer.quota_id == row}
        assert counted.count(row) == result.changes[row] == min(len(people), len(people) if seats is None else seats)
