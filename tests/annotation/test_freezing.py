"""What can no longer change: names once opened, everything people were asked once somebody answered."""

from annotation import freezing
from annotation.configuration import CHECK_COUNTS, PLAIN
from annotation.models import Study
from tests.cast import NOON

FREE_FOREVER = {
    "title",
    "notes",
    "consent_text",
    "debrief",
    "contact",
    "paused_message",
    "estimated_minutes",
    "reward",
    "quota",
    "tasks_per_annotator",
    "min_tasks",
    "idle_limit_minutes",
    "absolute_limit_minutes",
    "completion_code",
    "completion_url",
}


def test_a_draft_is_free() -> None:
    assert freezing.frozen_fields(Study()) == {}


def test_opening_fixes_the_name_and_the_groups() -> None:
    assert set(freezing.frozen_fields(Study(opened_at=NOON))) == {"slug", "strata"}


def test_every_setting_is_either_fixed_by_answers_or_free_on_purpose() -> None:
    fixed = set(freezing.frozen_fields(Study(first_answer_at=NOON)))

    assert fixed | FREE_FOREVER == {*PLAIN, *CHECK_COUNTS.values(), "quota", "sets", "checks", "strata"}
    assert not fixed & FREE_FOREVER


def test_every_reason_is_said_in_words() -> None:
    reasons = freezing.frozen_fields(Study(first_answer_at=NOON)).values()

    assert all(reason.count(" ") >= 4 for reason in reasons)
