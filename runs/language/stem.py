"""Word forms reduced to their stem, so that "recording" finds "records".

M.F. Porter, "An algorithm for suffix stripping", Program 14(3), 1980, steps 1 to 5.
"""

from functools import lru_cache

_VOWELS = "aeiou"
_STEP2 = (
    "ational:ate tional:tion enci:ence anci:ance izer:ize abli:able alli:al entli:ent eli:e "
    "ousli:ous ization:ize isation:ise ation:ate ator:ate alism:al iveness:ive fulness:ful "
    "ousness:ous aliti:al iviti:ive biliti:ble"
)
_STEP3 = "icate:ic ative: alize:al iciti:ic ical:ic ful: ness:"
_STEP4 = "al ance ence er ic able ible ant ement ment ent ion ou ism ate iti ous ive ize ise"


def _rules(text: str) -> tuple[tuple[str, str], ...]:
    pairs = (rule.split(":") for rule in text.split())
    return tuple(sorted(((a, b) for a, b in pairs), key=lambda rule: -len(rule[0])))


_RULES2, _RULES3 = _rules(_STEP2), _rules(_STEP3)
_SUFFIXES4 = tuple(sorted(_STEP4.split(), key=len, reverse=True))


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """The stem of a word in lower case. Words of up to two letters, or with digits, stay whole."""
    if len(word) <= 2 or len(word) > 40 or not word.isalpha():
        return word
    word = _step1(word)
    word = _replaced(word, _RULES2)
    word = _replaced(word, _RULES3)
    return _step5(_step4(word))


def _is_consonant(word: str, i: int) -> bool:
    if word[i] in _VOWELS:
        return False
    return word[i] != "y" or i == 0 or not _is_consonant(word, i - 1)


def _measure(word: str) -> int:
    """How often a vowel is followed by a consonant: Porter's m."""
    count, before = 0, True
    for i in range(len(word)):
        consonant = word[i] not in _VOWELS and (word[i] != "y" or i == 0 or not before)
        if consonant and not before:
            count += 1
        before = consonant
    return count


def _has_vowel(word: str) -> bool:
    return any(letter in _VOWELS or (letter == "y" and i > 0) for i, letter in enumerate(word))


def _ends_cvc(word: str) -> bool:
    if len(word) < 3 or word[-1] in "wxy":
        return False
    last = len(word) - 1
    return (
        _is_consonant(word, last)
        and not _is_consonant(word, last - 1)
        and _is_consonant(word, last - 2)
    )


def _step1(word: str) -> str:
    if word.endswith(("sses", "ies")):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith("ss"):
        word = word[:-1]
    if word.endswith("eed"):
        word = word[:-1] if _measure(word[:-3]) > 0 else word
    else:
        for suffix in ("ed", "ing"):
            if word.endswith(suffix) and _has_vowel(word[: -len(suffix)]):
                word = _repaired(word[: -len(suffix)])
                break
    if word.endswith("y") and _has_vowel(word[:-1]):
        word = word[:-1] + "i"
    return word


def _repaired(word: str) -> str:
    if word.endswith(("at", "bl", "iz", "is")):
        return word + "e"
    doubled = len(word) > 1 and word[-1] == word[-2] and _is_consonant(word, len(word) - 1)
    if doubled and word[-1] not in "lsz":
        return word[:-1]
    if _measure(word) == 1 and _ends_cvc(word):
        return word + "e"
    return word


def _replaced(word: str, rules: tuple[tuple[str, str], ...]) -> str:
    for suffix, replacement in rules:
        if word.endswith(suffix):
            base = word[: -len(suffix)]
            return base + replacement if _measure(base) > 0 else word
    return word


def _step4(word: str) -> str:
    for suffix in _SUFFIXES4:
        if not word.endswith(suffix):
            continue
        base = word[: -len(suffix)]
        if _measure(base) <= 1 or (suffix == "ion" and not base.endswith(("s", "t"))):
            return word
        return base
    return word


def _step5(word: str) -> str:
    if word.endswith("e"):
        base = word[:-1]
        if _measure(base) > 1 or (_measure(base) == 1 and not _ends_cvc(base)):
            word = base
    if word.endswith("ll") and _measure(word[:-1]) > 1:
        word = word[:-1]
    return word
