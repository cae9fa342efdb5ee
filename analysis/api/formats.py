"""Which form an answer has: `?format=` decides, else the Accept header, else JSON pages."""

from typing import Any, Final

from rest_framework.exceptions import ValidationError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request

from analysis.exports import FORMATS

JSON: Final = "json"


class FileRenderer(BaseRenderer):
    """Stands for a file format while the form of the answer is chosen. Views stream the file themselves."""

    charset = None

    def render(self, data: Any, *_context: Any) -> bytes:
        raise NotImplementedError("Files are streamed by exports.stream.")


class CsvRenderer(FileRenderer):
    format = "csv"
    media_type = FORMATS["csv"].media_type


class JsonLinesRenderer(FileRenderer):
    format = "jsonl"
    media_type = FORMATS["jsonl"].media_type


class ParquetRenderer(FileRenderer):
    format = "parquet"
    media_type = FORMATS["parquet"].media_type


RENDERERS: Final[tuple[type[BaseRenderer], ...]] = (
    JSONRenderer,
    CsvRenderer,
    JsonLinesRenderer,
    ParquetRenderer,
)


class FormatFirst(DefaultContentNegotiation):
    """`?format=` goes before the Accept header: it is what people type and paste."""

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        asked = request.query_params.get("format")
        if asked is None:
            chosen: tuple[BaseRenderer, str] = super().select_renderer(request, renderers, format_suffix)
            return chosen
        for renderer in renderers:
            if renderer.format == asked:
                return renderer, renderer.media_type
        known = ", ".join(renderer.format for renderer in renderers)
        raise ValidationError({"format": [f"One of {known}."]})
