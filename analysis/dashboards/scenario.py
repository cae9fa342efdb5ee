"""One scenario with everything people said about it."""

from collections import Counter
from dataclasses import dataclass
from statistics import quantiles
from typing import Any, Final

from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from analysis.consensus import POSTERIOR_READINGS, VOTES_READINGS
from analysis.counting import QUESTION
from analysis.dashboards.access import page_for, study_context
from analysis.dashboards.contents import side_names
from analysis.dashboards.explorer import split_of_row
from analysis.distributions import NEUTRAL, NOT_APPLICABLE, sides
from analysis.figures import strips
from analysis.intervals import wilson
from analysis.models import Distribution
from analysis.readings import CONSENSUS_NAMES, SideNames, of_share, percent, seconds
from analysis.slices import EVERYBODY
from annotation.models import Quota, Response, Standing, Study
from scenarios.models import Scenario

MOST_RATIONALES: Final = 100
# Enough for quartiles; a scenario with more answers than this has them to spare.
MOST_TIMES: Final = 2_000
# More digits than this fit no id of any database.
LONGEST_ID: Final = 18
OPTION_NAMES: Final = {NEUTRAL: "Both are equally fine", NOT_APPLICABLE: "I can’t judge this"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One answer people could give: `pole` is +1, -1 or None, `part` of all answers from 0 to 1."""

    key: str
    text: str
    pole: int | None
    count: int
    part: float | None
    is_action: bool


@page_for("data")
def scenario(request: HttpRequest, study: Study, key: str) -> HttpResponse:
    found = asked_scenario(study, key=key, set_slug=request.GET.get("set", ""))
    rows = list(Distribution.objects.filter(study=study, scenario=found, question=QUESTION))
    everybody = next((row for row in rows if row.stratum == EVERYBODY), None)
    names = side_names(found)
    offered = options(found, counts=everybody.counts if everybody else {})
    right, left = sides_of(found)
    context = study_context(request, study, section="scenarios")
    return render(
        request,
        "studies/scenario.html",
        {
            **context,
            "scenario": found,
            "sides": names,
            "everybody": everybody,
            "options": offered,
            "positive_options": [option for option in offered if option.key in right],
            "negative_options": [option for option in offered if option.key in left],
            "figure": _strip(everybody, study=study, sides=names, size="large") if everybody else "",
            "reading": _reading(everybody, sides=names) if everybody else "",
            "rules": consensus_in_words(everybody) if everybody else [],
            "strata": _strata(study, rows, sides=names),
            "first_shown": first_shown(study, found),
            "times": answer_times(study, found),
            "rationales": rationales(study, found),
        },
    )


def asked_scenario(study: Study, *, key: str, set_slug: str) -> Scenario:
    """The scenario of this key, or of this number where no key fits, if the study asks it. Raises Http404."""
    asked = Scenario.objects.with_content().filter(pk__in=Quota.objects.filter(study=study).values("scenario"))
    of_key = asked.filter(key=key).order_by("set__slug", "-version")
    found = (of_key.filter(set__slug=set_slug) if set_slug else of_key).first()
    if found is None and key.isdecimal() and len(key) <= LONGEST_ID:
        found = asked.filter(pk=int(key)).first()
    if found is None:
        raise Http404("No such scenario.")
    return found


def sides_of(scenario: Scenario) -> tuple[frozenset[str], frozenset[str]]:
    """The actions on the right and on the left of its strip."""
    return sides({action.key: action.pole for action in scenario.actions.all()})


def options(scenario: Scenario, *, counts: dict[str, int]) -> list[Option]:
    """Every answer that was offered or given, actions first, with its count."""
    whole = sum(counts.values())
    listed = [(action.key, action.text, action.pole, True) for action in scenario.actions.all()]
    listed += [(key, name, None, False) for key, name in OPTION_NAMES.items() if key in counts]
    return [
        Option(
            key=key,
            text=text,
            pole=pole,
            count=counts.get(key, 0),
            part=counts.get(key, 0) / whole if whole else None,
            is_action=is_action,
        )
        for key, text, pole, is_action in listed
    ]


def consensus_in_words(row: Distribution) -> list[dict[str, str]]:
    """Both rules with what they say here."""
    votes, posterior = row.consensus, row.consensus_posterior
    found = []
    if votes:
        found.append({"rule": "By votes", "name": CONSENSUS_NAMES[votes], "reading": VOTES_READINGS[votes]})  # type: ignore[index]
    if posterior:
        found.append({
            "rule": "By posterior",
            "name": CONSENSUS_NAMES[posterior],
            "reading": POSTERIOR_READINGS[posterior],  # type: ignore[index]
        })  # fmt: skip
    return found


def first_shown(study: Study, scenario: Scenario) -> dict[str, Any] | None:
    """How often the action shown first was chosen, with its interval; None where no side was recorded."""
    rows = _counted(study, scenario).exclude(side="").order_by().values_list("side").annotate(answers=Count("id"))
    sides = Counter(dict(rows))
    whole = sides.total()
    if not whole:
        return None
    low, high = wilson(sides["first"], whole)
    return {
        "first": sides["first"],
        "second": whole - sides["first"],
        "whole": whole,
        "low": percent(low),
        "high": percent(high),
        "is_even": low <= 0.5 <= high,
    }


def answer_times(study: Study, scenario: Scenario) -> dict[str, Any] | None:
    """Quartiles of the time from seeing to choosing; None where nothing was measured."""
    measured = _counted(study, scenario).exclude(response_ms=None).order_by("-id")
    times = [time for time in measured.values_list("response_ms", flat=True)[:MOST_TIMES] if time is not None]
    if not times:
        return None
    lower, middle, upper = quantiles(times, n=4, method="inclusive") if len(times) > 1 else times * 3
    return {
        "n": len(times),
        "median": seconds(middle),
        "lower": seconds(lower),
        "upper": seconds(upper),
        "fastest": seconds(min(times)),
        "slowest": seconds(max(times)),
    }


def rationales(study: Study, scenario: Scenario) -> list[dict[str, Any]]:
    """Reasons people gave, by what they chose; nothing of people who withdrew."""
    rows = _counted(study, scenario).exclude(rationale="").exclude(participation__state="withdrawn")
    newest = rows.order_by("-id").values("choice", "rationale", "language")[:MOST_RATIONALES]
    texts = {action.key: action.text for action in scenario.actions.all()} | OPTION_NAMES
    return [{**row, "chosen": texts.get(row["choice"], row["choice"])} for row in newest]


def _counted(study: Study, scenario: Scenario) -> QuerySet[Response]:
    return Response.objects.filter(study=study, scenario=scenario, standing=Standing.COUNTED)


def _strata(study: Study, rows: list[Distribution], *, sides: SideNames) -> list[dict[str, Any]]:
    """The strip of every stratum, in the study's order; empty where everybody is the only one."""
    by_key = {row.stratum: row for row in rows if row.stratum != EVERYBODY}
    return [
        {
            "label": stratum.label or stratum.key,
            "row": by_key[stratum.key],
            "strip": _strip(by_key[stratum.key], study=study, sides=sides, size="small"),
        }
        for stratum in study.strata.all()
        if stratum.key in by_key
    ]


def _strip(row: Distribution, *, study: Study, sides: SideNames, size: str) -> str:
    split = split_of_row(row, neutral_weight=study.neutral_weight)
    return strips.strip(split, label=_reading(row, sides=sides), size=size)


def _reading(row: Distribution, *, sides: SideNames) -> str:
    return of_share(row.share_positive, low=row.low, high=row.high, votes=row.weighted_n, sides=sides)
