"""The scenarios of a study ranked by their share: what the consensus figure is drawn from.

Three zones, by the rule on votes: at least eight in ten on the positive side, as many on the negative side,
and what lies between. Invariant: the counts of the zones are exact; only the rows that are drawn are thinned
out, evenly by rank, where a study has more scenarios than a figure has room for.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count, F, IntegerField, Q, QuerySet, Sum, Window
from django.db.models.expressions import ExpressionWrapper
from django.db.models.functions import Mod, RowNumber

from analysis.counting import QUESTION
from analysis.figures.strips import Split, split_of
from analysis.intervals import HIGH_CONSENSUS
from analysis.models import Distribution
from annotation.models import Study

ROWS_DRAWN: Final = 420
# Up to here every row has its words beside it.
ROWS_LABELLED: Final = 80
# As in analysis.consensus: a share that is .8 on paper must not fall out of its zone.
ROUNDING: Final = 1e-9

SHOWS: Final = "shows"
DIVIDES: Final = "divides"
OPPOSES: Final = "opposes"
ZONE_CONDITIONS: Final = {
    SHOWS: Q(share_positive__gte=HIGH_CONSENSUS - ROUNDING),
    DIVIDES: Q(share_positive__lt=HIGH_CONSENSUS - ROUNDING, share_positive__gt=1 - HIGH_CONSENSUS + ROUNDING),
    OPPOSES: Q(share_positive__lte=1 - HIGH_CONSENSUS + ROUNDING),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedRow:
    """One scenario with votes; `aside` are answers beside them, on neither side: most often "can't judge"."""

    scenario_id: int
    key: str
    set_slug: str
    text: str
    votes: int
    aside: int
    split: Split


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """`count` scenarios, of which `rows` are drawn."""

    key: str
    count: int
    rows: Sequence[RankedRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """voted: scenarios with a share; without_votes: the others; fits_even_split: voted ones whose interval
    contains one half; n_responses: answers to all of them."""

    zones: Sequence[Zone]
    voted: int
    without_votes: int
    fits_even_split: int
    n_responses: int

    @property
    def drawn(self) -> int:
        return sum(len(zone.rows) for zone in self.zones)

    @property
    def is_thinned(self) -> bool:
        return self.drawn < self.voted

    @property
    def is_labelled(self) -> bool:
        return 0 < self.drawn <= ROWS_LABELLED


def distributions_of(study: Study, *, stratum: str, trait: str = "") -> QuerySet[Distribution]:
    """The rows of the primary question for one stratum, narrowed to a trait if one is named."""
    rows = Distribution.objects.filter(study=study, stratum=stratum, question=QUESTION)
    return rows.filter(scenario__trait__key=trait) if trait else rows


def ranking(study: Study, *, stratum: str, trait: str = "", limit: int = ROWS_DRAWN) -> Ranking:
    """The scenarios from all on the positive side to all on the negative one. Two or three queries."""
    rows = distributions_of(study, stratum=stratum, trait=trait)
    totals: dict[str, Any] = rows.aggregate(
        scenarios=Count("id"),
        voted=Count("share_positive"),
        fits=Count("id", filter=Q(low__lte=0.5, high__gte=0.5)),
        n=Sum("n"),
        **{zone: Count("id", filter=condition) for zone, condition in ZONE_CONDITIONS.items()},
    )
    drawn = ranked_rows(_evenly(rows, total=totals["voted"], limit=limit), neutral_weight=study.neutral_weight)
    return Ranking(
        zones=[
            Zone(key=zone, count=totals[zone], rows=[row for row in drawn if zone_of(row.split) == zone])
            for zone in ZONE_CONDITIONS
        ],
        voted=totals["voted"],
        without_votes=totals["scenarios"] - totals["voted"],
        fits_even_split=totals["fits"],
        n_responses=totals["n"] or 0,
    )


def ranked_rows(rows: QuerySet[Distribution], *, neutral_weight: float) -> list[RankedRow]:
    """Rows of distributions with a share as the figure needs them, in their order. One query."""
    columns = rows.values_list(
        "scenario_id", "scenario__key", "scenario__set__slug", "scenario__blocks",
        "n", "weighted_n", "counts", "share_positive", "low", "high",
    )  # fmt: skip
    return [
        RankedRow(
            scenario_id=scenario_id,
            key=key,
            set_slug=set_slug,
            text=text_of(blocks),
            votes=round(votes),
            aside=max(n - round(votes), 0),
            split=split_of(
                share=share,
                low=low,
                high=high,
                votes=votes,
                neutral=counts.get("neutral", 0),
                neutral_weight=neutral_weight,
            ),
        )
        for scenario_id, key, set_slug, blocks, n, votes, counts, share, low, high in columns
        if share is not None and low is not None and high is not None
    ]


def zone_of(split: Split) -> str:
    """The zone of one row; the same bounds as in ZONE_CONDITIONS."""
    if split.positive_share >= HIGH_CONSENSUS - ROUNDING:
        return SHOWS
    return OPPOSES if split.positive_share <= 1 - HIGH_CONSENSUS + ROUNDING else DIVIDES


def text_of(blocks: Iterable[dict[str, Any]]) -> str:
    """The words of a scenario in one line."""
    return " ".join(block["text"] for block in blocks if block.get("type") == "text")


def _evenly(rows: QuerySet[Distribution], *, total: int, limit: int) -> QuerySet[Distribution]:
    """The rows with votes by falling share; where there are more than `limit`, every so-manieth of them."""
    voted = rows.exclude(share_positive=None)
    order = [F("share_positive").desc(), F("scenario_id").asc()]
    if total <= limit:
        return voted.order_by(*order)
    step = -(-total // limit)
    rank = ExpressionWrapper(Window(RowNumber(), order_by=order) - 1, output_field=IntegerField())
    # Ranked by their ids alone: sorting them with their words beside them would take most of a second.
    ranked = voted.order_by().annotate(place=Mod(rank, step)).filter(place=step // 2)
    return rows.filter(pk__in=list(ranked.values_list("pk", flat=True))).order_by(*order)
