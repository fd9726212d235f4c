"""Lists on pages, by keyset: `?after=` is the cursor of the page before, the filters stay in links.

Nothing is counted and nothing skipped, so the last page costs what the first one does.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import urlencode

from django.db.models import Model, QuerySet
from django.http import HttpRequest

from reqplatform.errors import InvalidInput
from reqplatform.pagination import LIMIT, PageQuery, paginate

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class ListPage(Generic[M]):
    """`next`: what `?after=` is on the page after it; None on the last one."""

    rows: list[M]
    next: str | None
    is_first: bool
    newest_first: bool

    def __iter__(self) -> Iterator[M]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def page_of(
    request: HttpRequest, rows: QuerySet[M], by: Sequence[str], limit: int = LIMIT
) -> ListPage[M]:
    """The page that the address asks for. A cursor of another list or of other filters, and one
    whose rows are gone, begins again. `by` as in `paginate`."""
    words = [
        (key, said) for key, values in request.GET.lists() if key != "after" for said in values
    ]
    scope = f"{request.path}?{urlencode(sorted(words))}"
    cursor = request.GET.get("after", "")[:2000]
    found: list[M] = []
    if cursor:
        try:
            found, following = paginate(
                rows, by, PageQuery(limit=limit, cursor=cursor), scope=scope
            )
        except InvalidInput:
            cursor = ""
    if not found:
        cursor = ""
        found, following = paginate(rows, by, PageQuery(limit=limit, cursor=""), scope=scope)
    return ListPage(found, following, not cursor, by[0].startswith("-"))
