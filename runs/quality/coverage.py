"""Is a text in a language that the rules cover? They cover English and claim nothing beyond it."""

from collections.abc import Sequence

from runs.language.detect import detect
from runs.quality.lexicon import Word, word_set

_ENGLISH = word_set(
    "the of and to is are be been shall must should will may can cannot has have by for from with "
    "that this these those which when while where if it its not any all each every at into than "
    "then or as on an in within after before between during their they does do was were able a"
)
# Function words of requirements in other languages that are no English words, nor abbreviations
# that English texts use. `detect` needs twenty words; a requirement often has fewer.
_GERMANIC = (
    "der das und ist sind wird werden muss müssen soll sollen kann können darf nicht ein eine "
    "einen einer mit für auf von dem zu zur zum bei aus nach durch über oder wenn het een van "
    "voor niet moet moeten wordt worden zijn kan deze dat bij och att är som ska skall inte på "
    "til og ikke"
)
_ROMANCE = (
    "le les et est sont doit doivent une dans pour par avec qui que pas sur aux ou être peut cette "
    "el los las del debe deben deberá un una y con para por que lo na em uma deve devem não il gli "
    "che della dello dei delle è essere devono"
)
_FURTHER = (
    "jest się nie przez musi który oraz při musí nebo bir olmalıdır için és hogy kell este să"
)
_OTHER = word_set(f"{_GERMANIC} {_ROMANCE} {_FURTHER}")


def is_english(text: str, words: Sequence[Word]) -> bool:
    """False when the text shows another language. A text too short to tell counts as English.

    Another script for most letters shows it; so do more function words of other languages than of
    English, when there are at least two, or one in a text without any English one.
    """
    if text.isascii() and len(words) < 2:
        return True
    if detect(text) not in ("", "en") or _is_in_another_script(text):
        return False
    english = sum(1 for word in words if word.lower in _ENGLISH)
    other = sum(1 for word in words if word.lower in _OTHER)
    if other < 2:
        return other == 0 or english > 0 or len(words) < 4
    return english >= other


def _is_in_another_script(text: str) -> bool:
    """Short texts that `detect` leaves open; a lone Greek letter in "Δv" or "5 µs" is none."""
    if text.isascii():
        return False
    letters = sum(map(str.isalpha, text))
    foreign = sum(1 for char in text if char > "\u024f" and char.isalpha())
    return foreign > 2 and foreign * 2 > letters
