"""Reading: studies, and the records of one study as pages or as one streamed file.

Invariant: every view names the rights it asks for; every look at data about people leaves a line in the
study's event log.
"""

from typing import Any, ClassVar

from django.http import HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import ApiToken
from accounts.roles import Right
from analysis import exports, record_sources, records
from analysis.api import filters, openapi
from analysis.api.access import TokenAllows, study_or_404, visible_studies
from analysis.api.formats import JSON, RENDERERS, FormatFirst
from analysis.api.pages import CursorPages
from analysis.exports import FORMATS
from analysis.flattening import json_ready
from analysis.participant_records import Participants
from analysis.record_sources import Source
from analysis.study_records import Studies
from annotation import events
from annotation.models import Study


class ApiView(APIView):
    """What all views share: who gets in, and no OPTIONS page of the framework's own making."""

    permission_classes: ClassVar[list[type[BasePermission]]] = [IsAuthenticated, TokenAllows]  # type: ignore[misc]
    content_negotiation_class = FormatFirst
    metadata_class = None

    @property
    def default_response_headers(self) -> dict[str, str]:
        """Data is for whoever asked: no cache on the way may keep it."""
        return {**super().default_response_headers, "Cache-Control": "private, no-store"}


class NothingHere(ApiView):
    """Addresses below /api/v1/ that name nothing: a problem document too."""

    permission_classes: ClassVar[list[type[BasePermission]]] = [AllowAny]  # type: ignore[misc]
    authentication_classes = ()

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        raise NotFound

    post = put = patch = delete = get


class RecordList(ApiView):
    """Pages of JSON, or everything as a file, of whatever source `records_of` gives."""

    renderer_classes = RENDERERS
    filterset_class: ClassVar[type[filters.RecordFilter]]
    holds_people: ClassVar[bool] = False

    def answer(self, request: Request, source: exports.RecordSource, *, name: str) -> HttpResponseBase:
        """The page or file that the request asks for, narrowed by its parameters."""
        pilots = request.query_params.get("include") == "pilot"
        filterset = self.filterset_class(
            request.query_params,
            queryset=source.rows(pilots=pilots),
            source=source if isinstance(source, Source) else None,
        )
        rows = filterset.narrow()
        chosen = request.accepted_renderer.format
        if isinstance(source, Source):
            self._note(request, source.study, records=name.rpartition("-")[2], chosen=chosen)
        if chosen == JSON:
            return self._page(request, source, rows)
        file_format = FORMATS[chosen]
        response = StreamingHttpResponse(
            exports.stream(source, file_format=file_format, rows=rows), content_type=file_format.media_type
        )
        response["Content-Disposition"] = f'attachment; filename="{name}.{file_format.name}"'
        return response

    def _page(self, request: Request, source: exports.RecordSource, rows: Any) -> Response:
        pages = CursorPages()
        page: list[Any] = pages.paginate_queryset(rows, request, view=self) or []
        ready = json_ready(source.schema)
        found = [ready(record) for record in source.to_records(page)]
        return Response(pages.body(found, schema=source.schema.name))

    def _note(self, request: Request, study: Study, *, records: str, chosen: str) -> None:
        """Write down who took what, except pages that hold nothing about single people."""
        if chosen == JSON and not self.holds_people:
            return
        token = request.auth.label if isinstance(request.auth, ApiToken) else ""
        events.record(
            "data_read" if chosen == JSON else "data_exported",
            study_id=study.pk,
            now=timezone.now(),
            actor_id=request.user.pk,
            data={
                "records": records,
                "format": chosen,
                "token": token,
                "asked": request.query_params.urlencode(),
            },
        )


class StudyList(RecordList):
    filterset_class = filters.StudyFilter

    @openapi.documented_list(
        records.STUDY, filters.StudyFilter, summary="Studies with configuration and live progress"
    )
    def get(self, request: Request) -> HttpResponseBase:
        return self.answer(request, Studies(visible_studies(request)), name="studies")


class StudyDetail(ApiView):
    @extend_schema(
        operation_id="study_retrieve",
        description=records.STUDY.description,
        summary="One study with configuration and live progress",
        parameters=[openapi.STUDY_IN_PATH],
        responses={(200, "application/json"): openapi.record(records.STUDY), **openapi.problems()},
    )
    def get(self, request: Request, study: str) -> Response:
        found = study_or_404(request, study, rights=["progress"])
        source = Studies(Study.objects.filter(pk=found.pk))
        [record] = source.to_records(list(source.rows()))
        return Response(json_ready(source.schema)(record))


class StudyRecords(RecordList):
    """One kind of record of one study."""

    source_class: ClassVar[type[Source]]
    rights: ClassVar[tuple[Right, ...]]

    def records_of(self, request: Request, slug: str) -> HttpResponseBase:
        study = study_or_404(request, slug, rights=self.rights)
        kind = self.source_class.__name__.lower()
        return self.answer(request, self.source_class(study), name=f"{study.slug}-{kind}")


class ScenarioList(StudyRecords):
    source_class = record_sources.Scenarios
    filterset_class = filters.ScenarioFilter
    rights: ClassVar[tuple[Right, ...]] = ("data", "configure", "review")

    @openapi.documented_list(records.SCENARIO, filters.ScenarioFilter, summary="The scenarios of a study")
    def get(self, request: Request, study: str) -> HttpResponseBase:
        return self.records_of(request, study)


class DistributionList(StudyRecords):
    source_class = record_sources.Distributions
    filterset_class = filters.DistributionFilter
    rights: ClassVar[tuple[Right, ...]] = ("data",)

    @openapi.documented_list(
        records.DISTRIBUTION, filters.DistributionFilter, summary="How people answered, per scenario and group"
    )
    def get(self, request: Request, study: str) -> HttpResponseBase:
        return self.records_of(request, study)


class ResponseList(StudyRecords):
    source_class = record_sources.Responses
    filterset_class = filters.ResponseFilter
    rights: ClassVar[tuple[Right, ...]] = ("data",)
    holds_people = True

    @openapi.documented_list(records.RESPONSE, filters.ResponseFilter, summary="Single judgements under pseudonyms")
    def get(self, request: Request, study: str) -> HttpResponseBase:
        return self.records_of(request, study)


class AgreementList(StudyRecords):
    source_class = record_sources.Agreements
    filterset_class = filters.AgreementFilter
    rights: ClassVar[tuple[Right, ...]] = ("data",)

    @openapi.documented_list(records.AGREEMENT, filters.AgreementFilter, summary="How far annotators agree")
    def get(self, request: Request, study: str) -> HttpResponseBase:
        return self.records_of(request, study)


class ParticipantList(StudyRecords):
    source_class = Participants
    filterset_class = filters.ParticipantFilter
    rights: ClassVar[tuple[Right, ...]] = ("data", "review")
    holds_people = True

    @openapi.documented_list(
        records.PARTICIPANT, filters.ParticipantFilter, summary="People under pseudonyms", is_open=True
    )
    def get(self, request: Request, study: str) -> HttpResponseBase:
        return self.records_of(request, study)


class ExclusionList(StudyRecords):
    source_class = record_sources.Exclusions
    filterset_class = filters.ExclusionFilter
    rights: ClassVar[tuple[Right, ...]] = ("data", "review")
    holds_people = True

    @openapi.documented_list(
        records.EXCLUSION, filters.ExclusionFilter, summary="Who or what is left out of the analysis, and why"
    )
    def get(self, request: Request, study: str) -> HttpResponseBase:
        return self.records_of(request, study)
