"""Following the links of a list from page to page."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

from django.test import Client

_NEXT = re.compile(r'rel="next" href="([^"]+)"')


def next_of(answer: Any) -> str | None:
    """The query of the link to the next page; None on the last one."""
    found = _NEXT.search(answer.text)
    return unescape(found[1]) if found else None


def each_page(client: Client, path: str, query: str = "") -> Iterator[Any]:
    """The answers from the first page to the last."""
    link: str | None = query
    while link is not None:
        answer = client.get(path + link)
        assert answer.status_code == 200
        yield answer
        link = next_of(answer)
