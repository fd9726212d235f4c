"""Writes small PDFs for the tests: text at a place, straight lines, several pages."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field

A4 = (595, 842)
BODY, LEFT, RIGHT = 11.0, 72.0, 520.0
_AVERAGE_WIDTH = 0.5  # of Helvetica's letters, in font sizes; good enough to wrap lines


@dataclass
class Page:
    """What is drawn on one page; coordinates in points from the lower left corner."""

    operators: list[str] = field(default_factory=list)
    rotate: int = 0
    y: float = 780.0

    def text(
        self, x: float, y: float, words: str, size: float = BODY, *, bold: bool = False
    ) -> None:
        literal = words.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        font = "F2" if bold else "F1"
        self.operators.append(f"BT /{font} {size} Tf {x} {y} Td ({literal}) Tj ET")

    def line(self, x0: float, y0: float, x1: float, y1: float) -> None:
        self.operators.append(f"0.5 w {x0} {y0} m {x1} {y1} l S")

    def heading(self, words: str, size: float = 14.0) -> None:
        self.y -= 2 * size
        self.text(LEFT, self.y, words, size, bold=True)
        self.y -= 24

    def paragraph(self, words: str, x: float = LEFT, *, marker: str = "", hang: float = 0) -> None:
        """Wrapped words, with room above; the marker stands `hang` points to their left."""
        if marker:
            self.text(x, self.y, marker)
        for row in wrapped(words, RIGHT - x - hang):
            self.text(x + hang, self.y, row)
            self.y -= 13
        self.y -= 11

    def grid(self, xs: Sequence[float], ys: Sequence[float]) -> None:
        for x in xs:
            self.line(x, ys[0], x, ys[-1])
        for y in ys:
            self.line(xs[0], y, xs[-1], y)


def wrapped(words: str, width: float, size: float = BODY) -> list[str]:
    limit = int(width / (size * _AVERAGE_WIDTH))
    rows = [""]
    for word in words.split():
        if rows[-1] and len(rows[-1]) + 1 + len(word) > limit:
            rows.append("")
        rows[-1] = f"{rows[-1]} {word}".strip()
    return rows


def pdf(*pages: Page) -> bytes:
    """The finished file."""
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
    ]
    bodies: list[bytes] = [text.encode("latin-1") for text in objects]
    kids = []
    for page in pages:
        stream = zlib.compress("\n".join(page.operators).encode("cp1252"))
        head = f"<< /Length {len(stream)} /Filter /FlateDecode >>\nstream\n".encode()
        bodies.append(head + stream + b"\nendstream")
        content = len(bodies)
        bodies.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {A4[0]} {A4[1]}] /Rotate {page.rotate} "
            f"/Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> /Contents {content} 0 R >>".encode()
        )
        kids.append(f"{len(bodies)} 0 R")
    bodies[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>".encode()
    return _assembled(bodies)


def _assembled(bodies: list[bytes]) -> bytes:
    out = b"%PDF-1.4\n"
    offsets = []
    for number, body in enumerate(bodies, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    trailer = (
        f"xref\n0 {len(bodies) + 1}\n0000000000 65535 f \n{table}"
        f"trailer << /Size {len(bodies) + 1} /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF\n"
    )
    return out + trailer.encode()
