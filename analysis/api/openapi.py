"""The API described to machines: OpenAPI, made from the record schemas and the filters themselves."""

from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final, TypeVar

import django_filters as filters
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers

from analysis.api.filters import CountFilter, MomentFilter, RecordFilter
from analysis.api.pages import LARGEST_PAGE, PAGE_SIZE
from analysis.api.problems import MEDIA_TYPE
from analysis.exports import FORMATS
from analysis.records import STUDY, Column, Schema

Responses = dict[Any, Any]
Method = TypeVar("Method", bound=Callable[..., Any])

STUDY_IN_PATH: Final = OpenApiParameter(
    "study",
    {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$", "maxLength": 80},
    OpenApiParameter.PATH,
    description="Short name of the study.",
)
REFUSALS: Final = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.NOT_ACCEPTABLE,
    HTTPStatus.TOO_MANY_REQUESTS,
)

_TYPES: Final[dict[str, dict[str, Any]]] = {
    "text": {"type": "string"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "time": {"type": "string", "format": "date-time"},
    "texts": {"type": "array", "items": {"type": "string"}},
    "counts": {"type": "object", "additionalProperties": {"type": "integer", "nullable": True}},
    "answers": {"type": "object", "additionalProperties": {}},
    "actions": {
        "type": "array",
        "items": {
            "type": "object",
            "required": ["action", "text", "pole"],
            "properties": {
                "action": {"type": "string"},
                "text": {"type": "string"},
                "pole": {"type": "integer", "nullable": True, "enum": [1, -1, None]},
            },
        },
    },
}


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "accounts.tokens.BearerAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A token from the admin or `create_token`.",
        }


class ProblemSerializer(serializers.Serializer[Any]):
    """A problem document, RFC 9457."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    instance = serializers.CharField(required=False)
    errors = serializers.DictField(  # type: ignore[assignment]  # a field of the document, not of the class
        required=False, help_text="What is wrong, by parameter."
    )
    report = serializers.DictField(required=False, help_text="What is wrong with an imported file.")


def problems(statuses: Iterable[int] = REFUSALS) -> Responses:
    return {(int(status), MEDIA_TYPE): ProblemSerializer for status in statuses}


def record(schema: Schema, *, is_open: bool = False) -> dict[str, Any]:
    """A record as a JSON schema; `is_open`: each study adds columns of its own."""
    described: dict[str, Any] = {
        "type": "object",
        "description": schema.description,
        "required": schema.names,
        "properties": {column.name: _property(column) for column in schema.columns},
    }
    return described | ({} if is_open else {"additionalProperties": False})


def _property(column: Column) -> dict[str, Any]:
    empty = {} if column.is_always_set else {"nullable": True}
    return {**_TYPES[column.type], **empty, "description": column.description}


def page(schema: Schema, *, is_open: bool = False) -> dict[str, Any]:
    link = {"type": "string", "format": "uri", "nullable": True}
    return {
        "type": "object",
        "required": ["schema", "next", "previous", "results"],
        "properties": {
            "schema": {"type": "string", "description": f"`{schema.name}`"},
            "next": link,
            "previous": link,
            "results": {"type": "array", "items": record(schema, is_open=is_open)},
        },
    }


def documented_list(
    schema: Schema, filterset: type[RecordFilter], *, summary: str, is_open: bool = False
) -> Callable[[Method], Method]:
    """Describes a view's `get` that answers with a list of these records."""
    return extend_schema(
        operation_id=f"{schema.kind}_list",
        summary=summary,
        description=schema.description,
        parameters=[*([] if schema is STUDY else [STUDY_IN_PATH]), *list_parameters(filterset)],
        responses=list_answers(schema, is_open=is_open),
    )


def list_answers(schema: Schema, *, is_open: bool = False) -> Responses:
    """Every answer of a list: pages, the file formats, the refusals."""
    files = {
        (200, file_format.media_type): OpenApiTypes.BINARY if name == "parquet" else OpenApiTypes.STR
        for name, file_format in FORMATS.items()
    }
    return {(200, "application/json"): page(schema, is_open=is_open), **files, **problems()}


def list_parameters(filterset: type[RecordFilter]) -> list[OpenApiParameter]:
    found: Mapping[str, filters.Filter] = filterset.base_filters
    return [
        OpenApiParameter(
            "format",
            enum=["json", *FORMATS],
            description="`json` answers in pages; the others hold everything at once.",
        ),
        OpenApiParameter("cursor", description="From `next` or `previous`. Only for pages."),
        OpenApiParameter(
            "page_size",
            {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": PAGE_SIZE},
            description="Records per page. Only for pages.",
        ),
        *(_parameter(name, found[name]) for name in found),
    ]


def _parameter(name: str, narrowing: filters.Filter) -> OpenApiParameter:
    options = narrowing.extra
    limits: dict[str, Any] = {"type": "string"}
    if isinstance(narrowing, filters.ChoiceFilter):
        limits["enum"] = [value for value, _label in options["choices"]]
    elif isinstance(narrowing, CountFilter):
        limits = {"type": "integer", "minimum": options["min_value"], "maximum": options["max_value"]}
    elif isinstance(narrowing, MomentFilter):
        limits["format"] = "date-time"
    else:
        limits["maxLength"] = options["max_length"]
    return OpenApiParameter(name, limits, description=options.get("help_text", ""))
