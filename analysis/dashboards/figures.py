"""The consensus figure as files: SVG, PNG, and the numbers it is drawn from."""

from collections.abc import Iterator
from dataclasses import dataclass

import vl_convert
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone

from analysis.dashboards import labels
from analysis.dashboards.access import page_for
from analysis.dashboards.contents import Contents, contents_of
from analysis.dashboards.ranking import RankedRow, Ranking, distributions_of, ranking
from analysis.figures import paper
from analysis.figures.markup import Markup
from analysis.flattening import csv_lines
from analysis.record_sources import Distributions
from annotation.models import Study

# Twice the size: sharp on today's screens and in print at the width of a column.
PNG_SCALE = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The part of a study a figure shows."""

    contents: Contents
    stratum: str
    trait: str


@page_for("data")
def consensus_svg(request: HttpRequest, study: Study) -> HttpResponse:
    drawing = consensus_drawing(study, part=_part(request, study))
    return _file(drawing.encode(), name=f"{study.slug}-consensus.svg", content_type="image/svg+xml")


@page_for("data")
def consensus_png(request: HttpRequest, study: Study) -> HttpResponse:
    drawing = consensus_drawing(study, part=_part(request, study))
    picture = vl_convert.svg_to_png(drawing, scale=PNG_SCALE)
    return _file(picture, name=f"{study.slug}-consensus.png", content_type="image/png")


@page_for("data")
def consensus_csv(request: HttpRequest, study: Study) -> StreamingHttpResponse:
    """Every scenario of the figure, also those it had no room for, as distribution records."""
    part = _part(request, study)
    source = Distributions(study)
    rows = distributions_of(study, stratum=part.stratum, trait=part.trait).exclude(share_positive=None)
    ordered = rows.select_related("scenario__trait").order_by("-share_positive", "scenario_id")
    records = (record for row in ordered.iterator(2_000) for record in source.to_records([row]))
    lines: Iterator[bytes] = csv_lines(records, schema=source.schema, keys=source.keys())
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{study.slug}-consensus.csv"'
    return response


def consensus_drawing(study: Study, *, part: Part) -> Markup:
    """The figure as a file, as things stand now."""
    found = ranking(study, stratum=part.stratum, trait=part.trait)
    sides = part.contents.sides_for(part.trait)
    title = labels.figure_title(study, contents=part.contents, stratum=part.stratum, trait=part.trait)
    return paper.document(
        _zones(found, part=part),
        words=paper.Words(
            title=title,
            negative=sides.negative,
            positive=sides.positive,
            numbers="n",
            caption=labels.caption(found, study=study, stratum=part.stratum, now=timezone.now()),
        ),
    )


def _zones(found: Ranking, *, part: Part) -> list[paper.Zone]:
    sides = part.contents.sides_for(part.trait)
    return [
        paper.Zone(title=labels.zone_heading(zone, sides=sides), rows=[_row(row) for row in zone.rows])
        for zone in found.zones
    ]


def _row(row: RankedRow) -> paper.Row:
    return paper.Row(
        label=row.text or row.key,
        numbers=f"{row.votes} +{row.aside}" if row.aside else str(row.votes),
        split=row.split,
    )


def _part(request: HttpRequest, study: Study) -> Part:
    contents = contents_of(study)
    return Part(
        contents=contents,
        stratum=contents.stratum(request.GET.get("stratum", "")),
        trait=contents.trait(request.GET.get("trait", "")),
    )


def _file(content: bytes, *, name: str, content_type: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
