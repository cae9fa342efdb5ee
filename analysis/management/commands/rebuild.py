"""`manage.py rebuild`: drop and recompute everything derived, and say whether anything changed by it."""

import time
from datetime import UTC, datetime
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser

from analysis.rebuilding import RebuildReport, StudyBusy, rebuild
from annotation.models import Study

WAIT_SECONDS: Final = 120.0
FAULTS_SHOWN: Final = 10


class Command(BaseCommand):
    help = (
        "Drop and recompute distributions and agreement from the response log, print their digests, and "
        "check the seat ledger against the log. Fails if up-to-date tables changed or the ledger is wrong."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--study", metavar="SLUG", help="only this study (default: all of them)")

    def handle(self, *_args: Any, **options: Any) -> None:
        studies = Study.objects.order_by("slug")
        if options["study"]:
            studies = studies.filter(slug=options["study"])
        if not studies and options["study"]:
            raise CommandError(f"There is no study with the short name {options['study']!r}.")
        faulty = [study.slug for study in studies if not self._rebuild(study)]
        if faulty:
            raise CommandError(f"Something was wrong in: {', '.join(faulty)}. See above.")

    def _rebuild(self, study: Study) -> bool:
        """Rebuild one study and print what came of it; False if something was wrong."""
        report = _rebuild_when_free(study)
        self.stdout.write(f"{study.slug}: {report.scenarios} scenarios")
        for what, before, after in zip(("distributions", "agreement"), report.before, report.after, strict=True):
            self.stdout.write(f"  {what:<14}{after}  {_verdict(report, before == after)}")
        self._write_ledger(report)
        return not report.is_surprising and not report.ledger_faults

    def _write_ledger(self, report: RebuildReport) -> None:
        if not report.ledger_faults:
            self.stdout.write("  ledger        every accepted seat is one counted answer")
            return
        self.stdout.write(self.style.ERROR(f"  ledger        {len(report.ledger_faults)} rows are wrong"))
        for fault in report.ledger_faults[:FAULTS_SHOWN]:
            self.stdout.write(
                f"    scenario {fault.scenario}, stratum {fault.stratum}: {fault.accepted} seats accepted, "
                f"{fault.counted} answers counted"
            )


def _verdict(report: RebuildReport, is_same: bool) -> str:
    if is_same:
        return "unchanged"
    return "brought up to date" if report.was_stale else "CHANGED although it was up to date"


def _rebuild_when_free(study: Study) -> RebuildReport:
    give_up_at = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            return rebuild(study.pk, now=datetime.now(UTC))
        except StudyBusy as busy:
            if time.monotonic() > give_up_at:
                raise CommandError(f"{study.slug}: {busy}") from busy
            time.sleep(0.2)
