"""Words that somebody forgot to replace are found; ordinary words are left alone."""

import pytest

from annotation import placeholders


@pytest.mark.parametrize(
    "text", ["?pid={{%PROLIFIC_PID%}}", "Hello {{ name }}", "code {%SESSION_ID%}", "{{%STUDY_ID%}}&x=1"]
)
def test_marks_that_nobody_fills_in_are_found(text: str) -> None:
    assert placeholders.unfilled_mark(text)


@pytest.mark.parametrize(
    "text",
    ["TODO: write this", "Lorem ipsum dolor", "Ask [your name].", "Write to ann@example.com", "XXXX", "Name: ____"],
)
def test_left_overs_are_found(text: str) -> None:
    assert placeholders.left_over(text)


@pytest.mark.parametrize(
    "text",
    [
        "You read short situations. What would you do?",
        "About 10 minutes, £1.50 [paid within two days].",
        "Everything, todo o dia, is fine.",
        "Write to study@lab.ac.uk {or call}.",
        "Sets like {a, b} and 100 % of it.",
    ],
)
def test_ordinary_words_are_left_alone(text: str) -> None:
    assert placeholders.left_over(text) is None
    assert placeholders.unfilled_mark(text) is None


@pytest.mark.parametrize("code", ["XXXX", "12345", "your-code", "CODE", "<code>", "test", "0000", "completion code"])
def test_codes_that_are_none_are_recognised(code: str) -> None:
    assert placeholders.is_placeholder_code(code)


@pytest.mark.parametrize("code", ["C1A2B3C4", "DECODE7", "9F3KQ2", "TESTED-81"])
def test_real_codes_pass(code: str) -> None:
    assert not placeholders.is_placeholder_code(code)
