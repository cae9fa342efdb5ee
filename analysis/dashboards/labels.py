"""The words of the figures: headings of zones, what is read out instead of a picture, captions."""

from datetime import datetime

from analysis.dashboards.contents import Contents
from analysis.dashboards.ranking import DIVIDES, OPPOSES, SHOWS, Ranking, Zone
from analysis.readings import SideNames
from analysis.records import LIVE_RULES
from analysis.slices import EVERYBODY
from annotation.models import Study


def zone_title(zone: str, *, sides: SideNames) -> str:
    titles = {
        SHOWS: f"At least 8 in 10: {sides.positive}",
        DIVIDES: "People divide",
        OPPOSES: f"At least 8 in 10: {sides.negative}",
    }
    return titles[zone]


def zone_heading(zone: Zone, *, sides: SideNames) -> str:
    """The title of a zone with the number of its scenarios."""
    return f"{zone_title(zone.key, sides=sides)} · {count(zone.count, 'scenario')}"


def ribbon_label(zone: Zone, *, sides: SideNames) -> str:
    """What is read out for the rows of one zone."""
    return f"{zone_title(zone.key, sides=sides)}. {count(zone.count, 'scenario')}, each as a bar with its interval."


def count(number: int, noun: str) -> str:
    """`1 scenario`, `1,367 scenarios`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def figure_title(study: Study, *, contents: Contents, stratum: str, trait: str) -> str:
    """The study, and which part of it is shown."""
    parts = [dict(contents.traits).get(trait, ""), dict(contents.strata).get(stratum, "")]
    return " · ".join([study.title, *(part for part in parts if part)])


def caption(ranking: Ranking, *, study: Study, stratum: str, now: datetime) -> list[str]:
    """What the figure rests on: how to read it, n, thinning, weights, rules, date. Lines of some 140 characters."""
    drawn = count(ranking.voted, "scenario")
    if ranking.is_thinned:
        drawn = f"{ranking.drawn:,} of {drawn}, evenly by rank"
    who = "" if stratum == EVERYBODY else f" of group {stratum}"
    bar = "Each bar is all votes for one scenario; its right end stands at the share of the right side."
    whisker = "Grey: neutral answers, across the centre. Whisker: 95 % Wilson interval of the larger side"
    rules = f"A neutral answer counts {study.neutral_weight:g} for the right side. Inclusion rules {LIVE_RULES}."
    lines = [
        f"{drawn}, {count(ranking.n_responses, 'answer')}{who}. {bar}",
        f"{whisker}; in {ranking.fits_even_split:,} it reaches the line at 50. n: votes + answers on neither side.",
        f"{rules} {now:%d %B %Y, %H:%M} UTC.",
    ]
    if ranking.without_votes:
        lines.append(f"Not drawn: {count(ranking.without_votes, 'scenario')} without any vote.")
    return lines
