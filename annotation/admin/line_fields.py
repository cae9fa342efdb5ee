"""Form fields for small structures that people write as lines instead of JSON.

Invariant: what a field shows, it reads back to the same value; where lines cannot say it, it shows JSON.
"""

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


class IndentedJSONField(forms.JSONField):
    """JSON in a text area, laid out to be read and with letters as they are."""

    def __init__(self, *, rows: int = 12, **options: Any) -> None:
        widget = forms.Textarea(attrs={"rows": rows, "cols": 80, "class": "code", "spellcheck": "false"})
        super().__init__(**{"widget": widget, **options})

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, str):
            return value
        return json.dumps(value, indent=2, ensure_ascii=False)


class ConditionsField(forms.CharField):
    """Conditions of a group, one question a line: `age: 18-29; 30-44`."""

    def __init__(self, **options: Any) -> None:
        widget = forms.Textarea(attrs={"rows": 2, "cols": 60, "class": "code", "spellcheck": "false"})
        super().__init__(**{"widget": widget, "required": False, "strip": True, **options})

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, str):
            return value
        lines = "\n".join(f"{key}: {'; '.join(map(str, values))}" for key, values in (value or {}).items())
        reads_back = not lines.lstrip().startswith("{") and self._parse(lines) == (value or {})
        return lines if reads_back else json.dumps(value, ensure_ascii=False)

    def to_python(self, value: Any) -> dict[str, list[str]]:  # type: ignore[override]
        text = value if isinstance(value, str) else self.prepare_value(value)
        if text.lstrip().startswith("{"):
            return _conditions_from_json(text)
        for line in text.splitlines():
            if line.strip() and not self._parse(line):
                raise ValidationError(
                    _(
                        "“%(line)s” cannot be read. Write a question's key, a colon and its answers: age: "
                        "18-29; 30-44"
                    ),
                    params={"line": line.strip()},
                )
        return self._parse(text)

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.to_python(data or "") != (initial or {})
        except ValidationError:
            return True

    @staticmethod
    def _parse(text: str) -> dict[str, list[str]]:
        conditions: dict[str, list[str]] = {}
        for line in text.splitlines():
            key, colon, answers = line.partition(":")
            values = [answer.strip() for answer in answers.split(";") if answer.strip()]
            if key.strip() and colon and values:
                conditions.setdefault(key.strip(), []).extend(values)
        return conditions


class OptionsField(forms.CharField):
    """Options of a check, one a line: `a: You wait.`"""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"widget": forms.Textarea(attrs={"rows": 4, "cols": 80}), **options})

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, str):
            return value
        return "\n".join(f"{option.get('key')}: {option.get('text')}" for option in value or [])

    def to_python(self, value: Any) -> list[dict[str, str]]:  # type: ignore[override]
        text = value if isinstance(value, str) else self.prepare_value(value)
        options = []
        for line in text.splitlines():
            key, colon, words = line.partition(":")
            if not line.strip():
                continue
            if not colon or not key.strip() or not words.strip():
                raise ValidationError(
                    _("“%(line)s” cannot be read. Write a key, a colon and the words: a: You wait."),
                    params={"line": line.strip()},
                )
            options.append({"key": key.strip(), "text": words.strip()})
        return options

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.to_python(data or "") != (initial or [])
        except ValidationError:
            return True


def _conditions_from_json(text: str) -> dict[str, list[str]]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise ValidationError(_("This begins like JSON, but it is not valid JSON.")) from error
    if not all(
        isinstance(values, list) and values and all(isinstance(answer, str) for answer in values)
        for values in value.values()
    ):
        raise ValidationError(_('Write every condition as a list of answers: {"age": ["18-29", "30-44"]}.'))
    conditions: dict[str, list[str]] = value
    return conditions
