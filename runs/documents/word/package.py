"""The parts of a .docx that are read, under limits that are checked before anything is unpacked."""

import io
import zipfile
import zlib
from typing import Any

from ..errors import DocumentRefused
from ..limits import (
    MAX_ARCHIVE_ENTRIES,
    MAX_UNPACKED_BYTES,
    MAX_UNPACKED_RATIO,
    RATIO_FREE_BYTES,
)

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
_TRANSITIONAL = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_DOCUMENT = "word/document.xml"
_UNPACKING = (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError)
_CORRUPT = (
    "The Word document is damaged: {}. Open it in Word, save it again under a new name and upload "
    "that."
)


class Package:
    """The XML parts of a document. Raises DocumentRefused."""

    def __init__(self, content: bytes) -> None:
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(content))
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
            raise DocumentRefused(
                "corrupt", _CORRUPT.format("its archive is incomplete")
            ) from error
        entries = self._archive.infolist()
        _check_size(entries, len(content))
        self._names = {entry.filename for entry in entries}
        if _DOCUMENT not in self._names:
            raise DocumentRefused(
                "wrong_type",
                "The name ends in .docx, but the archive holds no Word document. Save the "
                "specification in Word as .docx and upload that.",
            )

    def document(self) -> Any:
        """The root element of the main part."""
        return self._part(_DOCUMENT)

    def optional(self, name: str) -> Any | None:
        """The root element of `word/<name>.xml`, None if there is none."""
        path = f"word/{name}.xml"
        return self._part(path) if path in self._names else None

    def _part(self, path: str) -> Any:
        from lxml import etree

        # No entities, no network, no DTD: a specification has no use for them.
        parser = etree.XMLParser(
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=True,
            remove_comments=True,
            remove_pis=True,
        )
        try:
            source = self._archive.read(path).replace(_STRICT, _TRANSITIONAL)
            return etree.fromstring(source, parser)
        except (*_UNPACKING, etree.XMLSyntaxError) as error:
            raise DocumentRefused("corrupt", _CORRUPT.format(f"{path} is unreadable")) from error
        except RuntimeError as error:  # zipfile's word for a password
            raise DocumentRefused(
                "encrypted",
                "The Word document's archive is protected with a password. Save it without one and "
                "upload it again.",
            ) from error


def _check_size(entries: list[zipfile.ZipInfo], packed: int) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MAX_ARCHIVE_ENTRIES:
        reason = f"has {len(entries):,} parts; the limit is {MAX_ARCHIVE_ENTRIES:,}"
    elif unpacked > MAX_UNPACKED_BYTES:
        limit = MAX_UNPACKED_BYTES // 2**20
        reason = f"unpacks to {unpacked // 2**20:,} MB; the limit is {limit} MB"
    elif unpacked > RATIO_FREE_BYTES and unpacked > MAX_UNPACKED_RATIO * packed:
        reason = f"unpacks to {unpacked // packed} times its size, as only malicious files do"
    else:
        return
    raise DocumentRefused(
        "too_large",
        f"The Word document {reason}. Save it without pictures and embedded files, or split it.",
    )
