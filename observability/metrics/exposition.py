"""The page: everything that is registered, read at once, and kept for a few seconds.

However many scrapers ask, a web process reads the database once in KEPT_SECONDS. All is read before
anything is written, so there is a whole page or none.
"""

import threading
import time
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version

from django.core.cache import cache
from prometheus_client import CollectorRegistry, core
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from observability.metrics import scrape
from observability.metrics.described import Metric, Point, gauge
from observability.metrics.registered import registered

KEPT_SECONDS = 10.0
WAIT_SECONDS = 8.0  # for another request that is reading; Prometheus gives up after 10
_KEY = "observability.metrics"

BUILD = gauge("build_info", ("version",), "1; the version that answers.")
READ_AT = gauge(
    "metrics_read_timestamp_seconds",
    (),
    "When the figures of this page were read from the database; a page is kept for 10 seconds.",
)
READ_IN = gauge("metrics_read_duration_seconds", (), "How long that took.")
OWN: tuple[Metric, ...] = (BUILD, READ_AT, READ_IN)

_reading = threading.Lock()


class Busy(Exception):  # noqa: N818 - read as a sentence where it is raised
    """Another request has been reading the figures for too long."""


class _Read(Collector):
    """Families that were read already, for prometheus_client to write down."""

    def __init__(self, families: Iterable[core.Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[core.Metric]:
        return self._families


def described() -> list[Metric]:
    """Every metric of the page, in its order."""
    return [*OWN, *(metric for collector in registered() for metric in collector.metrics)]


def page(accept: str = "") -> tuple[bytes, str]:
    """The page and its content type: Prometheus' text, or OpenMetrics for who accepts it.

    Raises Busy if the database has kept another request waiting for 8 seconds, and what the
    database raises.
    """
    encode, content_type = choose_encoder(accept)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Read(_kept()))
    return encode(registry), content_type


def forget() -> None:
    """Read anew at the next request, for tests."""
    cache.delete(_KEY)


def _kept() -> list[core.Metric]:
    found: list[core.Metric] | None = cache.get(_KEY)
    if found is not None:
        return found
    if not _reading.acquire(timeout=WAIT_SECONDS):
        raise Busy("The figures are still being read for another request.")
    try:
        found = cache.get(_KEY)
        if found is None:
            found = read()
            cache.set(_KEY, found, KEPT_SECONDS)
        return found
    finally:
        _reading.release()


def read() -> list[core.Metric]:
    """All families, from the database."""
    began = time.perf_counter()
    points = list(_points())
    at = [
        BUILD.at(1, _version()),
        READ_AT.at(round(time.time(), 3)),
        READ_IN.at(round(time.perf_counter() - began, 4)),
    ]
    families = {metric.name: metric.family() for metric in described()}
    for metric, labels, value in (*at, *points):
        families[metric.name].add_sample(
            metric.name, dict(zip(metric.labels, labels, strict=True)), value
        )
    return list(families.values())


def _points() -> Iterable[Point]:
    begun = scrape.begin()
    for collector in registered():
        yield from collector.collect(begun)


def _version() -> str:
    try:
        return version("reqplatform")
    except PackageNotFoundError:
        return "unknown"
