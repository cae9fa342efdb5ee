"""Names under which people leave the database: stable, apart between studies, not to be traced."""

from analysis.pseudonyms import Pseudonyms, study_key

SECRET = "a secret of this site"
HERE = Pseudonyms(study_key(SECRET, study_id=1, seed=7))


def test_a_name_is_a_letter_and_sixteen_signs() -> None:
    assert HERE.participant(1).startswith("p_")
    assert HERE.response(1).startswith("r_")
    assert {len(HERE.participant(number)) for number in range(1000)} == {18}


def test_a_name_is_the_same_every_time() -> None:
    again = Pseudonyms(study_key(SECRET, study_id=1, seed=7))

    assert again.participant(41) == HERE.participant(41)


def test_names_differ_between_people_kinds_studies_and_sites() -> None:
    others = [
        Pseudonyms(study_key(SECRET, study_id=2, seed=7)),
        Pseudonyms(study_key(SECRET, study_id=1, seed=8)),
        Pseudonyms(study_key("another secret", study_id=1, seed=7)),
    ]

    names = {HERE.participant(1), HERE.participant(2), *(other.participant(1) for other in others)}

    assert len(names) == 5
    assert HERE.participant(1)[2:] != HERE.response(1)[2:]


def test_a_hundred_thousand_people_share_no_name() -> None:
    assert len({HERE.participant(number) for number in range(100_000)}) == 100_000
