"""The simulated crowd: people who behave as their profile says, repeatably."""

from random import Random

import pytest

from annotation.crowd import behaviour
from annotation.crowd.pages import read

PAGE = """<p>3 of 9</p><form method="post" action="/s/x/task/"><input type="hidden" name="token" value="T1">
<div id="situation"><div>A friend is late.</div></div>
<label><input type="radio" name="choice" value="b"> You wait.</label>
<label><input type="radio" name="choice" value="a"> You leave.</label>
<label><input type="radio" name="choice" value="neutral"> Both</label>
<textarea name="rationale"></textarea><button>Next</button></form>"""


def person(profile: str, seed: int = 1) -> behaviour.Person:
    return behaviour.people(["someone"], [profile], seed=seed)[0]


def test_a_page_is_read_as_a_browser_reads_it() -> None:
    page = read(PAGE)

    form = page.form_with("choice")
    assert form is not None
    assert (form.fixed, form.choices["choice"], form.texts) == ({"token": "T1"}, ["b", "a", "neutral"], ["rationale"])
    assert page.situation == "A friend is late."


def test_profiles_are_shared_out_exactly() -> None:
    mix = behaviour.read_mix("careful=.8,hasty=.1,one_sided=.05,vanishing=.05")

    profiles = behaviour.share_out(mix, 100, dice=Random(1))

    assert [profiles.count(name) for name in behaviour.PROFILES] == [80, 10, 5, 5]


@pytest.mark.parametrize("text", ["lazy=1", "careful=many", "careful=0", "", "careful=-1,hasty=2"])
def test_a_mix_that_makes_no_sense_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(behaviour.BadMix):
        behaviour.read_mix(text)


def test_one_sided_people_take_what_stands_first() -> None:
    someone = person("one_sided")

    answers = [someone.decides(f"situation {n}", ["b", "a"], []) for n in range(100)]

    assert answers.count("b") > 90


def test_careful_people_do_what_a_check_asks() -> None:
    opening, expected = next(iter(behaviour._bank().items()))

    assert all(person("careful", seed).decides(opening, ["a", "b"], ["neutral"]) == expected for seed in range(20))


def test_careful_people_agree_about_a_clear_situation_whatever_side_it_is_shown_on() -> None:
    clear = next(text for n in range(1000) if behaviour.divide(text := f"situation {n}") > 0.9)

    answers = [person("careful", seed).decides(clear, [*"ab"][:: 1 if seed % 2 else -1], []) for seed in range(200)]

    assert answers.count("a") > 150


def test_vanishing_people_have_little_patience_and_the_same_seed_gives_the_same_people() -> None:
    assert person("vanishing").patience <= 8 < person("careful").patience
    assert person("careful", 3).leaning == person("careful", 3).leaning != person("careful", 4).leaning
