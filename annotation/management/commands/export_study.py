"""`manage.py export_study SLUG`: a study's whole configuration as one JSON document."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from annotation import configuration, study_document
from annotation.models import Study


class Command(BaseCommand):
    help = "Write a study's configuration as JSON to standard output; `import_study` reads it again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", metavar="SLUG", nargs="?")
        parser.add_argument("--schema", action="store_true", help="write the JSON Schema of such documents instead")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["schema"]:
            self.stdout.write(json.dumps(study_document.json_schema(), ensure_ascii=False, indent=2))
            return
        if not options["slug"]:
            raise CommandError("Name the study: export_study SLUG.")
        study = Study.objects.filter(slug=options["slug"]).first()
        if study is None:
            raise CommandError(f"There is no study “{options['slug']}”.")
        self.stdout.write(json.dumps(configuration.export_study(study), ensure_ascii=False, indent=2))
