"""A document's own identifiers: "FR-012", "SSR5", "3.2.1-4", in the margin or in front of a text.

A bullet, "a)" or "1." counts items but names none of them: it comes round again in the next list.
"""

import re

_DECIMAL = re.compile(r"\d{1,3}(?:\.\d{1,4}){1,8}(?:-\d{1,4})?[a-z]{0,4}[.):]?")
_NAMED = re.compile(
    r"\[?[A-Za-z][A-Za-z0-9]{0,14}(?:[-_./ ]{1,2}[A-Za-z0-9]{1,12}){0,5}\]?[.):]?", re.ASCII
)
_STEP = re.compile(r"\(?(?:[A-Za-z]\d{1,2}|\d{1,3}[A-Za-z])[.):]?")  # a flow's step: "A2.", "2c"
_PREFIX = re.compile(
    r"(\[[A-Za-z][\w.\-/]{0,24}\d[\w.\-/]{0,12}\]"
    r"|(?=[A-Z][\w\-./]{0,40}\d)[A-Z][A-Za-z0-9]{0,12}(?:[-_./][A-Za-z0-9]{1,12}){1,5}"
    r"|(?:REQ|R|FR|NFR|UR|SR|SRS|SYS|PR|CR|IR|BR)[ #]?\d{1,5}"
    r"|\d{1,3}(?:\.\d{1,4}){2,8}(?:-\d{1,4})?[a-z]{0,4})"
    r"(?:\s{0,2}[:)–—-]\s{1,3}|\s{1,3}|(?<=\d)(?=[A-Z][a-z]))(?=[A-Z\"“(\[])"
)
_STANDARD = re.compile(
    r"(?:ISO|IEC|IEEE|EN|RFC|SHA|AES|RS|UTF|MIL|DO|DIN|ANSI|ITU|ETSI|USB|TLS|HTTP|IPv|ASCII|"
    r"Table|Figure|Section|Chapter|Version|Level|Class|Type|Phase|Part|Step|Note)[-\s_./\d]",
    re.IGNORECASE,
)


def identifier_in_marker(marker: str) -> str:
    """The identifier that a printed marker is, "" when it only counts items or is a bullet."""
    marker = marker.strip()
    if _DECIMAL.fullmatch(marker):
        return marker.rstrip(".):")
    if _STEP.fullmatch(marker):
        return ""
    if any(map(str.isdigit, marker)) and _NAMED.fullmatch(marker) and len(marker) > 2:
        return _unbracketed(marker.rstrip(".):"))
    return ""


def _unbracketed(identifier: str) -> str:
    """ "REQ-11" of "[REQ-11]": brackets are how it is printed."""
    return identifier.removeprefix("[").removesuffix("]")


def identifier_in_text(text: str) -> tuple[str, int]:
    """The identifier that a text begins with and where the rest starts; ("", 0) if none."""
    match = _PREFIX.match(text)
    if not match or _STANDARD.match(match[1]):
        return "", 0
    return _unbracketed(match[1]), match.end()


def family_of(identifier: str) -> str:
    """What identifiers of one kind share: "REQ-" of "REQ-12", "" of "3.2.1"."""
    return re.sub(r"[\d.]+.*$", "", identifier)
