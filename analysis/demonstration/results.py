"""What the demonstration shows at its end, and whether it kept its promises."""

import time
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from analysis import recount
from analysis.models import Agreement, Distribution
from annotation.models import Study

FRESH_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Verdict:
    """Every fault found; none means that the quota was filled exactly and the aggregates equal a recount."""

    faults: list[str]


def wait_until_aggregated(study: Study) -> bool:
    """Whether the worker brought the aggregates up to date within FRESH_SECONDS."""
    deadline = time.monotonic() + FRESH_SECONDS
    while time.monotonic() < deadline:
        if recount.is_fresh(study):
            return True
        time.sleep(0.2)
    return False


def judge(study: Study, *, is_fresh: bool) -> Verdict:
    faults = recount.ledger_faults(study)
    missing = recount.unfilled(study)
    if missing:
        faults.append(f"{missing} seats are not filled")
    if not is_fresh:
        faults.append(f"the worker did not aggregate within {FRESH_SECONDS} s")
    return Verdict(faults=faults + recount.distribution_faults(study))


def show(study: Study, verdict: Verdict, console: Console) -> None:
    console.print(_quota_table(study, verdict))
    console.print(_consensus_table(study))
    for fault in verdict.faults[:10]:
        console.print(f"[bold red]fault[/] {fault}")


def _quota_table(study: Study, verdict: Verdict) -> Table:
    rows = list(study.quotas.values_list("accepted", "target"))
    exact = sum(accepted == target for accepted, target in rows)
    counted = study.responses.filter(standing="counted").count()
    table = Table(title=f"“{study.title}”", show_header=False, title_justify="left")
    table.add_row("scenarios with exactly their quota", f"{exact} of {len(rows)}")
    table.add_row("answers counted", str(counted))
    table.add_row("surplus answers (kept, not counted)", str(study.responses.filter(standing="surplus").count()))
    for row in Agreement.objects.filter(study=study, slice="all").order_by("coefficient"):
        value = "undefined" if row.estimate is None else f"{row.estimate:.3f}"
        interval = "" if row.low is None or row.high is None else f"  [{row.low:.3f}, {row.high:.3f}]"
        table.add_row(row.coefficient.replace("_", " "), value + interval)
    table.add_row("aggregates equal a recount", "no" if verdict.faults else "yes")
    return table


def _consensus_table(study: Study) -> Table:
    table = Table(title="Where people agree and where they divide", title_justify="left")
    for heading, justify in (
        ("scenario", "left"),
        ("shows the trait", "right"),
        ("95 %", "left"),
        ("", "left"),
    ):
        table.add_column(heading, justify=justify)  # type: ignore[arg-type]
    ranked = Distribution.objects.filter(study=study, stratum="all", share_positive__isnull=False)
    rows = list(ranked.select_related("scenario").order_by("-share_positive"))
    for row in [*rows[:4], *rows[len(rows) // 2 - 2 : len(rows) // 2 + 2], *rows[-4:]] if len(rows) > 12 else rows:
        share, low, high = row.share_positive or 0.0, row.low or 0.0, row.high or 0.0
        table.add_row(row.scenario.key, f"{share:.0%}", f"{low:.0%} to {high:.0%}", _bar(share))
    return table


def _bar(share: float, width: int = 16) -> str:
    filled = round(share * width)
    return f"[cyan]{'█' * filled}[/][yellow]{'█' * (width - filled)}[/]"
