"""Every scenario of a study with its strip: sorted, filtered, searched, fifty at a time."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.core.paginator import Paginator
from django.db.models import Exists, F, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from analysis.dashboards.access import export_url, page_for, study_context
from analysis.dashboards.contents import Contents, contents_of
from analysis.dashboards.labels import zone_title
from analysis.dashboards.people import page_query
from analysis.dashboards.ranking import ZONE_CONDITIONS, distributions_of, text_of
from analysis.figures import strips
from analysis.figures.strips import Split, split_of
from analysis.models import Distribution
from analysis.readings import CONSENSUS_NAMES, SideNames, of_share
from annotation.models import Study
from scenarios.models import Action

PER_PAGE: Final = 50
LONGEST_SEARCH: Final = 200
SORTS: Final = {
    "agreement": "agreement",
    "share": "share_positive",
    "n": "n",
    "entropy": "entropy_bits",
    "key": "scenario__key",
}
SORT_NAMES: Final = {
    "-agreement": "most agreement first",
    "agreement": "most divided first",
    "-share": "largest share first",
    "share": "smallest share first",
    "-n": "most answers first",
    "n": "fewest answers first",
    "-entropy": "most mixed answers first",
    "entropy": "least mixed answers first",
    "key": "by key",
    "-key": "by key, backwards",
}
DEFAULT_SORT: Final = "agreement"
BY_VOTES: Final = ("unanimous", "very_high", "high", "lower")
BY_POSTERIOR: Final = ("strong", "moderate", "leaning", "split", "undetermined")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What somebody asked to see; everything that is not known falls back to the ordinary list."""

    sort: str
    trait: str
    stratum: str
    consensus: str
    zone: str
    search: str

    @property
    def is_narrow(self) -> bool:
        return bool(self.trait or self.consensus or self.zone or self.search)


@page_for("data")
def scenarios(request: HttpRequest, study: Study) -> HttpResponse:
    contents = contents_of(study)
    choice = choice_of(request.GET, contents=contents)
    sides = contents.sides_for(choice.trait)
    # The page is found by ids alone: sorting rows with their words beside them is what takes time.
    ids = chosen(study, choice=choice).values_list("pk", flat=True)
    page = Paginator(ids, PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "studies/scenarios.html",
        {
            **study_context(request, study, section="scenarios"),
            "contents": contents,
            "sides": sides,
            "distributions_url": export_url(study, "distributions"),
            "zones": [(zone, zone_title(zone, sides=sides)) for zone in ZONE_CONDITIONS],
            "choice": choice,
            "page": page,
            "rows": _rows(list(page), study=study, sides=sides),
            "query": page_query(request),
            "sorts": SORT_NAMES,
            "heads": _heads(request, choice=choice),
            "by_votes": [(key, CONSENSUS_NAMES[key]) for key in BY_VOTES],
            "by_posterior": [(key, CONSENSUS_NAMES[key]) for key in BY_POSTERIOR],
        },
    )


def choice_of(query: QueryDict, *, contents: Contents) -> Choice:
    """Read the address's filters."""
    sort, consensus, zone = query.get("sort", ""), query.get("consensus", ""), query.get("zone", "")
    return Choice(
        sort=sort if sort in SORT_NAMES else DEFAULT_SORT,
        trait=contents.trait(query.get("trait", "")),
        stratum=contents.stratum(query.get("stratum", "")),
        consensus=consensus if consensus in CONSENSUS_NAMES else "",
        zone=zone if zone in ZONE_CONDITIONS else "",
        search=query.get("q", "").replace("\0", "").strip()[:LONGEST_SEARCH],
    )


def chosen(study: Study, *, choice: Choice) -> QuerySet[Distribution]:
    """The rows that fit, in the order asked for; ties keep the order of the scenarios."""
    rows = distributions_of(study, stratum=choice.stratum, trait=choice.trait)
    if choice.consensus in BY_VOTES:
        rows = rows.filter(consensus=choice.consensus)
    elif choice.consensus:
        rows = rows.filter(consensus_posterior=choice.consensus)
    if choice.zone:
        rows = rows.filter(ZONE_CONDITIONS[choice.zone])
    if choice.search:
        rows = _searched(rows, words=choice.search)
    column = F(SORTS[choice.sort.removeprefix("-")])
    order = column.desc(nulls_last=True) if choice.sort.startswith("-") else column.asc(nulls_last=True)
    return rows.order_by(order, "scenario_id")


def split_of_row(row: Distribution, *, neutral_weight: float) -> Split | None:
    """The strip of a stored distribution; None without votes."""
    if row.share_positive is None or row.low is None or row.high is None:
        return None
    return split_of(
        share=row.share_positive,
        low=row.low,
        high=row.high,
        votes=row.weighted_n,
        neutral=row.counts.get("neutral", 0),
        neutral_weight=neutral_weight,
    )


def _searched(rows: QuerySet[Distribution], *, words: str) -> QuerySet[Distribution]:
    """Rows whose key, situation or actions contain `words`, whatever their case."""
    # In the stored JSON quotation marks and line ends are written as JSON writes them.
    written = json.dumps(words, ensure_ascii=False)[1:-1]
    in_actions = Action.objects.filter(scenario=OuterRef("scenario_id"), text__icontains=words)
    return rows.annotate(situation=Cast("scenario__blocks", TextField())).filter(
        Q(scenario__key__icontains=words) | Q(situation__icontains=written) | Exists(in_actions)
    )


def _rows(ids: Sequence[int], *, study: Study, sides: SideNames) -> list[dict[str, Any]]:
    """What the table shows of these rows, in their order. One query."""
    found = Distribution.objects.select_related("scenario__set").in_bulk(ids)
    return [_row(found[pk], study=study, sides=sides) for pk in ids if pk in found]


def _row(row: Distribution, *, study: Study, sides: SideNames) -> dict[str, Any]:
    reading = of_share(row.share_positive, low=row.low, high=row.high, votes=row.weighted_n, sides=sides)
    return {
        "distribution": row,
        "scenario": row.scenario,
        "text": text_of(row.scenario.blocks),
        "votes": round(row.weighted_n),
        "aside": max(row.n - round(row.weighted_n), 0),
        "strip": strips.strip(split_of_row(row, neutral_weight=study.neutral_weight), label=reading),
        "consensus": CONSENSUS_NAMES.get(row.consensus, ""),
        "posterior": CONSENSUS_NAMES.get(row.consensus_posterior, ""),
    }


def _heads(request: HttpRequest, *, choice: Choice) -> dict[str, dict[str, str]]:
    """For each sortable column the address that sorts by it (or turns the order round) and its present state."""
    return {column: _head(request.GET, column=column, sort=choice.sort) for column in SORTS}


def _head(query: QueryDict, *, column: str, sort: str) -> dict[str, str]:
    current = sort.removeprefix("-") == column
    turned = f"-{column}" if sort == column else column
    # Numbers are mostly wanted from the top, keys from the beginning.
    first = column if column == "key" else f"-{column}"
    changed = query.copy()
    changed.pop("page", None)
    changed["sort"] = turned if current else first
    direction = "descending" if sort.startswith("-") else "ascending"
    return {"query": changed.urlencode(), "sorted": direction if current else ""}
