"""Whether a document is in a language that the quality rules understand: English."""

from collections import Counter
from collections.abc import Iterator

from runs.language.detect import NAMES, detect

from .document import Document
from .errors import DocumentRefused

_WINDOW = 1_200  # characters looked at together: about 200 words
_NAMED = 5  # foreign sections named in one warning


def judge(document: Document) -> tuple[str, tuple[str, ...]]:
    """The document's language and warnings about parts in another one.

    Raises DocumentRefused ("not_english") when most of it is clearly in another language.
    """
    sizes: Counter[str] = Counter()
    foreign: dict[str, list[str]] = {}
    for start, end, place in _windows(document):
        language = detect(document.text[start:end])
        sizes[language] += end - start
        if language not in ("", "en"):
            places = foreign.setdefault(language, [])
            if place not in places:
                places.append(place)
    known = {language: size for language, size in sizes.items() if language}
    if not known:
        return detect(document.text), ()
    main = max(known, key=lambda language: known[language])
    if main != "en" and known[main] > sizes["en"] and known[main] > 0.4 * sizes.total():
        raise DocumentRefused("not_english", _refusal(main))
    if not foreign:
        return "en", ()
    return main, tuple(_warning(language, places) for language, places in foreign.items())


def _refusal(language: str) -> str:
    name = NAMES[language]
    return (
        f"The document seems to be written in {name}; the quality rules cover English only, and "
        "judging it by them would give wrong scores. Please provide an English version."
    )


def _warning(language: str, places: list[str]) -> str:
    named = "; ".join(places[:_NAMED])
    more = f" and {len(places) - _NAMED} more" if len(places) > _NAMED else ""
    return (
        f"Parts seem to be written in {NAMES[language]}: {named}{more}. The rules cover English "
        "only, so check what is extracted there."
    )


def _windows(document: Document) -> Iterator[tuple[int, int, str]]:
    """Stretches of about _WINDOW characters within one section, with the place's name."""
    start, section, page = -1, -1, 1
    end = 0
    for block in document.blocks:
        if start >= 0 and (block.section != section or end - start >= _WINDOW):
            yield start, end, _place(document, section, page)
            start = -1
        if start < 0:
            start, section, page = block.start, block.section, block.page
        end = block.end
    if start >= 0:
        yield start, end, _place(document, section, page)


def _place(document: Document, section: int, page: int) -> str:
    if section >= 0:
        return f"section “{document.sections[section].label[:60]}” (page {page})"
    return f"page {page}"
