"""docs/api.md says what the code does: addresses, rights, filters. (The record tables are made from code.)"""

from pathlib import Path

import pytest

from accounts.roles import RIGHTS, RIGHTS_OF_ROLE
from analysis.api import filters
from analysis.api.urls import urlpatterns

DOCUMENT = Path("docs/api.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("role", list(RIGHTS_OF_ROLE))
def test_the_table_of_rights_is_current(role: str) -> None:
    cells = ["yes" if right in RIGHTS_OF_ROLE[role] else "" for right in RIGHTS]

    assert f"| {role} | {' | '.join(cells)} |".replace("|  |", "| |").replace("|  |", "| |") in DOCUMENT


def test_every_address_is_named() -> None:
    for entry in urlpatterns[:-1]:
        address = str(entry.pattern).replace("<slug:study>", "{study}")
        assert address in DOCUMENT


@pytest.mark.parametrize(
    "filterset",
    [
        filters.DistributionFilter,
        filters.ResponseFilter,
        filters.ParticipantFilter,
        filters.AgreementFilter,
        filters.ExclusionFilter,
        filters.ScenarioFilter,
        filters.StudyFilter,
    ],
)
def test_every_filter_is_named(filterset: type[filters.RecordFilter]) -> None:
    assert [name for name in filterset.base_filters if f"`{name}`" not in DOCUMENT and name != "include"] == []
