"""Recounting: the aggregates against the response log, by a second way that shares no code with the first."""

from collections import defaultdict

from django.db.models import Count, F, Sum

from analysis import aggregation
from analysis.models import Distribution
from annotation.models import Quota, Response, Study


def ledger_faults(study: Study) -> list[str]:
    """Rows whose accepted seats differ from the counted answers, or that hold more than their target."""
    counted = dict(
        Response.objects.filter(study=study, standing="counted")
        .order_by()
        .values_list("quota_id")
        .annotate(answers=Count("id"))
    )
    return [
        f"{quota.scenario.key} ({quota.stratum.key}): the ledger says {quota.accepted} accepted and "
        f"{quota.reserved} reserved of {quota.target}, the log {counted.get(quota.pk, 0)}"
        for quota in study.quotas.select_related("scenario", "stratum")
        if quota.accepted != counted.get(quota.pk, 0)
        or (quota.target is not None and quota.accepted + quota.reserved > quota.target)
    ]


def unfilled(study: Study) -> int:
    """Seats that are not accepted; 0 for a study without limit."""
    limited = Quota.objects.filter(study=study, target__isnull=False)
    return limited.aggregate(seats=Sum(F("target") - F("accepted")))["seats"] or 0


def distribution_faults(study: Study) -> list[str]:
    """Scenarios whose stored counts differ from a plain count of the log, everybody taken together."""
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    rows = (
        Response.objects.filter(study=study, standing="counted")
        .order_by()
        .values_list("scenario_id", "choice")
        .annotate(answers=Count("id"))
    )
    for scenario_id, choice, answers in rows:
        counts[scenario_id][choice] = answers
    stored = Distribution.objects.filter(study=study, stratum="all", question="choice").select_related("scenario")
    faults = [
        f"{row.scenario.key}: stored {row.counts}, counted {counts.get(row.scenario_id, {})}"
        for row in stored
        if {key: n for key, n in row.counts.items() if n} != counts.get(row.scenario_id, {})
    ]
    missing = set(counts) - {row.scenario_id for row in stored}
    return faults + [f"scenario {pk} has answers but no distribution" for pk in sorted(missing)]


def is_fresh(study: Study) -> bool:
    """Whether distributions and agreement were computed from the ledger as it is now."""
    return study.pk not in aggregation.stale_studies()
