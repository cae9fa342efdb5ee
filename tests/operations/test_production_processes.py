"""The production shape, started by hand: PostgreSQL, Redis, web, worker and clock carry a study to its end.

Every number is taken from outside: over HTTP and from the exports.
"""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.whole_site import Site, running_site, wait_for

pytestmark = [pytest.mark.redis, pytest.mark.slow]

SCENARIOS, QUOTA, TASKS, PEOPLE = 24, 5, 8, 17


@pytest.fixture
def site(empty_postgres: str, redis_url: str, tmp_path: Path) -> Iterator[Site]:
    with running_site(database=empty_postgres, redis=redis_url, folder=tmp_path) as running:
        yield running


def records(site: Site, kind: str, token: str) -> list[dict[str, object]]:
    lines = site.get(f"/api/v1/studies/small/{kind}/?format=jsonl", token=token).splitlines()
    return [json.loads(line) for line in lines if line]


def test_a_study_runs_from_import_to_export_on_separate_processes(site: Site, tmp_path: Path) -> None:
    scenarios = tmp_path / "scenarios.csv"
    lines = [f"s{n},Situation {n} of the small study.,You help ({n}).,You wait ({n})." for n in range(SCENARIOS)]
    scenarios.write_text("key,text,action_a,action_b\n" + "\n".join(lines) + "\n")
    study = tmp_path / "study.json"
    document = {"slug": "small", "title": "Small", "sets": ["small"], "quota": QUOTA, "tasks_per_annotator": TASKS}
    study.write_text(json.dumps(document))
    site.manage("import_scenarios", str(scenarios), "--set", "small")
    site.manage("import_study", str(study))
    site.manage("open_study", "small")

    site.manage("crowd", "--study", "small", "--annotators", str(PEOPLE), "--url", site.url, "--seed", "4")

    token = site.manage("create_token", "reader@example.org").strip().splitlines()[-1]
    responses = records(site, "responses", token)
    counted = [row for row in responses if row["counted"]]
    assert Counter(row["scenario"] for row in counted) == {f"s{n}": QUOTA for n in range(SCENARIOS)}
    assert len({(row["participant"], row["scenario"]) for row in counted}) == len(counted)
    wait_for(
        lambda: sum(int(str(row["n"])) for row in records(site, "distributions", token)) == len(counted),
        what="aggregation by the worker",
    )
    recount = Counter((row["scenario"], row["choice"]) for row in counted)
    for row in records(site, "distributions", token):
        counts = row["counts"]
        assert isinstance(counts, dict)
        named = {key.removeprefix("action_"): n for key, n in counts.items() if n}
        assert named == {choice: n for (key, choice), n in recount.items() if key == row["scenario"]}
    ready = json.loads(site.get("/readyz"))
    assert ready["status"] == "ok", ready


def test_the_participants_path_needs_no_worker_and_no_redis(empty_postgres: str, tmp_path: Path) -> None:
    nowhere = "redis://127.0.0.1:1/0"
    with running_site(database=empty_postgres, redis=nowhere, folder=tmp_path, has_background=False) as site:
        scenarios = tmp_path / "scenarios.csv"
        scenarios.write_text("key,text,action_a,action_b\ns1,One situation.,You help.,You wait.\n")
        study = tmp_path / "study.json"
        study.write_text(
            json.dumps({"slug": "small", "title": "S", "sets": ["small"], "quota": 2, "tasks_per_annotator": 1})
        )
        for command in (
            ("import_scenarios", str(scenarios), "--set", "small"),
            ("import_study", str(study)),
            ("open_study", "small"),
        ):
            site.manage(*command)

        site.manage("crowd", "--study", "small", "--annotators", "2", "--url", site.url, "--profile", "careful=1")

        assert "degraded" in site.get("/readyz")
        site.manage("rebuild", "--study", "small")
