"""A document as bytes and back, for storage and for the pipe from the child process.

Compact JSON by columns under zlib: half a million blocks need a few lists, not half a million.
"""

import json
import zlib
from typing import Any

from .document import Block, BlockKind, Cell, Document, Section

_VERSION = 1
_KINDS = tuple(BlockKind)
_CODES = {kind: str(code) for code, kind in enumerate(_KINDS)}


def to_bytes(document: Document) -> bytes:
    """Lossless: `from_bytes(to_bytes(document)) == document`."""
    blocks = document.blocks
    content: dict[str, Any] = {
        "version": _VERSION,
        "name": document.name,
        "media_type": document.media_type,
        "text": document.text,
        "pages": document.pages,
        "page_starts": document.page_starts,
        "language": document.language,
        "warnings": document.warnings,
        "sections": [
            (s.number, s.title, s.level, s.start, s.end, s.page) for s in document.sections
        ],
        "kind": "".join(_CODES[b.kind] for b in blocks),
        "start": [b.start for b in blocks],
        "length": [b.end - b.start for b in blocks],
        "page": [b.page for b in blocks],
        "section": [b.section for b in blocks],
        "level": [b.level for b in blocks],
        "marker": {i: b.marker for i, b in enumerate(blocks) if b.marker},
        "cell": {
            i: (b.cell.table, b.cell.row, b.cell.column, b.cell.header)
            for i, b in enumerate(blocks)
            if b.cell
        },
    }
    packer = zlib.compressobj(level=3)
    packed = [packer.compress(part.encode("utf-8", "surrogatepass")) for part in _encoded(content)]
    packed.append(packer.flush())
    return b"".join(packed)


def _encoded(content: dict[str, Any]) -> list[str]:
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    parts = ["{"]
    for number, (key, value) in enumerate(content.items()):
        parts.append(f'{"," if number else ""}"{key}":')
        parts.append(encode(value))
    parts.append("}")
    return parts


def from_bytes(packed: bytes) -> Document:
    """The document again. Raises ValueError for bytes that `to_bytes` did not make."""
    try:
        content = json.loads(zlib.decompress(packed).decode("utf-8", "surrogatepass"))
    except zlib.error as error:
        raise ValueError("These bytes are not a stored document: they don't unpack.") from error
    if not isinstance(content, dict) or content.get("version") != _VERSION:
        raise ValueError(f"A stored document of version {_VERSION} was expected.")
    return Document(
        name=content["name"],
        media_type=content["media_type"],
        text=content["text"],
        pages=content["pages"],
        sections=tuple(Section(*fields) for fields in content["sections"]),
        blocks=_blocks(content),
        page_starts=tuple(content["page_starts"]),
        language=content["language"],
        warnings=tuple(content["warnings"]),
    )


def _blocks(content: dict[str, Any]) -> tuple[Block, ...]:
    columns = (content[key] for key in ("kind", "start", "length", "page", "section", "level"))
    markers: dict[str, str] = content["marker"]
    cells: dict[str, list[Any]] = content["cell"]
    shared: dict[str, str] = {}
    blocks = []
    for index, (kind, start, length, page, section, level) in enumerate(zip(*columns, strict=True)):
        key = str(index)
        marker = markers.get(key, "")
        cell = cells.get(key)
        blocks.append(
            Block(
                kind=_KINDS[int(kind)],
                start=start,
                end=start + length,
                page=page,
                section=section,
                level=level,
                marker=shared.setdefault(marker, marker),
                cell=Cell(*cell) if cell else None,
            )
        )
    return tuple(blocks)
