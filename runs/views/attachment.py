"""Files leave as attachments: never shown, never guessed at, under a name that is only a name."""

import re
from collections.abc import Iterable

from django.http import HttpResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header

UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f/\\:*?"<>|\u200e\u200f\u202a-\u202e\u2066-\u2069]')


def safe_filename(name: str) -> str:
    """`name` without what a file system or a reader could take for something else."""
    return UNSAFE.sub("_", name).strip(" .")[-150:] or "file"


def attachment(content: bytes, name: str, media_type: str) -> HttpResponse:
    return HttpResponse(content, content_type=media_type, headers=_headers(name))


def streamed(
    parts: Iterable[bytes], size: int, name: str, media_type: str
) -> StreamingHttpResponse:
    """The same of a file that is never held as a whole; `size` in bytes."""
    headers = _headers(name) | {"Content-Length": str(size)}
    return StreamingHttpResponse(parts, content_type=media_type, headers=headers)


def _headers(name: str) -> dict[str, str]:
    disposition = content_disposition_header(True, safe_filename(name))
    return {
        "Content-Disposition": disposition or "attachment",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "private, no-store",
    }
