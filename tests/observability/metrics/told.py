"""Reading figures as a scraper does: the page is parsed, not the objects behind it."""

from collections.abc import Iterator

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from observability.metrics import exposition
from observability.metrics.described import PREFIX


def samples() -> Iterator[Sample]:
    """All samples of a page that is read now."""
    exposition.forget()
    body, _ = exposition.page()
    for family in text_string_to_metric_families(body.decode()):
        yield from family.samples


def values(name: str, **labels: str) -> list[float]:
    """The values of a metric where it has these labels."""
    return [
        sample.value
        for sample in samples()
        if sample.name == PREFIX + name and labels.items() <= sample.labels.items()
    ]


def value(name: str, **labels: str) -> float:
    (found,) = values(name, **labels)
    return found
