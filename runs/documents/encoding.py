"""From bytes to text, whatever editor wrote them."""

import codecs
import re

from .errors import DocumentRefused

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE = 64 * 1024
_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\x9f\ufffd]")
_UNREADABLE = (
    "The file is not readable text: it holds bytes of no known text encoding. Save it as UTF-8 "
    "text, or upload the original .docx or .pdf."
)


def decode(content: bytes) -> tuple[str, tuple[str, ...]]:
    """The text and warnings about it. Raises DocumentRefused ("unreadable_encoding")."""
    for bom, encoding in _BOMS:
        if content.startswith(bom):
            return _lenient(content[len(bom) :], encoding)
    if encoding := _wide(content[:_SAMPLE]):
        return _lenient(content, encoding)
    try:
        return _readable(content.decode("utf-8"), ())
    except UnicodeDecodeError:
        pass
    if (paired := _surrogates_paired(content)) is not None:
        return _lenient(paired, "utf-16-le", written_as="utf-8")
    if _nearly_utf8(content):
        return _lenient(content, "utf-8")
    return _single_byte(content)


def _readable(text: str, warnings: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Refuse what decodes but is no text: a picture, a program, noise."""
    sample = text[:_SAMPLE]
    if len(_CONTROL.findall(sample)) > 0.05 * len(sample) + 4:
        raise DocumentRefused("unreadable_encoding", _UNREADABLE)
    return text, warnings


def _lenient(content: bytes, encoding: str, *, written_as: str = "") -> tuple[str, tuple[str, ...]]:
    text = content.decode(encoding, errors="replace")
    bad = text.count("\ufffd")
    if not bad:
        return _readable(text, ())
    name = (written_as or encoding).upper()
    return _readable(text, (f"{bad} characters could not be read as {name} and show as �.",))


def _wide(sample: bytes) -> str:
    """UTF-16 without a byte order mark: in Western text every other byte is zero."""
    if len(sample) < 4 or b"\0" not in sample:
        return ""
    even, odd = sample[0::2], sample[1::2]
    high, low = even.count(0) / len(even), odd.count(0) / len(odd)
    if low > 0.4 and high < 0.1:
        return "utf-16-le"
    if high > 0.4 and low < 0.1:
        return "utf-16-be"
    return ""


def _surrogates_paired(content: bytes) -> bytes | None:
    """As UTF-16, a text in UTF-8 but for surrogates in it; None if it is something else.

    Programs that hold text in UTF-16 write these: pairs, which are characters, and lone halves of
    them where a text was cut, which are none.
    """
    try:
        return content.decode("utf-8", "surrogatepass").encode("utf-16-le", "surrogatepass")
    except UnicodeDecodeError:
        return None


def _nearly_utf8(content: bytes) -> bool:
    """UTF-8 with a few damaged characters: most of the non-ASCII ones decode."""
    text = content[: 16 * _SAMPLE].decode("utf-8", errors="replace")
    damaged = text.count("\ufffd")
    other = sum(1 for character in text if character > "\x7f") - damaged
    return other > 10 * damaged


def _single_byte(content: bytes) -> tuple[str, tuple[str, ...]]:
    sample = content[:_SAMPLE]
    letters = sum(1 for byte in sample if 65 <= byte <= 90 or 97 <= byte <= 122)
    foreign = sum(1 for byte in sample if byte >= 128)
    if foreign <= 0.12 * (letters + foreign):
        return _readable(_western(content), ())
    from charset_normalizer import from_bytes  # slow to import, rarely needed

    best = from_bytes(sample).best()
    if best is None:
        raise DocumentRefused("unreadable_encoding", _UNREADABLE)
    return _lenient(content, best.encoding)


def _western(content: bytes) -> str:
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError:  # five bytes mean nothing in cp1252
        return content.decode("latin-1")
