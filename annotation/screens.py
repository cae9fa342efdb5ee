"""What a task page shows: the words of a scenario or check in somebody's language, in the order drawn for them.

Content is read from the database once per version and process: a version that was asked never changes.
"""

from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import gettext_lazy as _

from annotation.models import Assignment, CheckItem, CheckKind, Study
from scenarios.models import Scenario

RIGHT_TO_LEFT = ("ar", "he", "fa", "ur")
EXTRA_LABELS = {"neutral": _("Both are equally fine"), "not_applicable": _("I can't judge this")}


@dataclass(frozen=True, slots=True)
class Content:
    """A scenario or check as plain values; `options` in listed order as (key, text)."""

    text: str
    options: tuple[tuple[str, str], ...]
    poles: dict[str, int]
    expected: str
    explanation: str
    language: str
    has_midpoint: bool = True

    @property
    def keys(self) -> list[str]:
        return [key for key, _text in self.options]

    def order_shown(self, *, flipped: bool) -> list[str]:
        return self.keys[::-1] if flipped else self.keys


@dataclass(frozen=True, slots=True)
class Option:
    key: str
    text: str
    cap: str


@dataclass(frozen=True, slots=True)
class Extra:
    key: str
    label: str
    cap: str


@dataclass(frozen=True, slots=True)
class Screen:
    """Everything the task template needs; see templates/annotation/_task.html."""

    token: str
    paragraphs: list[str]
    question: str
    options: list[Option]
    extras: list[Extra]
    asks_confidence: bool
    rationale: str
    rationale_min_length: int
    language: str
    direction: str
    chosen: str = ""
    values: dict[str, str] | None = None
    error: str = ""


def screen_of(
    assignment: Assignment,
    study: Study,
    *,
    language: str,
    values: dict[str, str] | None = None,
    error: str = "",
) -> Screen:
    """The task page of one assignment, with what was sent and why it was not taken, if anything.

    Checks ask everything that tasks ask: nobody should know one by its form.
    """
    content = content_of(assignment, language=language)
    return _screen(
        content,
        token=assignment.token,
        flipped=assignment.flipped,
        question=study.question,
        extras=extras_of(content, study),
        asks_confidence=study.asks_confidence,
        rationale=study.rationale,
        rationale_min_length=study.rationale_min_length,
        values=values,
        error=error,
    )


def practice_screen(item: CheckItem, study: Study, *, error: str = "") -> Screen:
    return _screen(
        check_content(item.pk),
        token="",
        flipped=False,
        question=study.question,
        extras=[],
        asks_confidence=False,
        rationale="off",
        rationale_min_length=0,
        values=None,
        error=error,
    )


def _screen(
    content: Content,
    *,
    token: str,
    flipped: bool,
    question: str,
    extras: list[str],
    asks_confidence: bool,
    rationale: str,
    rationale_min_length: int,
    values: dict[str, str] | None,
    error: str,
) -> Screen:
    texts = dict(content.options)
    shown = content.order_shown(flipped=flipped)
    options = [Option(key=key, text=texts[key], cap=str(n)) for n, key in enumerate(shown, start=1)]
    first_extra = len(options) + 1
    return Screen(
        token=token,
        paragraphs=[part for part in content.text.split("\n") if part.strip()],
        question=question,
        options=options,
        extras=[
            Extra(key=key, label=str(EXTRA_LABELS[key]), cap=str(n))
            for n, key in enumerate(extras, start=first_extra)
        ],
        asks_confidence=asks_confidence,
        rationale=rationale,
        rationale_min_length=rationale_min_length,
        language=content.language,
        direction="rtl" if content.language.split("-")[0] in RIGHT_TO_LEFT else "ltr",
        chosen=(values or {}).get("choice", ""),
        values=values or {},
        error=error,
    )


def extras_of(content: Content, study: Study) -> list[str]:
    """What is offered beside the actions. A nonsensical check has no midpoint to hide in; all others look alike."""
    return study.extra_options if content.has_midpoint else []


def content_of(assignment: Assignment, *, language: str) -> Content:
    if assignment.check_item_id is not None:
        return check_content(assignment.check_item_id)
    if assignment.scenario_id is None:
        raise ValueError("The constraint an_assignment_is_a_scenario_or_a_check is broken.")
    return scenario_content(assignment.scenario_id, language)


@lru_cache(maxsize=20_000)
def scenario_content(scenario_id: int, language: str) -> Content:
    scenario = Scenario.objects.prefetch_related("actions", "translations").get(pk=scenario_id)
    actions = list(scenario.actions.all())
    poles = {action.key: action.pole for action in actions if action.pole is not None}
    text, texts, spoken = scenario.text, {action.key: action.text for action in actions}, scenario.language
    for translation in scenario.translations.all():
        if translation.language == language != scenario.language:
            text, texts, spoken = translation.text, {**texts, **translation.actions}, language
    return Content(
        text=text,
        options=tuple((action.key, texts[action.key]) for action in actions),
        poles=poles,
        expected="",
        explanation="",
        language=spoken,
    )


def check_content(check_id: int) -> Content:
    """Checks may be edited while no plan holds them, so they are read fresh: one indexed row."""
    item = CheckItem.objects.get(pk=check_id)
    return Content(
        text=item.text,
        options=tuple((option["key"], option["text"]) for option in item.options),
        poles={},
        expected=item.expected or "",
        explanation=item.explanation,
        language="en",
        has_midpoint=item.kind != CheckKind.NONSENSICAL,
    )
