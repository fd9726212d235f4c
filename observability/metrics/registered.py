"""Who can tell what. Rooms above register their own; nothing here knows of them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from observability.metrics.described import Metric, Point
from observability.metrics.scrape import Scrape

Collect = Callable[[Scrape], Iterable[Point]]


@dataclass(frozen=True, slots=True)
class Collector:
    metrics: tuple[Metric, ...]
    collect: Collect


_collectors: dict[str, Collector] = {}


def register(name: str, metrics: tuple[Metric, ...], collect: Collect) -> None:
    """Let `collect` be asked at every scrape; the same name again takes the other's place."""
    _collectors[name] = Collector(metrics, collect)


def registered() -> list[Collector]:
    """In the order of their names, so that a page is always in the same order."""
    return [_collectors[name] for name in sorted(_collectors)]
