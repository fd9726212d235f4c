"""Cursor (keyset) pagination: each page begins after the last row of the one before.

Pages stay right while rows are added, and page 1,000 costs what page 1 costs.
"""

import operator
from collections.abc import Sequence
from datetime import datetime
from functools import reduce
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.core import signing
from django.core.paginator import Paginator
from django.db.models import Model, Q, QuerySet
from django.utils.functional import cached_property
from pydantic import BaseModel, ConfigDict, Field

from reqplatform.errors import InvalidInput

T = TypeVar("T")
M = TypeVar("M", bound=Model)

LIMIT = 50
MOST = 200


class PageQuery(BaseModel):
    """Which page of a list is wanted."""

    model_config = ConfigDict(frozen=True)

    limit: int = Field(LIMIT, ge=1, le=MOST, description="How many items the page has at most.")
    cursor: str = Field(
        "", max_length=2000, description="`next` of the page before; empty for the first page."
    )


class Page(BaseModel, Generic[T]):
    """One page of a list. `next` is the cursor of the page after it; null on the last one."""

    model_config = ConfigDict(frozen=True)

    items: list[T]
    next: str | None = None


def paginate(
    rows: QuerySet[M], by: Sequence[str], query: PageQuery, *, scope: str
) -> tuple[list[M], str | None]:
    """The rows of the page and the cursor of the next page, in one database query.

    `by` orders the rows: lookups that together are unique and never null, all ascending or all
    with a leading "-". `scope` names the list with its filters: a cursor works in its own list
    only. Raises InvalidInput for any other cursor.
    """
    fields = [field.removeprefix("-") for field in by]
    rows = rows.order_by(*by)
    if query.cursor:
        beyond = "lt" if by[0].startswith("-") else "gt"
        rows = rows.filter(_after(fields, _read(query.cursor, scope, len(fields)), beyond))
    found = list(rows[: query.limit + 1])
    if len(found) <= query.limit:
        return found, None
    page = found[: query.limit]
    return page, _write([_value(page[-1], field) for field in fields], scope)


def _after(fields: Sequence[str], values: Sequence[Any], beyond: str) -> Q:
    """(a, b) > (x, y) as a > x or (a = x and b > y), which every database understands alike."""
    steps = []
    for index, field in enumerate(fields):
        same = dict(zip(fields[:index], values[:index], strict=True))
        steps.append(Q(**same, **{f"{field}__{beyond}": values[index]}))
    return reduce(operator.or_, steps)


def _value(row: Model, lookup: str) -> Any:
    value: Any = row
    for name in lookup.split("__"):
        value = getattr(value, name)
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def _write(values: list[Any], scope: str) -> str:
    return signing.dumps(values, salt=f"cursor:{scope}")


def _read(cursor: str, scope: str, count: int) -> list[Any]:
    try:
        values = signing.loads(cursor, salt=f"cursor:{scope}")
    except signing.BadSignature:
        values = None
    if not isinstance(values, list) or len(values) != count:
        raise InvalidInput(
            "This cursor does not belong to this list with these filters. Begin again without a "
            "cursor and take `next` of each page as it is.",
            code="bad_cursor",
            field="cursor",
        )
    return values


CAP = 10_000


def counted(rows: QuerySet[Any]) -> str:
    """How many rows there are, for people: "1,234", and "10,000+" of more, without counting on."""
    count = rows.order_by()[: CAP + 1].count()
    return f"{CAP:,}+" if count > CAP else f"{count:,}"


class CappedPaginator(Paginator[Any]):
    """Pages of a table in the admin that may have a million rows: it counts up to 10,000 of them,
    and no page begins beyond. Who looks for a row further back filters or searches."""

    CAP = CAP

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return min(self.CAP, int(rows.order_by()[: self.CAP + 1].count()))

    @cached_property
    def is_capped(self) -> bool:
        return self.count == self.CAP
