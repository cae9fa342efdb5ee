"""What people are told and promised: texts, consent, time, the code at the end; and values no field takes."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

from django.core.exceptions import ValidationError

from annotation import placeholders
from annotation.models import Provider, Study
from annotation.models.studies import Rationale
from annotation.preflight.facts import Facts
from annotation.preflight.problem import Level, Problem
from annotation.submission import MAX_RATIONALE

TEXTS = (
    "title",
    "question",
    "instructions",
    "consent_text",
    "debrief",
    "contact",
    "paused_message",
    "reward",
)
# Faster than anybody reads a situation and two actions.
FASTEST_SECONDS_PER_TASK = 4


def invalid_values(study: Study) -> Iterator[Problem]:
    """What the fields themselves refuse: lengths, bounds, unknown choices."""
    try:
        study.clean_fields()
    except ValidationError as refused:
        for field, messages in refused.message_dict.items():
            label = str(study._meta.get_field(field).verbose_name)  # type: ignore[union-attr]  # plain fields only
            for message in messages:
                yield Problem("error", "invalid_value", f"“{label}”: {message}", field)


def problems(study: Study, facts: Facts) -> Iterator[Problem]:
    yield from _texts(study)
    yield from _consent(study)
    yield from _time(study)
    yield from _completion(study, facts)


def _texts(study: Study) -> Iterator[Problem]:
    for field in (*TEXTS, "completion_url"):
        mark = placeholders.unfilled_mark(getattr(study, field))
        if mark:
            yield Problem(
                "error",
                "unfilled_mark",
                f"“{mark}” stands literally in “{_label(study, field)}”; nobody fills it in there. Replace it.",
                field,
            )
    for field in TEXTS:
        left_over = placeholders.left_over(getattr(study, field))
        if left_over:
            yield Problem(
                _stricter_for_recruiters(study),
                "placeholder_text",
                f"“{left_over}” in “{_label(study, field)}” looks like a placeholder. Write what is meant.",
                field,
            )
    if study.rationale == Rationale.REQUIRED and study.rationale_min_length > MAX_RATIONALE:
        yield Problem(
            "error",
            "no_reason_is_long_enough",
            f"Reasons must have {study.rationale_min_length} characters, but {MAX_RATIONALE} are the most "
            "that is taken: nobody could go on. Lower the minimum.",
            "rationale_min_length",
        )
    if not study.instructions.strip():
        yield Problem(
            "warning",
            "no_instructions",
            "The instructions are empty. Say what people are to do.",
            "instructions",
        )


def _consent(study: Study) -> Iterator[Problem]:
    if not study.consent_text.strip():
        yield Problem(
            _stricter_for_recruiters(study),
            "no_consent_text",
            "The consent text is empty: people would agree to nothing. Say what they will do, what is "
            "kept, and that they can stop at any time.",
            "consent_text",
        )
    if study.provider != Provider.LINK and not study.contact.strip():
        yield Problem(
            "warning",
            "no_contact",
            "No contact is given. Name somebody whom participants can ask.",
            "contact",
        )
    if study.provider != Provider.LINK and not study.reward.strip():
        yield Problem("warning", "no_reward", "The reward is not stated. Say what people get, in words.", "reward")


def _time(study: Study) -> Iterator[Problem]:
    minutes, limit = study.estimated_minutes, study.absolute_limit_minutes
    if limit < study.idle_limit_minutes:
        yield Problem(
            "error",
            "limits_contradict",
            f"The time limit ({limit} minutes) is shorter than the idle limit ({study.idle_limit_minutes} "
            "minutes), so the idle limit would never be reached. Raise the first or lower the second.",
            "absolute_limit_minutes",
        )
    if not minutes:
        if study.provider != Provider.LINK:
            yield Problem(
                "error",
                "no_estimated_minutes",
                "The estimated minutes are missing. People on a recruiting platform must know how long it "
                "takes, and rules for fair rejection depend on it.",
                "estimated_minutes",
            )
        return
    if limit < minutes:
        yield Problem(
            "error",
            "limit_below_estimate",
            f"The time limit ({limit} minutes) is shorter than the estimated {minutes} minutes: most "
            "people would lose their tasks before they finish. Allow at least twice the estimate.",
            "absolute_limit_minutes",
        )
    elif limit < 2 * minutes:
        yield Problem(
            "warning",
            "limit_is_tight",
            f"The time limit ({limit} minutes) is less than twice the estimated {minutes} minutes; careful "
            "people would run out of time.",
            "absolute_limit_minutes",
        )
    if minutes * 60 < study.tasks_per_annotator * FASTEST_SECONDS_PER_TASK:
        yield Problem(
            "warning",
            "estimate_too_short",
            f"{study.tasks_per_annotator} tasks in {minutes} minutes leave under {FASTEST_SECONDS_PER_TASK} "
            "seconds for each: nobody can read that fast. Promise a time that people can keep.",
            "estimated_minutes",
        )


def _completion(study: Study, facts: Facts) -> Iterator[Problem]:
    code, url = study.completion_code.strip(), study.completion_url.strip()
    if code and placeholders.is_placeholder_code(code):
        yield Problem(
            _stricter_for_recruiters(study),
            "placeholder_code",
            f"The completion code “{code}” looks like a placeholder. Copy the real one from the recruiter.",
            "completion_code",
        )
    if facts.code_is_used_by:
        yield Problem(
            "warning",
            "code_is_used_twice",
            f"The completion code is also used by “{facts.code_is_used_by}”: people could hand in one "
            "study's code for the other. Use a code of its own.",
            "completion_code",
        )
    if study.provider == Provider.PROLIFIC:
        yield from _prolific(code, url)
        return
    if study.provider != Provider.LINK and not code and not url:
        yield Problem(
            "error",
            "no_completion",
            "Neither a completion code nor a completion address is given, so people could not show the "
            "recruiter that they finished. Copy one of them from there.",
            "completion_code",
        )
    if url and urlsplit(url).scheme not in ("https", "http"):
        yield Problem(
            "error",
            "completion_url_unusable",
            "The completion address must be a full web address that begins with https://.",
            "completion_url",
        )
    elif url.startswith("http:") and study.provider != Provider.LINK:
        yield Problem(
            "error",
            "completion_url_unsafe",
            "The completion address must begin with https://, so that nobody on the way reads the code.",
            "completion_url",
        )


def _prolific(code: str, url: str) -> Iterator[Problem]:
    if not url:
        yield Problem(
            "error",
            "no_completion_url",
            "The completion address is missing. Copy it from Prolific, under “completion paths”; it looks "
            f"like https://app.prolific.com/submissions/complete?cc={code or 'C1A2B3C4'}.",
            "completion_url",
        )
        return
    parts = urlsplit(url)
    given = parse_qs(parts.query).get("cc", [""])[0].strip()
    if parts.scheme != "https" or not given:
        yield Problem(
            "error",
            "completion_url_unusable",
            "Prolific's completion address begins with https:// and ends with cc= and the code. Copy it again.",
            "completion_url",
        )
        return
    if placeholders.is_placeholder_code(given):
        yield Problem(
            "error",
            "placeholder_code",
            f"The code “{given}” in the completion address looks like a placeholder. Copy the real address.",
            "completion_url",
        )
    if code and code != given:
        yield Problem(
            "error",
            "codes_differ",
            f"The completion code is “{code}”, but the completion address carries “{given}”. Both must be "
            "the one that Prolific shows.",
            "completion_code",
        )
    if not (parts.hostname or "").endswith("prolific.com"):
        yield Problem(
            "warning",
            "not_prolifics_address",
            f"The completion address leads to {parts.hostname}, not to prolific.com. Check that this is meant.",
            "completion_url",
        )


def _stricter_for_recruiters(study: Study) -> Level:
    return "warning" if study.provider == Provider.LINK else "error"


def _label(study: Study, field: str) -> str:
    return str(study._meta.get_field(field).verbose_name)  # type: ignore[union-attr]  # plain fields only
