"""Numbers as specifications print them: "1,000", "99.9", "-40", "5e-3", "two", "1 000"."""

import re
from decimal import Decimal, InvalidOperation

_TO_TWENTY = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen twenty"
)
NUMBER_WORDS = {word: Decimal(value) for value, word in enumerate(_TO_TWENTY.split())} | {
    word: Decimal(value)
    for word, value in {
        "thirty": 30,
        "forty": 40,
        "fifty": 50,
        "sixty": 60,
        "seventy": 70,
        "eighty": 80,
        "ninety": 90,
        "hundred": 100,
        "thousand": 1000,
    }.items()
}

# Thousands are grouped by commas or by (thin) no-break spaces; a plain space is two numbers.
NUMBER = re.compile(
    r"(?<![\w.,])[-+−]?(?:\d{1,3}(?:[,\u00a0\u202f]\d{3})++(?![\d])|\d{1,40}+)(?:\.\d{1,40}+)?"
    r"(?:[eE][-+]?\d{1,3}\b)?"
    rf"|\b(?:{'|'.join(sorted(NUMBER_WORDS, key=len, reverse=True))})\b",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"\d++(?:[.,]\d++)*+")


def decimal_of(printed: str) -> Decimal | None:
    """The value of what `NUMBER` matched, None when it is too large to be one."""
    word = NUMBER_WORDS.get(printed.lower())
    if word is not None:
        return word
    plain = re.sub(r"[,\u00a0\u202f]", "", printed).replace("−", "-")
    try:
        return Decimal(plain)
    except InvalidOperation:
        return None


def printed_numbers(text: str) -> tuple[str, ...]:
    """Every run of digits as printed ("99.9", "3.2.1", "1,000"), to see what a text made up."""
    return tuple(_DIGITS.findall(text))
