"""`manage.py open_study SLUG`: pre-flight, then let annotators in."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from annotation import life_cycle, preflight, states
from annotation.models import Study


class Command(BaseCommand):
    help = "Check a study, list every problem, and open it if none is an error."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", metavar="SLUG")
        parser.add_argument("--dry-run", action="store_true", help="only check")

    def handle(self, *args: Any, **options: Any) -> None:
        study = Study.objects.filter(slug=options["slug"]).first()
        if study is None:
            raise CommandError(f"There is no study “{options['slug']}”.")
        found = preflight.problems(study)
        for problem in found:
            self.stdout.write(f"  {problem.level}: {problem.message}")
        if options["dry_run"]:
            self.stdout.write("It would open." if not preflight.errors(found) else "It would not open.")
            return
        try:
            life_cycle.open_study(study, now=timezone.now())
        except life_cycle.NotReady as error:
            raise CommandError(f"Not opened; errors that stand in the way: {len(error.problems)}.") from error
        except states.TransitionRefused as error:
            raise CommandError(f"Not opened. {error}") from error
        self.stdout.write(f"“{study.title}” is open at /s/{study.slug}/.")
