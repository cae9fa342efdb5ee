"""Errors of the API as problem documents (RFC 9457): one shape, whatever went wrong.

Invariant: every 404 has the same body, so that what is not for somebody looks like what does not exist. For
the same reason a 404 names no `instance`.
"""

import json
import logging
from http import HTTPStatus
from typing import Any, Final

from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.core.signals import got_request_exception
from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from rest_framework import exceptions
from rest_framework.views import set_rollback

MEDIA_TYPE: Final = "application/problem+json"
TYPE: Final = "urn:commonground:problem:{code}"
NOTHING_HERE: Final = "There is nothing here, or it is not for you to see."
INVALID: Final = "Some of what was sent is not valid; `errors` says what."

logger = logging.getLogger(__name__)


class PayloadTooLarge(exceptions.APIException):
    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    default_detail = "The request is larger than this address takes."
    default_code = "too_large"


class NotImportable(exceptions.APIException):
    """A file with problems in it; `report` lists them."""

    status_code = HTTPStatus.UNPROCESSABLE_ENTITY
    default_detail = "Nothing was imported; `report` lists every problem."
    default_code = "not_importable"

    def __init__(self, report: dict[str, Any]) -> None:
        super().__init__()
        self.report = report


class Unexpected(exceptions.APIException):
    default_detail = "Something went wrong on our side. It has been logged."
    default_code = "internal_error"


def problem_response(exception: Exception, context: dict[str, Any]) -> HttpResponse:
    """The answer to an exception that a view of the API raised; `context` as the framework gives it."""
    known = _as_api_exception(exception)
    request: HttpRequest = context["request"]
    if known is None:
        known = Unexpected()
        logger.error("The API failed at %s", request.path, exc_info=exception)
        # Django's own signal, so that error reports and tests see it although the answer is made here.
        got_request_exception.send(sender=problem_response, request=request)
    set_rollback()
    return _response(known, path=request.path)


def _as_api_exception(exception: Exception) -> exceptions.APIException | None:
    match exception:
        case exceptions.APIException():
            return exception
        case Http404():
            return exceptions.NotFound()
        case DjangoPermissionDenied():
            return exceptions.PermissionDenied()
        case RequestDataTooBig():
            return PayloadTooLarge()
        case SuspiciousOperation() | UnreadablePostError():
            return exceptions.ParseError("The request was incomplete or damaged.")
    return None


def _response(exception: exceptions.APIException, *, path: str) -> HttpResponse:
    status = int(exception.status_code)
    body: dict[str, Any] = {
        "type": TYPE.format(code=_code(exception)),
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": _detail(exception),
    }
    if status != HTTPStatus.NOT_FOUND:
        body["instance"] = path
    if isinstance(exception, exceptions.ValidationError):
        body["errors"] = exception.detail
    if isinstance(exception, NotImportable):
        body["report"] = exception.report
    text = json.dumps(body, ensure_ascii=False)
    return HttpResponse(text, status=status, content_type=MEDIA_TYPE, headers=_headers(exception))


def _code(exception: exceptions.APIException) -> str:
    if isinstance(exception, exceptions.ValidationError):
        return "invalid"
    codes = exception.get_codes()
    return (codes if isinstance(codes, str) else exception.default_code).replace("_", "-")


def _detail(exception: exceptions.APIException) -> str:
    if isinstance(exception, exceptions.NotFound):
        return NOTHING_HERE
    if isinstance(exception, exceptions.ValidationError):
        return INVALID
    return str(exception.detail)


def _headers(exception: exceptions.APIException) -> dict[str, str]:
    headers = {"Cache-Control": "no-store"}
    challenge = getattr(exception, "auth_header", None)
    if challenge:
        headers["WWW-Authenticate"] = challenge
    wait = getattr(exception, "wait", None)
    if wait:
        headers["Retry-After"] = str(int(wait))
    return headers
