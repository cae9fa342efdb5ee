"""From the seat ledger and the response log to rows of distributions, not yet stored.

Owns what is counted, and in which order it is read: revisions first, answers second. Invariant: a row made
here may hold an answer more than its revision says, never one less.
"""

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median
from typing import Final, NamedTuple

from django.db.models import QuerySet

from analysis.distributions import NEUTRAL, NOT_APPLICABLE, Summary, Tally, VoteWeights, sides, summarise_all
from analysis.models import Distribution
from analysis.slices import EVERYBODY
from annotation.models import Quota, Response, Standing, Study
from scenarios.models import Action

QUESTION: Final = "choice"

Poles = Mapping[str, int | None]


class Cell(NamedTuple):
    """One row of the ledger: the seats of a scenario in a stratum."""

    quota_id: int
    scenario_id: int
    stratum: str
    revision: int


@dataclass(frozen=True, slots=True)
class Answers:
    """The counted answers of one or more cells: how many per option, and the times they took in ms."""

    counts: Counter[str] = field(default_factory=Counter)
    # Four bytes each: a study without quota may bring any number of them.
    times: "array[int]" = field(default_factory=lambda: array("I"))


class Group(NamedTuple):
    """What one stored row is computed from."""

    scenario_id: int
    stratum: str
    revision: int
    answers: Answers


def distributions(study: Study, scenario_ids: list[int], *, now: datetime) -> list[Distribution]:
    """The rows of these scenarios as the ledger and the log are now: for everybody and for each stratum.

    Four queries, however many answers there are.
    """
    # The order matters: an answer that arrives between the two is found again, because its revision differs.
    cells = _cells(study.pk, scenario_ids)
    answers = _counted_answers(study.pk, scenario_ids)
    poles = poles_by_scenario(Action.objects.filter(scenario_id__in=scenario_ids))
    groups = _groups(cells, answers)
    tallies = [_tally(group.answers.counts, poles=poles[group.scenario_id]) for group in groups]
    summaries = summarise_all(tallies, weights=vote_weights(study))
    return [
        _row(study.pk, group, counts=tally.counts, summary=summary, now=now)
        for group, tally, summary in zip(groups, tallies, summaries, strict=True)
    ]


def vote_weights(study: Study) -> VoteWeights:
    """How much of a neutral answer counts for each side in this study."""
    return VoteWeights(neutral_to_positive=study.neutral_weight, neutral_to_negative=1 - study.neutral_weight)


def poles_by_scenario(actions: QuerySet[Action]) -> dict[int, dict[str, int | None]]:
    """Each scenario's actions with their poles, in its own order."""
    poles: defaultdict[int, dict[str, int | None]] = defaultdict(dict)
    columns = actions.order_by("scenario_id", "position").values_list("scenario_id", "key", "pole")
    for scenario_id, key, pole in columns.iterator():
        poles[scenario_id][key] = pole
    return poles


def _cells(study_id: int, scenario_ids: list[int]) -> list[Cell]:
    rows = Quota.objects.filter(study_id=study_id, scenario_id__in=scenario_ids).order_by("scenario_id", "id")
    return [Cell(*row) for row in rows.values_list("id", "scenario_id", "stratum__key", "revision")]


def _counted_answers(study_id: int, scenario_ids: list[int]) -> dict[int, Answers]:
    """The answers by the id of the cell whose seat they fill."""
    found: defaultdict[int, Answers] = defaultdict(Answers)
    rows = Response.objects.filter(
        study_id=study_id, scenario_id__in=scenario_ids, standing=Standing.COUNTED
    ).order_by()
    for quota_id, choice, response_ms in rows.values_list("quota_id", "choice", "response_ms").iterator():
        answers = found[quota_id or 0]  # The database lets no answer count without a seat.
        answers.counts[choice] += 1
        if response_ms is not None:
            answers.times.append(response_ms)
    return found


def _groups(cells: Iterable[Cell], answers: Mapping[int, Answers]) -> list[Group]:
    """One group per row to store: everybody first, then each stratum apart."""
    by_row: dict[tuple[int, str], list[Cell]] = {}
    for cell in cells:
        by_row.setdefault((cell.scenario_id, EVERYBODY), []).append(cell)
        if cell.stratum != EVERYBODY:
            by_row[cell.scenario_id, cell.stratum] = [cell]
    return [
        Group(
            scenario_id=scenario_id,
            stratum=stratum,
            revision=sum(cell.revision for cell in members),
            answers=_merged(answers[cell.quota_id] for cell in members if cell.quota_id in answers),
        )
        for (scenario_id, stratum), members in by_row.items()
    ]


def _merged(parts: Iterable[Answers]) -> Answers:
    whole = Answers()
    for part in parts:
        whole.counts.update(part.counts)
        whole.times.extend(part.times)
    return whole


def _tally(counts: Mapping[str, int], *, poles: Poles) -> Tally:
    """The counts with a place for every option, chosen or not, and the sides its actions stand on."""
    positive, negative = sides(poles)
    options = [*poles, NEUTRAL, NOT_APPLICABLE]
    return Tally(counts={**dict.fromkeys(options, 0), **counts}, positive=positive, negative=negative)


def _row(study_id: int, group: Group, *, counts: Mapping[str, int], summary: Summary, now: datetime) -> Distribution:
    return Distribution(
        study_id=study_id,
        scenario_id=group.scenario_id,
        stratum=group.stratum,
        question=QUESTION,
        counts=dict(counts),
        n=summary.n,
        weighted_n=summary.weighted_n,
        share_positive=summary.share_positive,
        low=summary.low,
        high=summary.high,
        interval=summary.interval,
        majority=summary.majority or "",
        agreement=summary.agreement,
        p_majority=summary.p_majority,
        entropy_bits=summary.entropy_bits,
        consensus=summary.consensus_votes or "",
        consensus_posterior=summary.consensus_posterior or "",
        median_response_ms=float(median(group.answers.times)) if group.answers.times else None,
        revision=group.revision,
        updated_at=now,
    )
