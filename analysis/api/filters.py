"""Query parameters that narrow a list of records.

Invariant: a parameter that is not known is an error, never ignored: a mistyped filter would otherwise look
like an answer about everything.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

import django_filters as filters
from django import forms
from django.core.exceptions import ValidationError as FormError
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.dateparse import parse_date, parse_datetime
from rest_framework.exceptions import ValidationError

from analysis.consensus import POSTERIOR_READINGS, VOTES_READINGS
from analysis.record_sources import Responses, Source
from annotation.states import PARTICIPATION_STATES

# Parameters that say how to answer, not about what.
FORM_OF_ANSWER: Final = frozenset({"format", "page_size", "cursor"})
LARGEST_NUMBER: Final = 2**31 - 1


class MomentField(forms.CharField):
    """A day or a moment in ISO 8601; without a zone it is UTC."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        return moment(text) if text else None


def moment(text: str) -> datetime:
    """Raises django.core.exceptions.ValidationError for what is no moment."""
    problem = FormError("A day or moment in ISO 8601, such as 2026-05-01 or 2026-05-01T12:00:00Z.")
    # An unescaped + of the zone arrives as a space.
    zoned = text.strip().replace(" ", "+") if "T" in text else text.strip()
    try:
        day = parse_date(zoned)
        found = datetime(day.year, day.month, day.day, tzinfo=UTC) if day else parse_datetime(zoned)
        if found is None:
            raise problem
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise problem from error


class CountFilter(filters.Filter):  # type: ignore[misc]  # django-filter ships no types
    field_class = forms.IntegerField


class MomentFilter(filters.Filter):  # type: ignore[misc]  # django-filter ships no types
    field_class = MomentField


def text(field: str, help_text: str) -> filters.CharFilter:
    return filters.CharFilter(field_name=field, max_length=200, help_text=help_text)


def choice(field: str, names: Iterable[str], help_text: str) -> filters.ChoiceFilter:
    return filters.ChoiceFilter(field_name=field, choices=[(name, name) for name in names], help_text=help_text)


def since(field: str, help_text: str) -> MomentFilter:
    return MomentFilter(field_name=field, lookup_expr="gte", max_length=40, help_text=help_text)


class RecordFilter(filters.FilterSet):  # type: ignore[misc]
    """The filters of one kind of record; `narrow` applies them."""

    def __init__(self, data: QueryDict, *, queryset: QuerySet[Any, Any], source: Source | None = None) -> None:
        super().__init__(data, queryset=queryset)
        self.source = source

    def narrow(self) -> QuerySet[Any, Any]:
        """The rows that remain. Raises ValidationError naming every parameter that cannot be used."""
        errors = {
            name: [f"There is no such parameter here. Known: {', '.join(sorted(self.base_filters))}."]
            for name in self.data
            if name not in self.base_filters and name not in FORM_OF_ANSWER
        }
        if not self.is_valid():
            errors |= {name: [str(text) for text in texts] for name, texts in self.errors.items()}
        if errors:
            raise ValidationError(errors)
        narrowed: QuerySet[Any, Any] = self.qs
        return narrowed

    def keep(self, rows: QuerySet[Any, Any], _name: str, _value: object) -> QuerySet[Any, Any]:
        """For parameters that the view acts upon; here they are only checked."""
        return rows


PILOTS: Final = filters.ChoiceFilter(
    choices=[("pilot", "pilot")], method="keep", help_text="`pilot`: trial runs as well."
)


class StudyFilter(RecordFilter):
    state = text("state", "State of the study.")


class ScenarioFilter(RecordFilter):
    trait = text("trait__key", "Key of the trait.")
    set = text("set__slug", "Scenario set.")
    scenario = text("key", "Key of the scenario.")


class DistributionFilter(RecordFilter):
    trait = text("scenario__trait__key", "Key of the trait.")
    consensus = choice("consensus", VOTES_READINGS, "Class by the rule on votes.")
    consensus_posterior = choice("consensus_posterior", POSTERIOR_READINGS, "Class by the rule on the posterior.")
    question = text("question", "Question; `choice` is the primary one.")
    stratum = text("stratum", "Group of annotators; `all` is everybody.")
    scenario = text("scenario__key", "Key of the scenario.")
    set = text("scenario__set__slug", "Scenario set.")
    min_n = CountFilter(
        field_name="n",
        lookup_expr="gte",
        min_value=0,
        max_value=LARGEST_NUMBER,
        help_text="Only rows with at least so many counted answers.",
    )
    since = since("updated_at", "Only rows computed at or after this moment.")


class ResponseFilter(RecordFilter):
    since = since("answered_at", "Only answers given at or after this moment.")
    participant = filters.CharFilter(method="by_participant", max_length=40, help_text="Pseudonym.")
    scenario = text("scenario__key", "Key of the scenario.")
    stratum = text("in_stratum", "Group of annotators.")
    include = PILOTS

    def by_participant(self, rows: QuerySet[Any, Any], _name: str, pseudonym: str) -> QuerySet[Any, Any]:
        """Pseudonyms cannot be reversed, so the study's people are tried one by one."""
        if not isinstance(self.source, Responses):
            return rows.none()
        person = self.source.person_behind(pseudonym)
        return rows.none() if person is None else rows.filter(participation_id=person)


class ParticipantFilter(RecordFilter):
    state = choice("state", dict(PARTICIPATION_STATES), "How far the person got.")
    stratum = text("stratum__key", "Group of annotators.")
    include = PILOTS


class AgreementFilter(RecordFilter):
    slice = text("slice", "`all`, `trait:<key>` or `stratum:<key>`.")
    question = text("question", "Question; `choice` is the primary one.")
    coefficient = text("coefficient", "Which coefficient.")


class ExclusionFilter(RecordFilter):
    since = since("decided_at", "Only decisions at or after this moment.")
