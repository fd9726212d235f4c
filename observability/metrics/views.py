"""GET /metrics: for a scraper with a token or from an allowed network, never for a session."""

import logging
import secrets
from ipaddress import IPv4Network, IPv6Network, ip_address

from django.conf import settings
from django.db import Error
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from observability.metrics import exposition

_FORWARDED = ("HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP")

log = logging.getLogger(__name__)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """404 unless METRICS_TOKEN or METRICS_ALLOW is set; 401 or 403 for who is neither; 503 if the
    figures cannot be read."""
    if not (settings.METRICS_TOKEN or settings.METRICS_ALLOW):
        raise Http404
    if not (_has_token(request) or _is_near(request)):
        return _refused()
    try:
        body, content_type = exposition.page(request.headers.get("Accept", ""))
    except (Error, exposition.Busy):
        log.exception("The figures for Prometheus could not be read")
        return _plain("The figures cannot be read now; the log says why. Try again.", 503)
    return HttpResponse(body, content_type=content_type, headers={"Cache-Control": "no-store"})


def _has_token(request: HttpRequest) -> bool:
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    wanted: str = settings.METRICS_TOKEN
    if not wanted or kind.lower() != "bearer":
        return False
    return secrets.compare_digest(given.strip().encode(), wanted.encode())


def _is_near(request: HttpRequest) -> bool:
    """Whether the connection comes from an allowed network. What a proxy passes on comes from the
    proxy, whoever asked, and what it says of them anyone may have written: that needs the token."""
    if any(name in request.META for name in _FORWARDED):
        return False
    try:
        address = ip_address(request.META.get("REMOTE_ADDR", "").partition("%")[0])
    except ValueError:  # a socket of the file system has none
        return False
    mapped = getattr(address, "ipv4_mapped", None) or address
    networks: list[IPv4Network | IPv6Network] = settings.METRICS_ALLOW
    return any(mapped in network for network in networks)


def _refused() -> HttpResponse:
    if not settings.METRICS_TOKEN:
        return _plain("This address is not in METRICS_ALLOW, or comes through a proxy.", 403)
    answer = _plain("Give the token of METRICS_TOKEN as 'Authorization: Bearer TOKEN'.", 401)
    answer.headers["WWW-Authenticate"] = 'Bearer realm="metrics"'
    return answer


def _plain(text: str, status: int) -> HttpResponse:
    return HttpResponse(f"{text}\n", status=status, content_type="text/plain; charset=utf-8")
