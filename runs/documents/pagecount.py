"""The limit on pages, asked by the parsers before they read them."""

from .errors import DocumentRefused
from .limits import MAX_PAGES


def check_pages(pages: int) -> None:
    """Refuse more than MAX_PAGES."""
    if pages > MAX_PAGES:
        raise DocumentRefused(
            "too_many_pages",
            f"The document has {pages:,} pages; the limit is {MAX_PAGES:,}. Split it into volumes "
            "and upload them one by one.",
        )
