"""What the content of a scenario is, and how new content becomes a new version.

Content is what people were asked and what it measures: words, language, actions with their poles, trait,
statement. Tags, licence and intended class describe a scenario and may be corrected at any time.
"""

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from scenarios.models import Action, Scenario, Translation, content_hash


class NotTheLatest(Exception):
    """A new version follows the latest one, not an older one."""


def text_blocks(text: str) -> list[dict[str, str]]:
    """A plain text as the content of a scenario."""
    return [{"type": "text", "text": text}]


def digest_of(
    *,
    language: str,
    blocks: Any,
    actions: Iterable[tuple[str, str, int | None]],
    trait: str,
    statement: str,
) -> str:
    """The hash of a scenario's content. `actions`: key, text, pole in order; `statement`: its digest."""
    listed = [{"key": key, "text": text, "pole": pole} for key, text, pole in actions]
    return content_hash(
        {"language": language, "blocks": blocks, "actions": listed, "trait": trait, "statement": statement}
    )


def stored_digest(scenario: Scenario) -> str:
    """The hash of what the database holds for a scenario now."""
    return digest_of(
        language=scenario.language,
        blocks=scenario.blocks,
        actions=scenario.actions.order_by("position").values_list("key", "text", "pole"),
        trait=scenario.trait.key if scenario.trait else "",
        statement=scenario.statement.digest if scenario.statement else "",
    )


def refresh_hash(scenario: Scenario) -> None:
    """Bring the hash in line after the content was edited by hand."""
    scenario.content_hash = stored_digest(scenario)
    scenario.save(update_fields=["content_hash"])


def make_new(scenario: Scenario) -> Scenario:
    """A copy of the latest version, open for changes, under the next number; it becomes the latest.

    Studies that have answers keep asking the version they began with. Raises NotTheLatest for an older one.
    """
    with transaction.atomic():
        current = Scenario.objects.select_for_update().get(pk=scenario.pk)
        if not current.is_latest:
            raise NotTheLatest(f"{current} is not the latest version of {current.key}.")
        actions = list(current.actions.order_by("position"))
        translations = list(current.translations.all())
        Scenario.objects.filter(pk=current.pk).update(is_latest=False)
        copied = {
            field.attname: getattr(current, field.attname)
            for field in Scenario._meta.concrete_fields
            if field.name not in {"id", "version", "locked_at", "created_at", "is_latest"}
        }
        copy = Scenario.objects.create(**copied, version=current.version + 1)
        Action.objects.bulk_create(
            Action(scenario=copy, key=old.key, position=old.position, text=old.text, pole=old.pole) for old in actions
        )
        Translation.objects.bulk_create(
            Translation(scenario=copy, language=old.language, text=old.text, actions=old.actions)
            for old in translations
        )
    return copy
