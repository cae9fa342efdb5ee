"""`manage.py import_scenarios FILE --set NAME`: scenarios from CSV, JSONL or Parquet, all rows or none."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from scenarios import importing, mapping


class Command(BaseCommand):
    help = (
        "Import scenarios from a CSV, JSONL or Parquet file. Nothing is written unless every row is good;"
        " importing the same file again changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--set", required=True, metavar="NAME", help="slug or name; created if new")
        parser.add_argument("--language", default="en", help="of the texts: en, pt-BR (default: en)")
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="FIELD=COLUMN,...",
            help="which column is which field: key=scenario_id,text=context,action_a=action1",
        )
        parser.add_argument("--create-traits", action="store_true", help="add traits that do not exist yet")
        parser.add_argument("--dry-run", action="store_true", help="do everything, report it, write nothing")
        parser.add_argument("--json", action="store_true", help="the report as JSON on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            columns = mapping.parse(options["map"])
        except mapping.BadMapping as problem:
            raise CommandError(str(problem)) from problem
        report = importing.import_file(
            options["file"],
            set_name=options["set"],
            language=options["language"],
            mapping=columns,
            dry_run=options["dry_run"],
            create_traits=options["create_traits"],
        )
        if options["json"]:
            self.stdout.write(json.dumps(report.as_dict(), ensure_ascii=False, indent=2))
        else:
            for line in _lines(report):
                self.stdout.write(line)
        if report.issues:
            raise CommandError(f"Nothing was imported: {report.issues.summary()}.")


def _lines(report: importing.Report) -> list[str]:
    lines = [f"{report.file} ({report.format or 'not readable'}, {report.rows:,} rows) into set {report.set}"]
    if report.issues:
        return lines + [f"  {line}" for line in report.issues.lines()]
    lines.append(
        f"  {report.created:,} created, {report.updated:,} updated, {report.new_versions:,} new versions,"
        f" {report.unchanged:,} unchanged"
    )
    if report.created_traits:
        lines.append(f"  Traits added: {', '.join(report.created_traits)}")
    if report.ignored_columns:
        lines.append(f"  Columns not used: {', '.join(report.ignored_columns)}")
    if report.warnings:
        lines.append("  Worth a look:")
        lines += [f"    {line}" for line in report.warnings.lines()]
    if report.dry_run:
        lines.append("  Dry run: nothing was written.")
    return lines
