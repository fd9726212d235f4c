"""Many rows, a few at a time, by their keys: page 1,000 costs what page 1 costs."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

CHUNK = 1_000


def bound_of(rows: "QuerySet[Any]") -> Any:
    """The last key there is now; rows that are written later are not read. None: no row."""
    return rows.order_by("-pk").values_list("pk", flat=True).first()


def chunks(rows: "QuerySet[Any]", bound: Any, size: int = CHUNK) -> Iterator[list[Any]]:
    """The rows up to the bound, in the order of their keys."""
    if bound is None:
        return
    rows = rows.filter(pk__lte=bound).order_by("pk")
    after = None
    while found := list((rows if after is None else rows.filter(pk__gt=after))[:size]):
        yield found
        after = found[-1].pk
