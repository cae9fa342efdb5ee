"""Serving: whole participants over keep-alive connections against PostgreSQL, all arriving at once.

200 scenarios, ten tasks each, no think time, client on the same machine. A row is the median of RUNS runs with its
range; every run uses a new study and must fill its seats exactly. The floor beside them is `/healthz` of the same
server, asked by the same client over as many connections: a Django page without a query, behind every middleware.
"""

import asyncio
import json
import resource
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

import aiohttp

from annotation.crowd.running import CrowdPlan, CrowdReport, run
from benchmarks.report import machine, publish, spread
from tests.postgres import fresh_database, postgresql
from tests.whole_site import Site, running_site

SCENARIOS, TASKS, RUNS, SEED = 200, 10, 3, 1
CROWDS = (20, 100, 300)
COLUMNS = ("people at once", "answers/s", "p50 ms", "p95 ms", "floor pages/s", "of the floor", "client CPU", "errors")
NO_REDIS = "redis://127.0.0.1:1/0"


def main() -> None:
    before = machine()
    with (
        tempfile.TemporaryDirectory() as folder,
        postgresql() as server,
        fresh_database(server.url) as database,
        running_site(database=database, redis=NO_REDIS, folder=Path(folder), has_background=False) as site,
    ):
        _import_scenarios(site)
        floor = [asyncio.run(_floor(site.url)) for _run in range(RUNS)]
        measured = {people: [_measure(site, people, index) for index in range(RUNS)] for people in CROWDS}
    rows = [_row(people, runs, floor) for people, runs in measured.items()]
    target = publish("serving", COLUMNS, rows, {"before": before, "seed": SEED, "floor": floor, "runs": measured})
    print(f"written to {target}")


def _import_scenarios(site: Site) -> None:
    lines = (
        f"s{n},Situation {n}: a friend asks you for help.,You help ({n}).,You wait ({n})." for n in range(SCENARIOS)
    )
    source = site.folder / "scenarios.csv"
    source.write_text("key,text,action_a,action_b\n" + "\n".join(lines) + "\n", encoding="utf-8")
    site.manage("import_scenarios", str(source), "--set", "bench")


def _measure(site: Site, people: int, index: int) -> dict[str, Any]:
    slug = f"bench-{people}-{index}"
    study = site.folder / f"{slug}.json"
    quota = people * TASKS // SCENARIOS
    study.write_text(
        json.dumps({"slug": slug, "title": slug, "sets": ["bench"], "quota": quota, "tasks_per_annotator": TASKS})
    )
    site.manage("import_study", str(study))
    site.manage("open_study", slug)
    used = resource.getrusage(resource.RUSAGE_SELF)
    plan = CrowdPlan(slug, site.url, people, SEED + index, mix={"careful": 1.0}, at_once=people)
    report = run(plan)
    spent = resource.getrusage(resource.RUSAGE_SELF)
    seconds = (spent.ru_utime - used.ru_utime) + (spent.ru_stime - used.ru_stime)
    return _figures(report, client_cpu=seconds / report.seconds, expected=quota * SCENARIOS)


def _figures(report: CrowdReport, *, client_cpu: float, expected: int) -> dict[str, Any]:
    return {
        "answers": report.answers,
        "expected": expected,
        "seconds": report.seconds,
        "answers_per_second": report.answers / report.seconds,
        "p50_ms": 1000 * report.percentile(50),
        "p95_ms": 1000 * report.percentile(95),
        "client_cpu": client_cpu,
        "errors": report.endings["stuck"] + (report.answers != expected),
        "problems": report.problems[:3],
    }


async def _floor(url: str, *, connections: int = 20, seconds: float = 3.0) -> float:
    """Pages per second of /healthz over keep-alive connections."""
    pages = 0
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=connections)) as session:
        stop = perf_counter() + seconds

        async def ask() -> None:
            nonlocal pages
            while perf_counter() < stop:
                async with session.get(f"{url}/healthz") as reply:
                    await reply.read()
                pages += 1

        await asyncio.gather(*(ask() for _connection in range(connections)))
    return pages / seconds


def _row(people: int, runs: list[dict[str, Any]], floor: list[float]) -> dict[str, str]:
    def over(name: str) -> list[float]:
        return [one[name] for one in runs]

    ratio = sorted(over("answers_per_second"))[len(runs) // 2] / sorted(floor)[len(floor) // 2]
    return {
        "people at once": str(people),
        "answers/s": spread(over("answers_per_second")),
        "p50 ms": spread(over("p50_ms")),
        "p95 ms": spread(over("p95_ms")),
        "floor pages/s": spread(floor),
        "of the floor": f"{ratio:.0%}",
        "client CPU": spread([100 * value for value in over("client_cpu")]) + " %",
        "errors": str(int(sum(over("errors")))),
    }
