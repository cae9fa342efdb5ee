"""The figures show what the numbers say, and nothing in them can break a page."""

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.figures import dots, fill, paper, strips
from analysis.figures.markup import Markup, element
from analysis.figures.strips import Area, Split

# 7 of 10 votes: 6 for, 2 against, 2 neutral.
SEVEN_OF_TEN = strips.split_of(share=0.7, low=0.397, high=0.892, votes=10, neutral=2, neutral_weight=0.5)
UNITED = strips.split_of(share=1, low=0.722, high=1, votes=10, neutral=0, neutral_weight=0.5)
AGAINST = strips.split_of(share=0.1, low=0.018, high=0.404, votes=10, neutral=0, neutral_weight=0.5)
WORDS = paper.Words(title="A study", negative="cool", positive="kind", numbers="n", caption=["3 scenarios."])


def parsed(drawing: str) -> ElementTree.Element:
    return ElementTree.fromstring(drawing)  # noqa: S314  (our own drawing)


def spans(path: str) -> list[tuple[float, float]]:
    """From and to of each rectangle of a path, on the scale of the drawing."""
    found = re.findall(r"M(-?[\d.]+) -?[\d.]+h(-?[\d.]+)v", path)
    return [(float(left), float(left) + float(width)) for left, width in found]


def path_of(drawing: str, part: str) -> str:
    found = re.search(rf'd="([^"]+)"[^>]*class="{part}"', drawing)
    assert found is not None, part
    return found.group(1)


# The split


def test_a_split_holds_all_votes() -> None:
    assert (SEVEN_OF_TEN.negative, SEVEN_OF_TEN.neutral, SEVEN_OF_TEN.positive) == pytest.approx((0.2, 0.2, 0.6))


@given(
    positive=st.integers(0, 50),
    negative=st.integers(0, 50),
    neutral=st.integers(0, 50),
    weight=st.floats(0, 1),
)
def test_the_bar_is_as_long_as_all_votes_and_ends_at_the_share(
    positive: int, negative: int, neutral: int, weight: float
) -> None:
    votes = positive + negative + neutral
    if not votes:
        return
    share = (positive + weight * neutral) / votes

    split = strips.split_of(share=share, low=0, high=1, votes=votes, neutral=neutral, neutral_weight=weight)

    assert split.negative + split.neutral + split.positive == pytest.approx(1)
    assert split.positive == pytest.approx(positive / votes, abs=1e-9)
    assert split.leading_end == pytest.approx(share if share >= 0.5 else share - 1)


def test_the_whisker_stands_on_the_side_that_leads() -> None:
    assert SEVEN_OF_TEN.whisker == (0.397, 0.892)
    assert AGAINST.whisker == pytest.approx((0.404 - 1, 0.018 - 1))


# The strip


def test_what_opposes_lies_left_and_what_shows_lies_right_of_the_centre() -> None:
    drawing = strips.strip(SEVEN_OF_TEN, label="7 of 10")

    assert spans(path_of(drawing, "negative")) == [(-300, -100)]
    assert spans(path_of(drawing, "neutral")) == [(-100, 100)]
    assert spans(path_of(drawing, "positive")) == [(100, 700)]


def test_a_united_scenario_lies_wholly_on_one_side() -> None:
    drawing = strips.strip(UNITED, label="all")

    assert spans(path_of(drawing, "positive")) == [(0, 1000)]
    assert 'class="negative"' not in drawing
    assert 'class="whisker"' not in drawing, "there is nothing beyond all votes"


def test_without_votes_only_the_scale_is_drawn() -> None:
    drawing = strips.strip(None, label="Nobody has judged this yet.")

    assert {node.get("class") for node in parsed(drawing) if node.tag.endswith("path")} == {"guide", "centre"}


def test_the_words_instead_of_the_picture_are_escaped() -> None:
    drawing = strips.strip(UNITED, label='<script>alert("1")</script> & more')

    title = parsed(drawing).find("title")
    assert title is not None
    assert title.text == '<script>alert("1")</script> & more'
    assert parsed(drawing).get("role") == "img"


def test_a_ribbon_is_as_many_letters_high_as_it_has_rows() -> None:
    drawing = strips.ribbon([UNITED, SEVEN_OF_TEN, AGAINST], label="three")

    assert parsed(drawing).get("height") == "3em"
    assert spans(path_of(drawing, "positive")) == [(0, 1000), (100, 700), (0, 100)]


def test_nothing_is_styled_in_place() -> None:
    drawings = [
        strips.ribbon([UNITED, AGAINST], label="two"),
        fill.heat([[0, 0.5, 1]], label="fill"),
        fill.step_bar(kept=1, before=2, arrived=3),
        fill.seat_bar(accepted=1, reserved=1, target=3),
        dots.dot(dots.axis_for([0.3]), estimate=0.3, low=0.1, high=0.5, label="alpha"),
        paper.document(
            [paper.Zone(title="All", rows=[paper.Row(label="x", numbers="1", split=UNITED)])], words=WORDS
        ),
    ]

    for drawing in drawings:
        assert not any("style" in node.attrib or node.tag.endswith("style") for node in parsed(drawing).iter())


# Fill


@pytest.mark.parametrize(("part", "step"), [(0.0, 0), (0.01, 1), (0.25, 2), (0.5, 3), (0.99, 4), (1.0, 5), (1.2, 5)])
def test_only_full_looks_full_and_only_untouched_looks_untouched(part: float, step: int) -> None:
    assert fill.fill_step(part) == step


def test_every_cell_is_drawn_once() -> None:
    drawing = fill.heat([[0, 0.5, 1], [1, 1, 1]], label="two groups")

    cells = re.findall(r"M[^M]+z", drawing)
    assert len(cells) == 6
    assert parsed(drawing).get("viewBox") == "0 0 3 2"


def test_a_step_shows_who_stayed_and_who_left_as_parts_of_all_who_came() -> None:
    widths = [node.get("width") for node in parsed(fill.step_bar(kept=25, before=40, arrived=50))]

    assert widths == ["100%", "80%", "50%"]


# Dots


def test_the_axis_always_shows_none_and_all() -> None:
    assert dots.axis_for([0.4, 0.9]).ticks == [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    assert dots.axis_for([None]).start == 0.0


def test_the_axis_reaches_below_zero_where_a_value_does() -> None:
    axis = dots.axis_for([0.5, -0.07])

    assert axis.start == -0.2
    assert axis.percent(-0.2) == "0%"
    assert axis.percent(1) == "100%"


def test_an_undefined_estimate_has_no_dot() -> None:
    drawing = dots.dot(dots.Axis(), estimate=None, low=None, high=None, label="undefined")

    assert "circle" not in drawing
    assert "whisker" not in drawing


# Paper


def rows(number: int) -> list[paper.Row]:
    return [paper.Row(label=f"Scenario <{index}>", numbers="10", split=SEVEN_OF_TEN) for index in range(number)]


def test_the_file_carries_its_own_colours_and_needs_no_style_sheet() -> None:
    drawing = parsed(paper.document([paper.Zone(title="People divide", rows=rows(3))], words=WORDS))

    paths = [node for node in drawing.iter() if node.tag.endswith("path")]
    assert paths
    assert all(node.get("fill") or node.get("stroke") for node in paths)
    assert not any("class" in node.attrib for node in drawing.iter())


def test_the_file_says_what_it_shows() -> None:
    drawing = parsed(paper.document([paper.Zone(title="People divide", rows=rows(3))], words=WORDS))

    said = [node.text for node in drawing.iter() if node.tag.endswith("text")]
    assert {"A study", "← cool", "kind →", "People divide", "Scenario <0>", "3 scenarios."} <= set(said)


def test_many_rows_become_thin_and_keep_to_a_page() -> None:
    few = parsed(paper.document([paper.Zone(title="All", rows=rows(40))], words=WORDS))
    many = parsed(paper.document([paper.Zone(title="All", rows=rows(400))], words=WORDS))

    assert float(few.get("height") or 0) < 1000
    assert float(many.get("height") or 0) < 1400
    assert "Scenario <1>" not in [node.text for node in many.iter()], "there is no room for words"


def test_long_words_are_cut_between_words() -> None:
    assert paper.shortened("A man you do not know asks to come in.", length=22) == "A man you do not know…"
    assert paper.shortened("short") == "short"
    assert paper.shortened("x" * 30, length=10) == "xxxxxxxxx…"


# Markup


def test_text_is_escaped_and_markup_is_not() -> None:
    inner = element("b", "1 < 2")

    assert element("p", inner, "&", title='"') == '<p title="&quot;"><b>1 &lt; 2</b>&amp;</p>'
    assert isinstance(inner, Markup)
    assert inner.__html__() == inner


def test_an_area_places_rows_below_one_another() -> None:
    area = Area(centre=100, half=50, top=20, pitch=10)

    assert area.x(-1) == 50
    assert area.bottom(3) == 50


def test_a_split_that_is_even_leans_to_neither_and_is_drawn_right() -> None:
    even = Split(negative=0.5, neutral=0, positive=0.5, positive_share=0.5, low=0.2, high=0.8)

    assert even.leans_positive
