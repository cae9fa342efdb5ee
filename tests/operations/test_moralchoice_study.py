"""A study of real size: 200 MoralChoice scenarios, quota 10, 220 people over HTTP, on the production processes."""

import csv
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.whole_site import ROOT, Site, running_site, wait_for

pytestmark = [pytest.mark.redis, pytest.mark.slow]

FILES = ("moralchoice_low_ambiguity.csv", "moralchoice_high_ambiguity.csv")
MAPPING = "key=scenario_id,text=context,action_a=action1,action_b=action2"
ASKED, QUOTA = 200, 10


@pytest.fixture
def moralchoice() -> Path:
    folder = ROOT.parent / "shared" / "data" / "moralchoice"
    if not folder.is_dir():
        pytest.skip("the MoralChoice files are not on this machine")
    return folder


@pytest.fixture
def site(empty_postgres: str, redis_url: str, tmp_path: Path) -> Iterator[Site]:
    with running_site(database=empty_postgres, redis=redis_url, folder=tmp_path) as running:
        yield running


def test_every_scenario_gets_exactly_its_quota_and_the_distributions_equal_a_recount(
    site: Site, moralchoice: Path, tmp_path: Path
) -> None:
    for name in FILES:
        site.manage("import_scenarios", str(moralchoice / name), "--set", "moralchoice", "--map", MAPPING)
    some = tmp_path / "some.csv"
    with (moralchoice / FILES[1]).open(newline="") as source, some.open("w", newline="") as target:
        rows = csv.reader(source)
        csv.writer(target).writerows([next(rows), *(next(rows) for _ in range(ASKED))])
    site.manage("import_scenarios", str(some), "--set", "asked", "--map", MAPPING)
    study = tmp_path / "study.json"
    document = {"slug": "moral", "title": "Moral", "sets": ["asked"], "quota": QUOTA, "tasks_per_annotator": 10}
    study.write_text(json.dumps(document))
    site.manage("import_study", str(study))
    site.manage("open_study", "moral")

    site.manage("crowd", "--study", "moral", "--annotators", "220", "--url", site.url, "--seed", "11")

    token = site.manage("create_token", "reader@example.org").strip().splitlines()[-1]
    counted = [row for row in records(site, "responses", token) if row["counted"]]
    assert set(Counter(row["scenario"] for row in counted).values()) == {QUOTA}
    assert len(counted) == ASKED * QUOTA
    assert len({(row["participant"], row["scenario"]) for row in counted}) == len(counted)
    wait_for(
        lambda: sum(int(str(row["n"])) for row in records(site, "distributions", token)) == len(counted),
        what="aggregation by the worker",
    )
    recount = Counter((row["scenario"], row["choice"]) for row in counted)
    stored = {
        (row["scenario"], option.removeprefix("action_")): n
        for row in records(site, "distributions", token)
        for option, n in dict(row["counts"]).items()  # type: ignore[call-overload]
        if n
    }
    assert stored == dict(recount)


def records(site: Site, kind: str, token: str) -> list[dict[str, object]]:
    lines = site.get(f"/api/v1/studies/moral/{kind}/?format=jsonl", token=token).splitlines()
    return [json.loads(line) for line in lines if line]
