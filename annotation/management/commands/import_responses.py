"""`manage.py import_responses FILE --study SLUG`: answers that were given elsewhere, all rows or none."""

import json
from argparse import ArgumentParser
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from annotation import recorded_answers
from annotation.models import Study
from scenarios import mapping


class Command(BaseCommand):
    help = (
        "Import recorded answers (CSV, JSONL, Parquet) into a study: columns scenario, participant, choice and, where"
        " there are any, answered_at, response_ms, confidence, rationale, stratum. A later answer of the same person"
        " to the same scenario replaces the earlier one. neutral and not_applicable are always taken, because the"
        " answers were not given here. Importing the same file again changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--study", required=True, metavar="SLUG")
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="FIELD=COLUMN,...",
            help="which column is which field: scenario=item_id,participant=rater,choice=Q_overall",
        )
        parser.add_argument(
            "--values",
            action="append",
            default=[],
            metavar="WORD=CHOICE,...",
            help="the file's words for choices: Yes=safe,No=unsafe; write --values=-1=no where one begins with -",
        )
        parser.add_argument("--dry-run", action="store_true", help="do everything, report it, write nothing")
        parser.add_argument("--json", action="store_true", help="the report as JSON on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            columns = mapping.parse(options["map"])
            values = mapping.parse(options["values"], option="--values")
            report = recorded_answers.import_file(
                options["file"],
                study=_study(options["study"]),
                now=timezone.now(),
                mapping=columns,
                values=values,
                dry_run=options["dry_run"],
            )
        except (mapping.BadMapping, recorded_answers.StudyTakesNoAnswers) as problem:
            raise CommandError(str(problem)) from problem
        if options["json"]:
            self.stdout.write(json.dumps(report.as_dict(), ensure_ascii=False, indent=2))
        else:
            for line in _lines(report):
                self.stdout.write(line)
        if report.issues:
            raise CommandError(f"Nothing was imported: {report.issues.summary()}.")


def _study(slug: str) -> Study:
    study = Study.objects.filter(slug=slug).first()
    if study is None:
        closest = get_close_matches(slug, Study.objects.values_list("slug", flat=True), n=1)
        hint = f" Did you mean “{closest[0]}”?" if closest else ""
        raise CommandError(f"There is no study “{slug}”.{hint}")
    return study


def _lines(report: recorded_answers.Report) -> list[str]:
    lines = [f"{report.file} ({report.format or 'not readable'}, {report.rows:,} rows) into study {report.study}"]
    if report.issues:
        return lines + [f"  {line}" for line in report.issues.lines()]
    lines.append(
        f"  {report.counted:,} counted, {report.surplus:,} surplus, {report.replaced:,} replaced by a later answer,"
        f" {report.excluded:,} of excluded people, {report.unchanged:,} known before"
    )
    lines.append(
        f"  {report.participants:,} participants ({report.new_participants:,} new), {report.scenarios:,} scenarios"
    )
    if report.superseded:
        lines.append(f"  {report.superseded:,} earlier answers were replaced")
    if report.ignored_columns:
        lines.append(f"  Columns not used: {', '.join(report.ignored_columns)}")
    if report.dry_run:
        lines.append("  Dry run: nothing was written.")
    return lines
