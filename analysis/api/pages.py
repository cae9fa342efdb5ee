"""Pages of records: a cursor by id, so that rows arriving meanwhile neither repeat nor hide others."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request

PAGE_SIZE: Final = 100
LARGEST_PAGE: Final = 1_000
# Ids have at most 19 digits; longer numbers would only make the database complain.
LONGEST_POSITION: Final = 18


class CursorPages(CursorPagination):
    ordering = "id"
    page_size = PAGE_SIZE
    max_page_size = LARGEST_PAGE
    page_size_query_param = "page_size"

    def get_page_size(self, request: Request) -> int:
        asked = request.query_params.get(self.page_size_query_param)
        if asked is None:
            return PAGE_SIZE
        if not (asked.isascii() and asked.isdigit() and len(asked) <= 4 and 1 <= int(asked) <= LARGEST_PAGE):
            raise ValidationError({"page_size": [f"A number from 1 to {LARGEST_PAGE}."]})
        return int(asked)

    def decode_cursor(self, request: Request) -> Cursor | None:
        problem = ValidationError({"cursor": ["Take cursors from `next` or `previous`; this one is neither."]})
        try:
            cursor = super().decode_cursor(request)
        except NotFound:
            raise problem from None
        position = str(cursor.position) if cursor and cursor.position is not None else None
        if position is not None and not (position.isdigit() and len(position) <= LONGEST_POSITION):
            raise problem
        return cursor

    def body(self, records: Sequence[Mapping[str, Any]], *, schema: str) -> dict[str, Any]:
        return {
            "schema": schema,
            "next": self.get_next_link(),
            "previous": self.get_previous_link(),
            "results": records,
        }
