"""`demo`: an empty database becomes a running site with a study that a simulated crowd has filled."""

import os
import signal
import subprocess
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, connections
from django.utils import timezone
from rich.console import Console

from analysis import recount
from analysis.demonstration import content, results, site
from annotation.crowd.running import CrowdPlan
from annotation.management.commands.crowd import play
from annotation.models import Study

ANNOTATORS = 46
SEED = 2026


class Command(BaseCommand):
    help = "Set up a demonstration study, serve it, and let a simulated crowd fill it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000))
        parser.add_argument("--no-serve", action="store_true", help="stop after the crowd")

    def handle(self, *args: Any, **options: Any) -> None:
        console = Console()
        serves = not options["no_serve"] and os.environ.get("SERVE", "1") != "0"
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            faults = self._demonstrate(console, port=options["port"], serves=serves)
        except content.DemonstrationFailed as reason:
            raise CommandError(str(reason)) from None
        except KeyboardInterrupt:
            console.print("Stopped. Everything is kept; `make demo` goes on from here.")
            return
        if faults:
            raise CommandError(f"The demonstration found {len(faults)} faults.")

    def _demonstrate(self, console: Console, *, port: int, serves: bool) -> list[str]:
        console.print(f"[bold]{settings.SITE_NAME}[/]  on {_database()}")
        call_command("migrate", verbosity=0)
        study = content.prepare(now=timezone.now())
        door = content.prepare_door(now=timezone.now())
        log = Path(settings.VAR_DIR) / "demo.log"
        with site.running(port=port, log=log) as server:
            url = f"http://127.0.0.1:{port}"
            self._fill(study, url, console)
            verdict = results.judge(study, is_fresh=results.wait_until_aggregated(study))
            results.show(study, verdict, console)
            _print_doors(study, door, url, console)
            if serves:
                console.print("\nServing. Stop with Ctrl-C.")
                connections.close_all()
                _wait(server)
        return verdict.faults

    def _fill(self, study: Study, url: str, console: Console) -> None:
        missing = recount.unfilled(study)
        if not missing:
            console.print("The study is filled already; nobody new is sent.")
            return
        arrived = study.participations.count()
        plan = CrowdPlan(
            study=study.slug,
            url=url,
            annotators=ANNOTATORS,
            seed=SEED + arrived,
            until_full=True,
        )
        console.print(f"{missing} seats are open. A simulated crowd takes part over HTTP:")
        report = play(plan, console)
        for problem in report.problems[:3]:
            console.print(f"[bold red]stuck[/] {problem}")


def _database() -> str:
    if connection.vendor == "sqlite":
        return "SQLite (one process; good for trying out and small studies)"
    return f"{connection.display_name} (several processes and hosts)"


def _print_doors(study: Study, door: Study, url: str, console: Console) -> None:
    console.print(f"""
[bold]Take part[/]          {url}/s/{door.slug}/
[bold]Researchers[/]        {url}/studies/{study.slug}/    {content.RESEARCHER}
[bold]Study admins[/]       {url}/admin/    {content.ADMIN}
[bold]API[/]                {url}/api/docs/
[bold]Password of both[/]   {content.PASSWORD}""")


def _wait(server: "subprocess.Popen[bytes]") -> None:
    server.wait()
    raise content.DemonstrationFailed("The site stopped by itself; see var/demo.log.")
