"""The only NinjaAPI: assembles the rooms' routers under /api/v1/.

Every answer that is no success is a problem (RFC 9457): also a wrong method, an unknown path, and a
body that is too large, which are seen before any operation runs.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control
from ninja import NinjaAPI, Router
from ninja.errors import AuthenticationError, Throttled
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from reqplatform import problems
from reqplatform.errors import NotFound
from reqplatform.teams.authentication import REQUESTS, BrowserAuth, PersonRate, TokenAuth
from reqplatform.teams.router import router as projects
from runs.routers.alerts import router as alerts
from runs.routers.behind import router as behind
from runs.routers.budgets import router as budgets
from runs.routers.campaigns import router as campaigns
from runs.routers.dismissals import router as dismissals
from runs.routers.exports import router as exports
from runs.routers.files import router as files
from runs.routers.linting import router as linting
from runs.routers.reports import router as reports
from runs.routers.results import router as results
from runs.routers.runs import router as runs
from runs.routers.specifications import router as specifications
from runs.routers.subsystems import router as subsystems
from skills.router import router as domains

View = TypeVar("View", bound=Callable[..., HttpResponseBase])

FORM_BYTES = 2**20  # what a multipart form may have around the file
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]


def _guarded(view: Callable[..., Any]) -> Callable[..., HttpResponseBase]:
    """Refuse a body that is too large before anything reads it, and name wrong methods."""

    @wraps(view)
    def guard(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response: HttpResponseBase = _refuse_body(request) or view(request, *args, **kwargs)
        if response.status_code == 405:
            allowed = response["Allow"]
            response = problems.problem(405, f"This address takes {allowed} only.")
            response["Allow"] = allowed
        if not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_store=True)
        return response

    return guard


def _refuse_body(request: HttpRequest) -> HttpResponse | None:
    length = str(request.META.get("CONTENT_LENGTH") or "")
    if not length and "Transfer-Encoding" in request.headers:  # it would be read as empty
        return problems.problem(411, "Send the body with a Content-Length, not in chunks.")
    most = settings.SPECIFICATION_MAX_BYTES + FORM_BYTES
    if length and (not length.isdecimal() or int(length[:20]) > most):
        return problems.too_large(most)
    return None


class Api(NinjaAPI):
    @property
    def urls(self) -> tuple[list[Any], str, str]:
        patterns, app, namespace = super().urls
        for pattern in patterns:
            if view := pattern.callback:  # always: none of them is an include
                pattern.callback = _guarded(view)
        return patterns, app, namespace

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__  # what generated clients call the method

    def get_openapi_schema(self, **kwargs: Any) -> OpenAPISchema:
        """ninja's, and that every operation may answer with a problem."""
        schema = super().get_openapi_schema(**kwargs)
        shape = problems.Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        components = schema["components"]["schemas"]
        components.update(shape.pop("$defs"))
        components["Problem"] = shape
        content = {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        for operations in schema["paths"].values():
            for operation in operations.values():
                responses = {str(code): shown for code, shown in operation["responses"].items()}
                responses["default"] = {"description": "A problem", "content": content}
                operation["responses"] = responses
        return schema


def _for_people(view: View) -> View:
    """The documentation is for people who are signed in, and its schema for tokens as well."""

    def guard(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            if request.user.is_authenticated or TokenAuth()(request):
                return view(request, *args, **kwargs)
        except Throttled as error:
            return api.on_exception(request, error)
        if request.path.endswith(".json"):
            return api.on_exception(request, AuthenticationError())
        return redirect_to_login(request.get_full_path())

    return guard  # type: ignore[return-value]


api = Api(
    title="ReqPlatform API",
    version="1.0.0",
    description=(
        "Upload a specification, start a run, watch it, read and download its result. "
        "Send `Authorization: Bearer rp_...`, or use the session of a signed-in browser with the "
        "CSRF token in X-CSRFToken. Errors are application/problem+json with a stable `code`."
    ),
    urls_namespace="api",
    auth=[TokenAuth(), BrowserAuth()],
    throttle=[PersonRate(REQUESTS, "api-requests")],
    docs_decorator=_for_people,
)
problems.install(api)

unknown = Router()


@unknown.api_operation(METHODS, "", include_in_schema=False, auth=None, throttle=[])
def root(request: HttpRequest) -> HttpResponse:
    raise NotFound("This is where the API begins. Its addresses are listed at /api/v1/docs.")


@unknown.api_operation(METHODS, "/{path:rest}", include_in_schema=False, auth=None, throttle=[])
def no_such_path(request: HttpRequest, rest: str) -> HttpResponse:
    raise NotFound("The API has no such address. Its addresses are listed at /api/v1/docs.")


ROOMS = (
    projects, budgets, domains, subsystems, specifications, runs, campaigns, results, dismissals,
    files, reports, behind, alerts, linting, exports,
)  # fmt: skip

for rooms in ROOMS:
    api.add_router("", rooms)
api.add_router("", unknown)  # the last: it takes what none of the others did
