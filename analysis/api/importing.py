"""Taking scenarios in over HTTP: the same importer and the same report as on the command line.

Invariant: a set that other studies use is written only by somebody who may configure those studies as well.
"""

from collections.abc import Mapping
from typing import IO, Any, ClassVar, Final, cast

from django.http import HttpRequest, QueryDict
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import roles
from accounts.models import User
from analysis.api import openapi
from analysis.api.access import study_or_404, visible_studies
from analysis.api.problems import NotImportable, PayloadTooLarge
from analysis.api.views import ApiView
from annotation.models import Study
from scenarios import importing, mapping
from scenarios.models import ScenarioSet

LARGEST_UPLOAD: Final = 100 * 1024 * 1024
LONGEST_MAP: Final = 4_000
PARAMETERS: Final = frozenset({"set", "language", "map", "dry_run", "create_traits", "format"})
TRUE: Final = frozenset({"1", "true", "yes"})
FALSE: Final = frozenset({"", "0", "false", "no"})


class FileParser(BaseParser):
    """The body is the file itself. It is handed on unread, so that its size never meets memory."""

    suffix: ClassVar[str]

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        return {"file": stream, "name": f"upload.{self.suffix}"}


class CsvFile(FileParser):
    media_type = "text/csv"
    suffix = "csv"


class JsonLinesFile(FileParser):
    media_type = "application/x-ndjson"
    suffix = "jsonl"


class JsonLinesFileByItsOtherName(JsonLinesFile):
    media_type = "application/jsonl"


class ParquetFile(FileParser):
    media_type = "application/vnd.apache.parquet"
    suffix = "parquet"


class ScenarioImport(ApiView):
    parser_classes = (MultiPartParser, CsvFile, JsonLinesFile, JsonLinesFileByItsOtherName, ParquetFile)
    write_scope = "import"

    @extend_schema(
        operation_id="scenario_import",
        summary="Import scenarios: all rows or none",
        description="The importer of the command line, with its report.",
        parameters=[
            openapi.STUDY_IN_PATH,
            OpenApiParameter("set", description="Slug of the set; may be left out where the study has one."),
            OpenApiParameter("language", description="Of the texts; `en` if not given."),
            OpenApiParameter("map", description="Which column is which field: `key=scenario_id,text=context`."),
            OpenApiParameter("dry_run", enum=["true", "false"], description="Report everything, write nothing."),
            OpenApiParameter("create_traits", enum=["true", "false"], description="Add unknown traits."),
        ],
        request={
            "multipart/form-data": {
                "type": "object",
                "required": ["file"],
                "properties": {"file": {"type": "string", "format": "binary"}},
            },
            "text/csv": OpenApiTypes.STR,
            "application/x-ndjson": OpenApiTypes.STR,
            "application/jsonl": OpenApiTypes.STR,
            "application/vnd.apache.parquet": OpenApiTypes.BINARY,
        },
        responses={
            (200, "application/json"): {
                "type": "object",
                "description": "What was done.",
                "additionalProperties": {},
            },
            **openapi.problems([*openapi.REFUSALS, 413, 415, 422]),
        },
    )
    def post(self, request: Request, study: str) -> Response:
        found = study_or_404(request, study, rights=["configure"])
        options = _options(request.query_params)
        name = _set_name(request, found, asked=request.query_params.get("set", ""))
        _check_size(request._request)
        file, file_name = _file(request)
        report = importing.import_file(file, set_name=name, name=file_name, **options)
        if report.issues:
            raise NotImportable(report.as_dict())
        in_study = _is_in_study(found, report)
        return Response({**report.as_dict(), "in_study": in_study})


def _options(asked: QueryDict) -> dict[str, Any]:
    errors = {name: ["There is no such parameter here."] for name in asked if name not in PARAMETERS}
    flags = {}
    for name in ("dry_run", "create_traits"):
        value = asked.get(name, "").lower()
        if value not in TRUE | FALSE:
            errors[name] = ["Write true or false."]
        flags[name] = value in TRUE
    columns, problems = _columns(asked.getlist("map"))
    if problems:
        errors["map"] = problems
    if errors:
        raise ValidationError(errors)
    return {"language": asked.get("language") or "en", "mapping": columns, **flags}


def _columns(texts: list[str]) -> tuple[dict[str, str], list[str]]:
    """Which column is which field, and what is wrong with how that was said."""
    if not all(text.isprintable() and len(text) <= LONGEST_MAP for text in texts):
        return {}, [f"Write FIELD=COLUMN pairs on one line, {LONGEST_MAP} characters at most."]
    try:
        return mapping.parse(texts), []
    except mapping.BadMapping as problem:
        return {}, [str(problem)]


def _set_name(request: Request, study: Study, *, asked: str) -> str:
    """The set to write to. Raises ValidationError or PermissionDenied where it is not clear or not theirs."""
    if not asked:
        sets = list(study.sets.all()[:2])
        if len(sets) != 1:
            raise ValidationError({"set": ["Say which set; the study has none or several."]})
        _check_own(request, sets[0])
        return sets[0].slug
    if "\0" in asked or len(asked) > 200:
        raise ValidationError({"set": ["Name the set in 1 to 200 printable characters."]})
    known = importing.find_set(asked)
    if known is not None:
        _check_own(request, known)
        return known.slug
    if study.state != "draft":
        raise ValidationError({"set": ["There is no such set; a study takes new sets only before it opens."]})
    return asked


def _check_own(request: Request, known: ScenarioSet) -> None:
    """A set is theirs who may configure every study that uses it; one that no study uses is nobody's yet."""
    may_configure = roles.studies_for(request.user, "configure").values("pk")
    own = visible_studies(request).filter(pk__in=may_configure)
    is_used = known.studies.exists()
    if not is_used and roles.has_everywhere(cast(User, request.user), "configure"):
        return
    if not is_used or known.studies.exclude(pk__in=own.values("pk")).exists():
        raise PermissionDenied("This set belongs to studies that are not yours to configure.")


def _check_size(request: HttpRequest) -> None:
    size = request.META.get("CONTENT_LENGTH") or "0"
    if not size.isdigit() or int(size) > LARGEST_UPLOAD:
        raise PayloadTooLarge(
            f"More than {LARGEST_UPLOAD // 1024 // 1024} MB are imported on the server: import_scenarios."
        )


def _file(request: Request) -> tuple[Any, str]:
    data = cast(Mapping[str, Any], request.data)
    file = data.get("file")
    if file is None or isinstance(file, str):
        raise ValidationError({"file": ["Send the file as the body, or as the field “file” of a form."]})
    return file, str(data.get("name") or getattr(file, "name", "upload"))


def _is_in_study(study: Study, report: importing.Report) -> bool:
    """Whether the study asks what was imported. A draft takes a new set in by itself."""
    known = importing.find_set(report.set)
    if known is None or not report.is_written:
        return False
    if study.state == "draft":
        study.sets.add(known)
    return study.sets.filter(pk=known.pk).exists()
