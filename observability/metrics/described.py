"""What a metric is: its name, its labels and what it says, told once for page, docs and tests."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from prometheus_client import core

PREFIX = "reqplatform_"


class Kind(StrEnum):
    """A counter never goes down, so `rate` and `increase` may be asked of it."""

    COUNTER = "counter"
    GAUGE = "gauge"


@dataclass(frozen=True, slots=True)
class Metric:
    """`name` as it is exposed, in base units: dollars, seconds, tokens."""

    name: str
    kind: Kind
    labels: tuple[str, ...]
    help: str

    def __post_init__(self) -> None:
        if not self.name.startswith(PREFIX):
            raise ValueError(f"{self.name}: every metric of ours begins with {PREFIX}.")
        if self.name.endswith("_total") != (self.kind == Kind.COUNTER):
            raise ValueError(f"{self.name}: counters, and only they, end in _total.")

    def family(self) -> core.Metric:
        """An empty family for prometheus_client."""
        made = {
            Kind.COUNTER: core.CounterMetricFamily,
            Kind.GAUGE: core.GaugeMetricFamily,
        }[self.kind]
        family: core.Metric = made(self.name, self.help, labels=self.labels)
        return family

    def at(self, value: float, *labels: str) -> "Point":
        if len(labels) != len(self.labels):
            raise ValueError(f"{self.name} has the labels {self.labels}, not {labels}.")
        return Point(self, labels, value)


class Point(NamedTuple):
    """One value, with a label for each of the metric's names."""

    metric: Metric
    labels: tuple[str, ...]
    value: float


def counter(name: str, labels: tuple[str, ...], told: str) -> Metric:
    return Metric(PREFIX + name, Kind.COUNTER, labels, told)


def gauge(name: str, labels: tuple[str, ...], told: str) -> Metric:
    return Metric(PREFIX + name, Kind.GAUGE, labels, told)
