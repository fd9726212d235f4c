"""Every error of the API as problem+json (RFC 9457): one shape, a stable code, a clear sentence."""

import logging
import math
import secrets
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError
from pydantic import BaseModel, ConfigDict

from reqplatform.errors import ActionError

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
CODES = {
    400: "bad_request",
    401: "not_authenticated",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    411: "length_required",
    413: "too_large",
    422: "invalid_input",
    429: "throttled",
}


class FieldProblem(BaseModel):
    """What is wrong with one field of the request."""

    model_config = ConfigDict(frozen=True)

    field: str
    message: str


class Problem(BaseModel):
    """An error: `detail` is for people, `code` is for scripts and does not change."""

    model_config = ConfigDict(frozen=True)

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    code: str
    errors: list[FieldProblem] = []


def problem(
    status: int, detail: str, *, code: str | None = None, errors: list[FieldProblem] | None = None
) -> HttpResponse:
    """The response for an error. `code` defaults to the usual one of the status."""
    body = Problem(
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        code=code or CODES.get(status, "error"),
        errors=errors or [],
    )
    return HttpResponse(body.model_dump_json(), status=status, content_type=MEDIA_TYPE)


def too_large(limit: int) -> HttpResponse:
    """`limit` in bytes: what the whole request may have."""
    return problem(
        413,
        f"The request is larger than the {limit / 2**20:.0f} MB that are taken here. "
        "Split the specification, or save it without pictures.",
    )


def _refused(request: HttpRequest, error: ActionError) -> HttpResponse:
    field = error.field if error.field != "__all__" else None
    errors = [FieldProblem(field=field, message=error.message)] if field else []
    return problem(error.status, error.message, code=error.code, errors=errors)


def _not_valid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    errors = [
        FieldProblem(field=_field(item["loc"]), message=_message(item)) for item in error.errors
    ]
    fields = ", ".join(dict.fromkeys(item.field for item in errors))
    return problem(
        422, f"The request cannot be used as it is. See errors: {fields}.", errors=errors
    )


def _field(loc: tuple[Any, ...]) -> str:
    """`("body", "payload", "keywords", 2)` is the caller's `keywords.2`: a JSON body's parameter
    has a name only in our code, all others are the caller's own."""
    source, *path = loc
    own = path[1:] if source == "body" else path
    return ".".join(str(part) for part in own) or str(source)


def _message(item: dict[str, Any]) -> str:
    message = str(item["msg"]).removeprefix("Value error, ").replace("Input should", "It should")
    return message if message.endswith(".") else f"{message}."


def _not_authenticated(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    response = problem(
        401,
        "Send a valid API token as 'Authorization: Bearer rp_...', or sign in. The token that came "
        "with this request, if any, is unknown, expired or revoked. You make tokens at "
        "/account/tokens/.",
    )
    response["WWW-Authenticate"] = 'Bearer realm="ReqPlatform"'
    return response


def _throttled(request: HttpRequest, error: Throttled) -> HttpResponse:
    seconds = math.ceil(error.wait or 60)
    response = problem(429, f"Too many requests. Try again in {seconds} seconds.")
    response["Retry-After"] = str(seconds)
    return response


def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    detail = str(error)
    if error.status_code == 400:  # ninja's only one: the body is no JSON
        detail = "The body is not JSON that can be read. Check its quotes, commas and encoding."
    return problem(error.status_code, detail)


def _not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    return problem(404, "There is nothing here that you may see.")


def _data_too_big(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    return problem(413, "The request's fields are larger than the 2 MB that are taken here.")


def _unreadable(request: HttpRequest, error: Exception) -> HttpResponse:
    return problem(400, "The request could not be read. Check how it was put together and sent.")


def _unexpected(request: HttpRequest, error: Exception) -> HttpResponse:
    incident = secrets.token_hex(4)
    logger.error("incident %s: %s %s", incident, request.method, request.path, exc_info=error)
    return problem(
        500,
        f"Something broke on our side. The log of the server has the details under the incident "
        f"{incident}; give that number to its operator.",
        code="unexpected",
    )


HANDLERS: tuple[tuple[type[Exception], Callable[[HttpRequest, Any], HttpResponse]], ...] = (
    (ActionError, _refused),
    (ValidationError, _not_valid),
    (AuthenticationError, _not_authenticated),
    (Throttled, _throttled),
    (HttpError, _http_error),
    (Http404, _not_found),
    (RequestDataTooBig, _data_too_big),
    (SuspiciousOperation, _unreadable),
    (BadRequest, _unreadable),
    (MultiPartParserError, _unreadable),
    (UnreadablePostError, _unreadable),
    (Exception, _unexpected),
)


def install(api: NinjaAPI) -> None:
    """Make `api` answer every exception with a problem: the one of its nearest class."""
    for kind, handler in HANDLERS:
        api.add_exception_handler(kind, handler)
