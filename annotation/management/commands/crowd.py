"""`crowd`: let simulated annotators take part in a study over HTTP."""

import secrets
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from annotation.crowd import behaviour
from annotation.crowd.running import CrowdPlan, CrowdReport, run


class Command(BaseCommand):
    help = "Let simulated annotators take part in a study over HTTP."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--study", required=True, help="short name of the study")
        parser.add_argument("--annotators", type=int, required=True, help="how many people arrive")
        parser.add_argument("--profile", default="", help="shares, such as careful=.8,hasty=.1,vanishing=.1")
        parser.add_argument("--url", default="http://127.0.0.1:8000", help="where the site answers")
        parser.add_argument("--seed", type=int, default=None, help="makes people and their answers repeatable")
        parser.add_argument("--at-once", type=int, default=20, help="how many take part at the same time")
        parser.add_argument("--until-full", action="store_true", help="send more people until the study is full")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            mix = behaviour.read_mix(options["profile"]) if options["profile"] else dict(behaviour.DEFAULT_MIX)
        except behaviour.BadMix as reason:
            raise CommandError(str(reason)) from None
        if options["annotators"] < 1 or options["at_once"] < 1:
            raise CommandError("A crowd needs at least one person.")
        plan = CrowdPlan(
            study=options["study"],
            url=options["url"],
            annotators=options["annotators"],
            seed=secrets.randbelow(10**6) if options["seed"] is None else options["seed"],
            mix=mix,
            at_once=options["at_once"],
            until_full=options["until_full"],
        )
        report = play(plan, Console())
        if report.endings["stuck"]:
            raise CommandError(f"{report.endings['stuck']} people got stuck; the first: {report.problems[0]}")


def play(plan: CrowdPlan, console: Console, *, total: int | None = None) -> CrowdReport:
    """Run the crowd under a progress bar and print how it fared."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=40),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=False) as progress:
        bar = progress.add_task("answers", total=total)
        report = run(plan, on_answer=lambda: progress.advance(bar))
        progress.update(bar, total=total or report.answers)
    console.print(_table(plan, report))
    return report


def _table(plan: CrowdPlan, report: CrowdReport) -> Table:
    table = Table(title=f"Crowd in “{plan.study}”, seed {plan.seed}", show_header=False, title_justify="left")
    table.add_row("people", str(len(report.journeys)))
    for ending, people in sorted(report.endings.items()):
        table.add_row(f"  {ending}", str(people))
    table.add_row("answers acknowledged", str(report.answers))
    table.add_row("answers per second", f"{report.answers / max(report.seconds, 0.001):.0f}")
    table.add_row("answer to next page, median", f"{1000 * report.percentile(50):.0f} ms")
    table.add_row("answer to next page, 95 %", f"{1000 * report.percentile(95):.0f} ms")
    return table
