"""Agreement in figures and words: every coefficient of everybody, of each trait, of each stratum."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from analysis.counting import QUESTION
from analysis.dashboards.access import export_url, page_for, study_context
from analysis.dashboards.contents import Contents, contents_of
from analysis.figures import dots
from analysis.figures.dots import Axis
from analysis.figures.markup import Markup
from analysis.models import Agreement
from analysis.readings import COEFFICIENT_NAMES, COEFFICIENT_QUESTIONS, of_agreement
from annotation.models import Study


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One estimate as a page shows it."""

    name: str
    question: str
    slice: str
    value: Agreement
    reading: str
    figure: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimates:
    """Rows on one common axis."""

    scale: Markup
    rows: Sequence[Row]


@page_for("data")
def agreement(request: HttpRequest, study: Study) -> HttpResponse:
    compared = Agreement.objects.filter(study=study, question=QUESTION, n_scenarios__gt=0)
    everything = list(compared)
    names = slice_names(contents_of(study))
    slices = sorted({row.slice for row in everything}, key=lambda key: _rank(key, list(names)))
    shown = [estimates(everything, slices=[key], names=names) for key in slices]
    context = study_context(request, study, section="agreement")
    return render(
        request,
        "studies/agreement.html",
        {
            **context,
            "agreement_url": export_url(study, "agreement"),
            "groups": [(names.get(key, key), found) for key, found in zip(slices, shown, strict=True)],
            "overall": shown[0] if shown else None,
        },
    )


def estimates_of(study: Study, *, slices: Sequence[str]) -> Estimates:
    """The estimates of some slices of a study. One query."""
    rows = Agreement.objects.filter(study=study, question=QUESTION, slice__in=slices)
    return estimates(list(rows), slices=slices, names={})


def estimates(found: Sequence[Agreement], *, slices: Sequence[str], names: dict[str, str]) -> Estimates:
    """The rows of `slices` in the order of the coefficients, on an axis that shows all of `found`."""
    axis = dots.axis_for(value for row in found for value in (row.estimate, row.low))
    order = list(COEFFICIENT_NAMES)
    chosen = [row for row in found if row.slice in slices and row.coefficient in COEFFICIENT_NAMES]
    chosen.sort(key=lambda row: (slices.index(row.slice), order.index(row.coefficient)))
    return Estimates(scale=dots.scale(axis), rows=[_row(row, axis=axis, names=names) for row in chosen])


def slice_names(contents: Contents) -> dict[str, str]:
    """What a slice is called on the page, in the order of the page."""
    return {
        "all": "All scenarios",
        **{f"trait:{key}": name for key, name in contents.traits},
        **{f"stratum:{key}": name for key, name in contents.strata},
    }


def _row(row: Agreement, *, axis: Axis, names: dict[str, str]) -> Row:
    name = COEFFICIENT_NAMES[row.coefficient]
    return Row(
        name=name,
        question=COEFFICIENT_QUESTIONS[row.coefficient],
        slice=names.get(row.slice, row.slice),
        value=row,
        reading=of_agreement(row.coefficient, row.estimate, low=row.low, high=row.high),
        figure=dots.dot(axis, estimate=row.estimate, low=row.low, high=row.high, label=_label(name, row)),
    )


def _label(name: str, row: Agreement) -> str:
    if row.estimate is None:
        return f"{name}: undefined. {row.undefined_reason}"
    interval = "" if row.low is None or row.high is None else f", interval {row.low:.2f} to {row.high:.2f}"
    return f"{name}: {row.estimate:.2f}{interval}"


def _rank(key: str, known: list[str]) -> tuple[int, str]:
    return (known.index(key) if key in known else len(known), key)
