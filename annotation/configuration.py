"""A study's whole configuration as one JSON document, out and in again.

Invariants: importing what was exported changes nothing; an import happens as a whole or not at all; what is
frozen (`annotation.freezing`) stays as it is. What a document leaves out keeps its value, or its default in
a new study.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from difflib import get_close_matches
from itertools import chain, count
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import roles
from accounts.models import Role, StudyMembership, User
from annotation import check_bank, freezing, questionnaire, quotas, study_document
from annotation.document_rules import DocumentProblem
from annotation.models import CheckItem, Stratum, Study
from annotation.study_document import SCHEMA_ID, UNLIMITED
from scenarios.models import ScenarioSet

# Keys of the document that are fields of the study under the same name and in the same shape.
PLAIN: Final = (
    "slug", "title", "language", "notes", "question", "instructions", "consent_text", "debrief", "contact",
    "paused_message", "estimated_minutes", "reward", "tasks_per_annotator", "min_tasks", "order",
    "offers_neutral", "offers_not_applicable", "neutral_weight", "asks_confidence", "rationale",
    "rationale_min_length", "randomise_sides", "about_you", "idle_limit_minutes", "absolute_limit_minutes",
    "provider", "completion_code", "completion_url", "seed",
)  # fmt: skip
CHECK_COUNTS: Final = {"attention": "attention_checks", "practice": "practice_items", "repeats": "repeats"}
KNOWN_SHOWN: Final = 20
EVERYBODY: Final = "all"

Document = dict[str, Any]


class ConfigurationInvalid(Exception):
    """The document cannot be imported; `problems` lists everything that is wrong. Nothing was changed."""

    def __init__(self, problems: Sequence[DocumentProblem]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(str(problem) for problem in problems))


def export_study(study: Study) -> Document:
    """The configuration of `study` as plain JSON values; people, answers and state are not part of it."""
    document: Document = {"schema": SCHEMA_ID, **{name: getattr(study, name) for name in PLAIN}}
    document["sets"] = [each.slug for each in study.sets.order_by("slug")]
    document["quota"] = UNLIMITED if study.quota is None else study.quota
    document["checks"] = {
        **{key: getattr(study, field) for key, field in CHECK_COUNTS.items()},
        "items": [item.key for item in study.checks.order_by("key")],
    }
    document["strata"] = [
        {"key": group.key, "label": group.label, "target": group.target, "conditions": group.conditions}
        for group in _explicit(list(study.strata.all()))
    ]
    return document


def import_study(document: object, *, actor: User | None = None, now: datetime | None = None) -> Study:
    """Create the study that `document` describes, or update the one with its slug; returns it.

    With an `actor`, an existing study must be one that they may configure, and of a new one they become the
    owner. Raises ConfigurationInvalid with everything that is wrong.
    """
    found = study_document.problems(document)
    if not isinstance(document, Mapping):
        raise ConfigurationInvalid(found)
    sound = _sound_part(document, found)
    try:
        with transaction.atomic():
            return _import(sound, found, actor=actor, now=now or timezone.now())
    except IntegrityError as error:
        if found or not Study.objects.filter(slug=sound["slug"]).exists():
            raise
        taken = DocumentProblem("slug", "a study with this name was created at this very moment. Try again.")
        raise ConfigurationInvalid([taken]) from error


def duplicate_study(study: Study, *, actor: User | None = None, now: datetime | None = None) -> Study:
    """A draft configured like `study`, under a new name, with a seed of its own and without its code."""
    document = export_study(study)
    for name in ("seed", "completion_code", "completion_url"):
        del document[name]
    document["slug"] = _free_slug(study.slug)
    document["title"] = f"{study.title[:190]} (copy)"
    return import_study(document, actor=actor, now=now)


def _free_slug(slug: str) -> str:
    stem = f"{slug[:70]}-copy"
    taken = set(Study.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    names = chain([stem], (f"{stem}-{number}" for number in count(2)))
    return next(name for name in names if name not in taken)


def _import(document: Document, found: list[DocumentProblem], *, actor: User | None, now: datetime) -> Study:
    existing = Study.objects.select_for_update(no_key=True).filter(slug=document.get("slug", "")).first()
    study = existing or Study()
    sets, set_problems = _sets(document)
    items, item_problems = _items(document, study)
    found = [*found, *set_problems, *item_problems, *_contradictions(document, study)]
    if existing is not None:
        found += _refusals(document, existing, sets, actor=actor)
    if found:
        raise ConfigurationInvalid(found)
    if study.is_frozen:
        items = None
    _store(study, document, sets=sets, items=items, actor=actor)
    if existing is None and actor is not None:
        StudyMembership.objects.create(study=study, user=actor, role=Role.OWNER)
    follow_with_seats(study, now=now)
    return study


def follow_with_seats(study: Study, *, now: datetime) -> dict[str, int]:
    """Bring the seats of a study that was opened in line with its configuration; see `quotas.set_targets`."""
    if study.opened_at is None:
        return {"kept_above": 0}
    with transaction.atomic():
        if not study.is_frozen:
            quotas.ensure(study, now=now)
        return quotas.set_targets(study)


# --- What the document names ---


def _sound_part(document: Mapping[str, Any], found: Sequence[DocumentProblem]) -> Document:
    """The keys without problems, so that the checks against the database report theirs in the same run."""
    broken = {problem.path.partition(".")[0].partition("[")[0] for problem in found}
    sound = {key: value for key, value in document.items() if key not in broken}
    if sound.get("about_you") == "default":
        sound["about_you"] = questionnaire.default_schema()
    return sound


def _sets(document: Document) -> tuple[list[ScenarioSet], list[DocumentProblem]]:
    """The sets named by slug or by name, in the document's order."""
    known = list(ScenarioSet.objects.all()) if document.get("sets") else []
    chosen: list[ScenarioSet] = []
    problems: list[DocumentProblem] = []
    for place, name in enumerate(document.get("sets", [])):
        fits = [each for each in known if each.slug == name]
        fits = fits or [each for each in known if each.name == name]
        if len(fits) == 1 and fits[0] not in chosen:
            chosen += fits
        else:
            message = _set_problem(name, fits, [each.slug for each in known])
            problems.append(DocumentProblem(f"sets[{place}]", message))
    return chosen, problems


def _set_problem(name: str, fits: Sequence[ScenarioSet], slugs: Sequence[str]) -> str:
    if len(fits) == 1:
        return f"“{name}” is a set that stands in the list already."
    if fits:
        return f"several sets are called “{name}”; write one of {', '.join(each.slug for each in fits)}."
    return f"there is no scenario set “{name}”. {_known(name, slugs, 'Import its scenarios first.')}"


def _items(document: Document, study: Study) -> tuple[list[CheckItem] | None, list[DocumentProblem]]:
    """The check items to be set; None leaves the study's own. Where none are named, the ones that ship."""
    checks = document.get("checks")
    if checks is None:
        return None, []
    if "items" in checks:
        return _named_items(checks["items"])
    present = list(study.checks.all()) if study.pk else []
    counts = {key: checks.get(key, getattr(study, field)) for key, field in CHECK_COUNTS.items()}
    full = check_bank.with_shipped(present, attention=bool(counts["attention"]), practice=bool(counts["practice"]))
    return full, []


def _named_items(keys: Sequence[str]) -> tuple[list[CheckItem], list[DocumentProblem]]:
    if any(key in check_bank.shipped_keys() for key in keys):
        check_bank.ensure_shipped()
    by_key = {item.key: item for item in CheckItem.objects.filter(key__in=keys)}
    unknown = [(place, key) for place, key in enumerate(keys) if key not in by_key]
    in_bank = CheckItem.objects.values_list("key", flat=True) if unknown else []
    known = sorted({*in_bank, *check_bank.shipped_keys()})
    problems = [
        DocumentProblem(f"checks.items[{place}]", f"there is no check “{key}”. {_known(key, known, '')}")
        for place, key in unknown
    ]
    return list(by_key.values()), problems


def _known(name: str, known: Sequence[str], nothing: str) -> str:
    if not known:
        return nothing
    near = get_close_matches(name, known, n=1)
    hint = f"Did you mean “{near[0]}”? " if near else ""
    more = f" and {len(known) - KNOWN_SHOWN} more" if len(known) > KNOWN_SHOWN else ""
    return f"{hint}Known are {', '.join(known[:KNOWN_SHOWN])}{more}."


# --- What may not be ---


def _contradictions(document: Document, study: Study) -> list[DocumentProblem]:
    fewest = document.get("min_tasks", study.min_tasks)
    tasks = document.get("tasks_per_annotator", study.tasks_per_annotator)
    if fewest > tasks:
        return [DocumentProblem("min_tasks", f"{fewest} is more than the {tasks} tasks per person.")]
    return []


def _refusals(
    document: Document, study: Study, sets: Sequence[ScenarioSet], *, actor: User | None
) -> list[DocumentProblem]:
    """Why an existing study cannot be changed like that: by whom, or because it is frozen."""
    if actor is not None and not roles.can(actor, study, "configure"):
        return [DocumentProblem("slug", f"“{study.slug}” is taken by another study. Choose another name.")]
    frozen = freezing.frozen_fields(study)
    now_is = export_study(study)
    wanted = {**document, "sets": [each.slug for each in sets]} if "sets" in document else document
    problems = []
    for path, field, before, after in _comparisons(now_is, wanted):
        if field in frozen and before != after:
            problems.append(DocumentProblem(path, f"can no longer change: {frozen[field]}."))
    return problems


def _comparisons(now_is: Document, wanted: Document) -> list[tuple[str, str, Any, Any]]:
    """(path in the document, field, value now, value wanted) for everything the document mentions."""
    pairs: list[tuple[str, str, Any, Any]] = [(key, key, now_is[key], wanted[key]) for key in PLAIN if key in wanted]
    if "sets" in wanted:
        pairs.append(("sets", "sets", now_is["sets"], sorted(wanted["sets"])))
    checks = wanted.get("checks", {})
    for key, field in CHECK_COUNTS.items():
        if key in checks:
            pairs.append((f"checks.{key}", field, now_is["checks"][key], checks[key]))
    if "items" in checks:
        pairs.append(("checks.items", "checks", now_is["checks"]["items"], sorted(checks["items"])))
    if "strata" in wanted:
        pairs.append(("strata", "strata", _membership(now_is["strata"]), _membership(wanted["strata"])))
    return pairs


def _membership(groups: Sequence[Document]) -> list[tuple[str, Any]]:
    """Which groups there are and who belongs to them, in order; targets and labels may change."""
    named = [(group["key"], group.get("conditions", {})) for group in groups]
    return [] if named == [(EVERYBODY, {})] else named


# --- Storing ---


def _store(
    study: Study,
    document: Document,
    *,
    sets: Sequence[ScenarioSet],
    items: Sequence[CheckItem] | None,
    actor: User | None,
) -> None:
    for name in PLAIN:
        if name in document:
            setattr(study, name, document[name])
    if "quota" in document:
        study.quota = None if document["quota"] == UNLIMITED else document["quota"]
    for key, field in CHECK_COUNTS.items():
        if key in document.get("checks", {}):
            setattr(study, field, document["checks"][key])
    if actor is not None:
        study._history_user = actor  # type: ignore[attr-defined]  # read by simple_history
    study.save()
    if "sets" in document:
        study.sets.set(sets)
    if items is not None:
        study.checks.set(items)
    if "strata" in document:
        _store_strata(study, document["strata"])


def _store_strata(study: Study, groups: Sequence[Document]) -> None:
    """Make the study's groups those of the list, in its order; groups that stay keep their rows."""
    present = {group.key: group for group in study.strata.all()}
    keys = [group["key"] for group in groups]
    if keys or _explicit(list(present.values())):
        study.strata.exclude(key__in=keys).delete()
    for position, entry in enumerate(groups):
        group = present.get(entry["key"]) or Stratum(study=study, key=entry["key"])
        group.label = entry.get("label", group.label)
        group.target = entry.get("target", group.target)
        group.conditions = entry.get("conditions", {})
        group.position = position
        group.save()


def _explicit(groups: list[Stratum]) -> list[Stratum]:
    """The groups somebody made: without the one group `all` that opening makes for a study without groups."""
    if len(groups) == 1 and groups[0].key == EVERYBODY and not groups[0].conditions and not groups[0].target:
        return []
    return groups
