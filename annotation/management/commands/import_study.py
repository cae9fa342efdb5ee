"""`manage.py import_study FILE`: create or update a study from its JSON document."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from annotation import configuration, preflight, study_document


class Command(BaseCommand):
    help = (
        'Create a study from a JSON document, or update the one with its "slug". At least: {"slug", "title", '
        '"sets": [...]}; docs/study.schema.json describes the rest. All of it is taken, or nothing.'
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="the document; - reads standard input")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        try:
            document = study_document.read(_read(options["file"]))
            study = configuration.import_study(document, now=now)
        except study_document.Unreadable as error:
            raise CommandError(str(error)) from error
        except configuration.ConfigurationInvalid as error:
            listed = "\n".join(f"  {problem}" for problem in error.problems)
            raise CommandError(f"Nothing was imported, because:\n{listed}") from error
        done = "Created" if study.created_at >= now else "Updated"
        self.stdout.write(f"{done} the study “{study.title}” ({study.slug}, {study.state}).")
        for problem in preflight.problems(study):
            self.stdout.write(f"  {problem.level}: {problem.message}")


def _read(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read(study_document.MAX_BYTES + 1)
    try:
        with Path(file).open("rb") as stream:
            return stream.read(study_document.MAX_BYTES + 1)
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
