"""Who calls the API: the owner of a bearer token, or the person signed in to this browser."""

import re
import threading

from django.http import HttpRequest
from ninja.errors import HttpError, Throttled
from ninja.security import HttpBearer, SessionAuth
from ninja.throttling import SimpleRateThrottle

from reqplatform.errors import NotAllowed
from reqplatform.teams.actions.tokens import user_of_token
from reqplatform.teams.models import User

TOKEN = re.compile(r"rp_[A-Za-z0-9_-]{43}")
FAILURES = "20/m"  # wrong tokens from one address
REQUESTS = "1200/m"  # of one person
UPLOADS = "30/m"  # of one person; each may keep a processor busy for a minute


class SignedRequest(HttpRequest):
    """A request that has passed authentication."""

    auth: User


class FailureRate(SimpleRateThrottle):
    """Counts wrong tokens by address. A right token always gets in, whoever shares its address."""

    scope = "api-failures"

    def get_cache_key(self, request: HttpRequest) -> str:
        # not X-Forwarded-For: whoever guesses tokens would write a new one each time
        return f"{self.scope}:{request.META.get('REMOTE_ADDR', '')}"


class PersonRate(threading.local, SimpleRateThrottle):
    """Counts requests by person. ninja keeps a request's numbers on the throttle itself, which
    all threads share; here each thread has its own."""

    def __init__(self, rate: str, scope: str) -> None:
        self.scope = scope
        super().__init__(rate)

    def get_cache_key(self, request: HttpRequest) -> str:
        user: User = request.auth  # type: ignore[attr-defined]  # set by ninja
        return f"{self.scope}:{user.pk}"


class TokenAuth(HttpBearer):
    """`Authorization: Bearer rp_...`"""

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        user = user_of_token(token) if TOKEN.fullmatch(token) else None
        if user is None:
            failures = FailureRate(FAILURES)
            if not failures.allow_request(request):
                raise Throttled(wait=int(failures.wait() or 60))
        return user


class BrowserAuth(SessionAuth):
    """The browser's session. Whatever changes something needs the page's CSRF token as well."""

    def __call__(self, request: HttpRequest) -> User | None:
        # a wrong token is not forgiven because the browser happens to be signed in
        if "Authorization" in request.headers or not request.user.is_authenticated:
            return None
        try:
            person: User | None = super().__call__(request)
        except HttpError as error:
            raise NotAllowed(
                "The CSRF token is missing or wrong. Send the cookie `csrftoken` again as the "
                "header X-CSRFToken, or use an API token instead of the session.",
                code="csrf_failed",
            ) from error
        return person
