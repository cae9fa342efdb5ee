"""Request lines in the log: what was asked and how long it took, never who asked.

Query strings of entry links carry recruiters' ids, so they stay out; so do network addresses.
"""

from django.http import HttpRequest
from django_structlog.middlewares import RequestMiddleware


class PseudonymousRequestMiddleware(RequestMiddleware):
    @staticmethod
    def format_request(request: HttpRequest) -> str:
        return f"{request.method} {request.path}"
