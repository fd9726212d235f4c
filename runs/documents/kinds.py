"""What kind of file the bytes are, and whether the name agrees with them."""

from enum import StrEnum
from pathlib import PurePosixPath

from .errors import DocumentRefused


class Kind(StrEnum):
    """The kinds that can be read; the value is the media type."""

    TEXT = "text/plain"
    MARKDOWN = "text/markdown"
    HTML = "text/html"
    PDF = "application/pdf"
    WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


_EXTENSIONS = {
    ".txt": Kind.TEXT,
    ".text": Kind.TEXT,
    ".md": Kind.MARKDOWN,
    ".markdown": Kind.MARKDOWN,
    ".html": Kind.HTML,
    ".htm": Kind.HTML,
    ".pdf": Kind.PDF,
    ".docx": Kind.WORD,
}
SUPPORTED_EXTENSIONS = tuple(_EXTENSIONS)

_NAMES = {
    Kind.TEXT: "plain text",
    Kind.MARKDOWN: "Markdown",
    Kind.HTML: "an HTML page",
    Kind.PDF: "a PDF",
    Kind.WORD: "a Word document (.docx)",
}
# Signatures of what people upload by mistake, and what it is called in the answer.
_FOREIGN = (
    (b"PK\x03\x04", "a ZIP archive or an office file other than .docx"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"{\\rtf", "a Rich Text (.rtf) document"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"%!PS", "a PostScript file"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def kind_of(content: bytes, name: str) -> Kind:
    """The kind by content, confirmed by the extension.

    Raises DocumentRefused: "unsupported_extension", "wrong_type", "encrypted".
    """
    extension = PurePosixPath(name.replace("\\", "/")).suffix.lower()
    named = _EXTENSIONS.get(extension)
    if named is None:
        raise DocumentRefused("unsupported_extension", _unsupported(extension, content))
    _refuse_old_office(content, named)
    found = _binary_kind(content, named)
    if found is named or (found is None and named in (Kind.TEXT, Kind.MARKDOWN, Kind.HTML)):
        return named
    what = _foreign(content) if found is None else _NAMES[found]
    raise DocumentRefused(
        "wrong_type",
        f"The name ends in {extension}, but the content is {what or 'something else'}. "
        f"Give the file its right extension, or save it as {_NAMES[named]}.",
    )


def _binary_kind(content: bytes, named: Kind) -> Kind | None:
    head = content[:1024]
    lead = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    # readers accept up to 1 KB of other bytes before a PDF's first line
    if lead.startswith(b"%PDF-") or (named is Kind.PDF and b"%PDF-" in head):
        return Kind.PDF
    if head.startswith(b"PK\x03\x04") and b"word/" in content:
        return Kind.WORD
    if named is Kind.TEXT and lead[:200].lower().startswith((b"<!doctype html", b"<html")):
        return Kind.HTML
    if named in (Kind.TEXT, Kind.MARKDOWN, Kind.HTML) and _foreign(content):
        what = _foreign(content)
        raise DocumentRefused(
            "wrong_type",
            f"The name says {_NAMES[named]}, but the content is {what}. Upload the "
            "specification as text, Markdown, .docx, .html or PDF.",
        )
    return None


def _foreign(content: bytes) -> str:
    return next((what for magic, what in _FOREIGN if content.startswith(magic)), "")


def _refuse_old_office(content: bytes, named: Kind) -> None:
    if not content.startswith(_OLE):
        return
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise DocumentRefused(
            "encrypted",
            "The document is protected with a password, so it cannot be read. Remove the password "
            "(in Word: File, Info, Protect Document) and upload it again.",
        )
    raise DocumentRefused(
        "wrong_type",
        f"The name says {_NAMES[named]}, but the content is an old office format (.doc, .xls or "
        ".ppt). Open it in Word and save it as .docx, then upload that.",
    )


def _unsupported(extension: str, content: bytes) -> str:
    readable = ", ".join(SUPPORTED_EXTENSIONS)
    what = f"Files ending in {extension}" if extension else "Files without an extension"
    advice = {
        ".doc": "Open it in Word and save it as .docx.",
        ".rtf": "Open it in Word and save it as .docx.",
        ".odt": "Save it as .docx or PDF.",
        ".pages": "Export it as .docx or PDF.",
    }.get(extension, "Save the specification as one of these and upload it again.")
    if not extension and content.startswith(b"%PDF-"):
        advice = "This one looks like a PDF: add .pdf to its name."
    return f"{what} cannot be read; what can be read is {readable}. {advice}"
