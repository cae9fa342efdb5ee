"""Writes checked scenarios into one set, a batch at a time, deciding for each key what has to happen.

New key: created. Equal content: unchanged. Other content: updated in place while no study has asked the
scenario, a new version once one has. Must run inside the import's transaction.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from django.utils.text import slugify

from scenarios import packs
from scenarios.issues import Issue
from scenarios.models import (
    Action,
    Instrument,
    Scenario,
    ScenarioSet,
    Statement,
    Trait,
    Translation,
    statement_digest,
)
from scenarios.validation import NAME_LIMIT, ParsedScenario
from scenarios.versions import digest_of, text_blocks

# Describes a scenario without being its content: corrected in place even when the scenario is locked.
DESCRIPTION = ("intended_class", "tags", "license")
STORED = ("language", "blocks", "trait", "statement", "content_hash", *DESCRIPTION)


@dataclass(slots=True)
class Counts:
    created: int = 0
    updated: int = 0
    new_versions: int = 0
    unchanged: int = 0


@dataclass(slots=True)
class Planned:
    """What a batch comes to: rows to insert, rows to overwrite, and rows that stop being the latest."""

    inserted: list[tuple[Scenario, ParsedScenario]] = field(default_factory=list)
    overwritten: list[tuple[Scenario, ParsedScenario]] = field(default_factory=list)
    described: list[Scenario] = field(default_factory=list)
    superseded: list[int] = field(default_factory=list)


class Storing:
    """One import into one set. `store` takes batches; counts, created traits and warnings add up."""

    def __init__(self, target: ScenarioSet, *, language: str) -> None:
        self.counts = Counts()
        self.created_traits: list[str] = []
        self.warnings: list[Issue] = []
        self._set = target
        self._language = language
        self._traits: dict[str, Trait] = {}

    def store(self, batch: Sequence[ParsedScenario]) -> None:
        """Write these scenarios; their keys are unique within the import."""
        self._find_traits({parsed.trait for parsed in batch if parsed.trait})
        statements = self._find_statements(batch)
        planned = self._plan(batch, statements)
        self._warn_of_translations(planned)
        Scenario.objects.filter(pk__in=planned.superseded).update(is_latest=False)
        _overwrite([*planned.described, *(scenario for scenario, _parsed in planned.overwritten)])
        Action.objects.filter(scenario__in=[scenario for scenario, _parsed in planned.overwritten]).delete()
        Scenario.objects.bulk_create([scenario for scenario, _parsed in planned.inserted])
        Action.objects.bulk_create(_actions([*planned.inserted, *planned.overwritten]))

    def _plan(self, batch: Sequence[ParsedScenario], statements: dict[str, Statement]) -> Planned:
        present = {
            scenario.key: scenario
            for scenario in Scenario.objects.select_for_update(of=("self",))
            .filter(set=self._set, key__in=[parsed.key for parsed in batch], is_latest=True)
            .order_by("pk")
        }
        planned = Planned()
        for parsed in batch:
            values = self._values(parsed, statements)
            self._decide(parsed, values, present.get(parsed.key), planned)
        return planned

    def _decide(
        self, parsed: ParsedScenario, values: dict[str, Any], present: Scenario | None, planned: Planned
    ) -> None:
        if present is None:
            self.counts.created += 1
            planned.inserted.append((Scenario(set=self._set, key=parsed.key, **values), parsed))
        elif present.content_hash == values["content_hash"]:
            self._describe(present, values, planned)
        elif present.locked_at is None:
            self.counts.updated += 1
            _assign(present, values)
            planned.overwritten.append((present, parsed))
        else:
            self.counts.new_versions += 1
            planned.superseded.append(present.pk)
            newer = Scenario(set=self._set, key=parsed.key, version=present.version + 1, **values)
            planned.inserted.append((newer, parsed))

    def _describe(self, present: Scenario, values: dict[str, Any], planned: Planned) -> None:
        """Equal content: at most tags, licence or intended class are to be corrected."""
        if all(getattr(present, name) == values[name] for name in DESCRIPTION):
            self.counts.unchanged += 1
            return
        self.counts.updated += 1
        _assign(present, {name: values[name] for name in DESCRIPTION})
        planned.described.append(present)

    def _values(self, parsed: ParsedScenario, statements: dict[str, Statement]) -> dict[str, Any]:
        digest = _statement_of(parsed)
        blocks = text_blocks(parsed.text)
        return {
            "language": self._language,
            "blocks": blocks,
            "trait": self._traits[parsed.trait] if parsed.trait else None,
            "statement": statements[digest] if digest else None,
            "intended_class": parsed.intended_class,
            "tags": list(parsed.tags),
            "license": parsed.license,
            "content_hash": digest_of(
                language=self._language,
                blocks=blocks,
                actions=[(action.key, action.text, action.pole) for action in parsed.actions],
                trait=self._traits[parsed.trait].key if parsed.trait else "",
                statement=digest,
            ),
        }

    def _find_traits(self, names: Collection[str]) -> None:
        """Traits by the name the rows use: a known key, or with --create-traits any name."""
        missing = {name: slug_key(name) for name in names if name not in self._traits}
        if not missing:
            return
        self.created_traits += packs.ensure_traits(set(missing.values()))
        present = {trait.key: trait for trait in Trait.objects.filter(key__in=missing.values())}
        for name, key in missing.items():
            if key not in present:
                present[key] = Trait.objects.create(key=key, name=name)
                self.created_traits.append(key)
            self._traits[name] = present[key]

    def _find_statements(self, batch: Sequence[ParsedScenario]) -> dict[str, Statement]:
        """The statements of a batch by digest, created where they are new."""
        wanted = {digest: parsed for parsed in batch if (digest := _statement_of(parsed))}
        present = {row.digest: row for row in Statement.objects.filter(digest__in=wanted)}
        missing = {digest: parsed for digest, parsed in wanted.items() if digest not in present}
        instruments = _instruments({parsed.instrument for parsed in missing.values() if parsed.instrument})
        created = [
            Statement(
                instrument=instruments.get(parsed.instrument),
                trait=self._traits.get(parsed.trait),
                original=parsed.statement_original,
                reframed=parsed.statement_reframed,
                digest=digest,
            )
            for digest, parsed in missing.items()
        ]
        Statement.objects.bulk_create(created)
        return present | {statement.digest: statement for statement in created}

    def _warn_of_translations(self, planned: Planned) -> None:
        rows = {scenario.pk: parsed.row for scenario, parsed in planned.overwritten}
        translated = Translation.objects.filter(scenario__in=rows).values_list("scenario_id", "language")
        reason = "Its translation ({}) is of the earlier text."
        self.warnings += [
            Issue(rows[pk], "", "translation_outdated", reason.format(language)) for pk, language in translated
        ]


def slug_key(name: str, *, limit: int = NAME_LIMIT) -> str:
    """The key of a trait, an instrument or a set: its name where that is one, else made from the name.

    Names without Latin letters or digits get a made-up key that stays the same.
    """
    made = slugify(name)
    if made and made == name.lower():
        return name[:limit]
    return made[:limit].strip("-_") or "x-" + sha256(name.encode()).hexdigest()[:10]


def _instruments(names: Collection[str]) -> dict[str, Instrument]:
    """Instruments by the name the rows use, created where they are new."""
    keys = {name: slug_key(name) for name in names}
    present = {row.key: row for row in Instrument.objects.filter(key__in=keys.values())}
    for name, key in keys.items():
        if key not in present:
            present[key] = Instrument.objects.create(key=key, name=name)
    return {name: present[key] for name, key in keys.items()}


def _statement_of(parsed: ParsedScenario) -> str:
    """The digest of the row's statement, empty where the row has none."""
    if not (parsed.instrument or parsed.statement_original or parsed.statement_reframed):
        return ""
    return statement_digest(
        instrument=slug_key(parsed.instrument) if parsed.instrument else "",
        trait=slug_key(parsed.trait) if parsed.trait else "",
        original=parsed.statement_original,
        reframed=parsed.statement_reframed,
    )


def _assign(scenario: Scenario, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(scenario, name, value)


def _overwrite(scenarios: list[Scenario]) -> None:
    """Update rows by inserting over them: one statement where bulk_update would build a CASE per column."""
    Scenario.objects.bulk_create(scenarios, update_conflicts=True, unique_fields=["id"], update_fields=STORED)


def _actions(stored: Sequence[tuple[Scenario, ParsedScenario]]) -> list[Action]:
    return [
        Action(scenario=scenario, key=action.key, position=position, text=action.text, pole=action.pole)
        for scenario, parsed in stored
        for position, action in enumerate(parsed.actions)
    ]
