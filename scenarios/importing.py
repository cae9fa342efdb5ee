"""Brings a file of scenarios into a set: all rows or none, idempotent by (set, key), in bounded memory.

The file is read twice. First every row is checked, so that a file with problems never takes a lock; then
the rows are written batch by batch in one transaction. A scenario that no study has asked is updated in
place; one that is locked keeps its content and gets a new version.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from django.db import transaction

from scenarios import mapping as mappings
from scenarios import packs
from scenarios.issues import Issue, IssueLog
from scenarios.models import ScenarioSet, Trait
from scenarios.rows import Source, UnreadableFile
from scenarios.sources import opened
from scenarios.storing import Counts, Storing, slug_key
from scenarios.validation import FIELDS, ParsedScenario, Validator

T = TypeVar("T")

BATCH = 1_000
SLUG_LIMIT = 80
# Published collections hold single items whose two actions are the same (MoralChoice: 1 of 680). Up to this
# share of the rows they are taken and named in a warning; above it, the mapping or the file is wrong.
SAME_ACTIONS_TOLERATED = 0.01

_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*\Z")


@dataclass(slots=True, kw_only=True)
class Report:
    """What an import did, or would have done (`dry_run`), or why it did nothing (`issues`).

    `warnings` name rows that were taken although something about them should be looked at.
    """

    file: str
    set: str
    language: str
    dry_run: bool
    format: str = ""
    rows: int = 0
    created: int = 0
    updated: int = 0
    new_versions: int = 0
    unchanged: int = 0
    ignored_columns: tuple[str, ...] = ()
    created_traits: tuple[str, ...] = ()
    issues: IssueLog = field(default_factory=IssueLog)
    warnings: IssueLog = field(default_factory=IssueLog)

    @property
    def is_written(self) -> bool:
        return not self.issues and not self.dry_run

    def as_dict(self) -> dict[str, Any]:
        plain = (
            "file", "format", "set", "language", "dry_run", "is_written", "rows",
            "created", "updated", "new_versions", "unchanged", "ignored_columns", "created_traits",
        )  # fmt: skip
        return {
            **{name: getattr(self, name) for name in plain},
            "issues": self.issues.as_dict(),
            "warnings": self.warnings.as_dict(),
        }


def import_file(
    source: Path | BinaryIO,
    *,
    set_name: str,
    language: str = "en",
    mapping: Mapping[str, str] | None = None,
    dry_run: bool = False,
    create_traits: bool = False,
    name: str = "",
) -> Report:
    """Import the scenarios of a CSV, JSONL or Parquet file into the set of this slug or name.

    The set is created if there is none. `mapping`: field -> column, as in `--map`. `create_traits`: take
    every trait the file names; otherwise traits must exist or be among the shipped ones. Never raises for
    what is wrong with the file: the report's issues say it, and then nothing was written.
    """
    file_name = name or Path(str(getattr(source, "name", source))).name
    report = Report(file=file_name, set=set_name, language=language, dry_run=dry_run)
    report.issues.add(_wrong_options(set_name, language))
    if report.issues:
        return report
    try:
        with opened(source, name=file_name) as rows:
            _import(rows, report, mapping=mapping or {}, create_traits=create_traits)
    except UnreadableFile as problem:
        report.issues.add([problem.issue])
    except mappings.BadMapping as problem:
        report.issues.add(problem.issues)
    return report


def find_set(name: str) -> ScenarioSet | None:
    """The set with this slug, else the one with this name in any case."""
    return (
        ScenarioSet.objects.filter(slug=name).first()
        or ScenarioSet.objects.filter(name__iexact=name.strip()).order_by("pk").first()
        or ScenarioSet.objects.filter(slug=slug_key(name.strip().lower(), limit=SLUG_LIMIT)).first()
    )


def _wrong_options(set_name: str, language: str) -> Iterator[Issue]:
    if not set_name.strip() or not set_name.isprintable() or len(set_name) > 200:
        yield Issue(None, "", "bad_set", "Name the set in 1 to 200 printable characters.")
    if not _LANGUAGE.match(language) or len(language) > 20:
        yield Issue(None, "", "bad_language", "Write the language as a code such as en, de or pt-BR.")


def _import(source: Source, report: Report, *, mapping: Mapping[str, str], create_traits: bool) -> None:
    report.format = source.format
    columns = mappings.resolve(mapping, columns=source.columns, fields=FIELDS)
    report.ignored_columns = columns.ignored
    traits = _known_traits()
    _check_rows(source, report, Validator(columns.by_field, traits, takes_new_traits=create_traits))
    if report.issues:
        return
    validator = Validator(columns.by_field, traits, takes_new_traits=create_traits)
    valid = (scenario for scenario, _issues in _checked(source, validator))
    _write(report, (scenario for scenario in valid if scenario is not None))


def _known_traits() -> dict[str, str]:
    """Keys of all traits, in the database or shipped, by key and by name in lower case."""
    named = [(trait["key"], trait["name"]) for trait in packs.shipped_traits().values()]
    named += Trait.objects.values_list("key", "name")
    by_name = {name.casefold(): key for key, name in named}
    return by_name | {key.casefold(): key for key, _name in named}


def _checked(source: Source, validator: Validator) -> Iterator[tuple[ParsedScenario | None, list[Issue]]]:
    return map(validator.check, source.rows(frozenset(validator.columns.values())))


def _check_rows(source: Source, report: Report, validator: Validator) -> None:
    same_actions = IssueLog()
    for _scenario, issues in _checked(source, validator):
        report.rows += 1
        is_minor = all(issue.code == "same_actions" for issue in issues)
        (same_actions if is_minor else report.issues).add(issues)
    if not report.rows:
        report.issues.add([Issue(None, "", "empty_file", "The file has a header but no rows.")])
    if same_actions.bad_rows > report.rows * SAME_ACTIONS_TOLERATED:
        report.issues.absorb(same_actions)
    else:
        report.warnings.absorb(same_actions)


def _write(report: Report, scenarios: Iterable[ParsedScenario]) -> None:
    with transaction.atomic():
        target = _locked_set(report.set)
        storing = Storing(target, language=report.language)
        for batch in _batches(scenarios):
            storing.store(batch)
        if report.dry_run:
            transaction.set_rollback(True)
    report.set = target.slug
    report.created_traits = tuple(storing.created_traits)
    report.warnings.add(storing.warnings)
    _take_over(storing.counts, report)


def _take_over(counts: Counts, report: Report) -> None:
    report.created = counts.created
    report.updated = counts.updated
    report.new_versions = counts.new_versions
    report.unchanged = counts.unchanged


def _locked_set(name: str) -> ScenarioSet:
    """The set, created if needed; two imports into the same set run one after the other."""
    found = find_set(name)
    if found is None:
        slug = slug_key(name.strip().lower(), limit=SLUG_LIMIT)
        found, _created = ScenarioSet.objects.get_or_create(slug=slug, defaults={"name": name.strip()})
    return ScenarioSet.objects.select_for_update(no_key=True).get(pk=found.pk)


def _batches(items: Iterable[T], size: int = BATCH) -> Iterator[list[T]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
