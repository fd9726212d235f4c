"""Modal verbs: what makes a sentence binding, wished for, announced or allowed.

The four strengths follow ISO/IEC/IEEE 29148:2018, 5.2.4: "shall" binds, "should" recommends, "will"
states a fact or purpose, "may" and "can" allow.
"""

import re
from dataclasses import dataclass
from enum import StrEnum


class Strength(StrEnum):
    BINDING = "binding"
    RECOMMENDED = "recommended"
    DECLARED = "declared"
    ALLOWED = "allowed"


@dataclass(frozen=True, slots=True)
class Modal:
    """One modal verb in a text. The span covers the whole expression, with a "not" behind it."""

    start: int
    end: int
    word: str  # normalised, without the negation: "shall", "is required to"
    strength: Strength
    negated: bool = False


_STRENGTH = {
    "shall": Strength.BINDING,
    "must": Strength.BINDING,
    "should": Strength.RECOMMENDED,
    "ought to": Strength.RECOMMENDED,
    "will": Strength.DECLARED,
    "would": Strength.DECLARED,
    "may": Strength.ALLOWED,
    "might": Strength.ALLOWED,
    "can": Strength.ALLOWED,
    "could": Strength.ALLOWED,
    "has to": Strength.BINDING,
    "have to": Strength.BINDING,
    "needs to": Strength.BINDING,
    "need to": Strength.BINDING,
    "is required to": Strength.BINDING,
    "are required to": Strength.BINDING,
    "is obliged to": Strength.BINDING,
    "are obliged to": Strength.BINDING,
    "is to": Strength.BINDING,
    "are to": Strength.BINDING,
    "is expected to": Strength.RECOMMENDED,
    "are expected to": Strength.RECOMMENDED,
    "is recommended to": Strength.RECOMMENDED,
    "are recommended to": Strength.RECOMMENDED,
}

_MODAL = re.compile(
    r"""\b(?:
        (?P<joined>cannot|can't|won't|mustn't|shouldn't|shan't)\b
      | (?P<word>shall|must|should|will|would|may|might|can|could|ought[ ]to
          |(?:has|have|needs?)[ ](?P<middle_not>not[ ])?to
          |(?:is|are)[ ](?P<copula_not>not[ ])?
            (?:(?:required|obliged|expected|recommended)[ ])?to)\b
        (?P<negation>[ ](?:not|never|neither|in[ ]no[ ]case|under[ ]no[ ]circumstances)\b)?
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_JOINED = {
    "cannot": "can",
    "can't": "can",
    "won't": "will",
    "mustn't": "must",
    "shouldn't": "should",
    "shan't": "shall",
}
_NOT_A_MODAL_BEFORE = re.compile(r"\b(?:in|of|during|since|until|by|the|a|free|last|good)\s$", re.I)
# "The aim of X is to do Y" says what the aim is, and asks for nothing.
_NAMES_A_DEED = re.compile(
    r"\b(?:scope|aim|purpose|objective|goal|intention|intent|idea|method|way|task|role|point|step"
    r"|option|approach|has to do)s?\b[^.;:]{0,50}$",
    re.IGNORECASE,
)
_HYPHEN = "-‐‑–"


def singular(word: str) -> str:
    """One word for a modal verb in the singular and in the plural: "is to" for "are to"."""
    if word.startswith("are "):
        return f"is {word[4:]}"
    return {"have to": "has to", "need to": "needs to"}.get(word, word)


def find_modals(text: str) -> tuple[Modal, ...]:
    """Every modal verb of `text` in order. "in May 2014", "the will" and "must-have" are none."""
    return tuple(
        modal
        for modal in (_modal(match) for match in _MODAL.finditer(text))
        if not _is_noun(text, modal)
    )


def _modal(match: re.Match[str]) -> Modal:
    joined = match["joined"]
    if joined:
        word = _JOINED[joined.lower()]
        return Modal(match.start(), match.end(), word, _STRENGTH[word], negated=True)
    negated = bool(match["negation"] or match["middle_not"] or match["copula_not"])
    word = match["word"].lower().replace(" not ", " ")
    return Modal(match.start(), match.end(), word, _STRENGTH[word], negated)


def _is_noun(text: str, modal: Modal) -> bool:
    if text[modal.end : modal.end + 1] in tuple(_HYPHEN):
        return True
    if modal.word in ("is to", "are to"):
        return bool(_NAMES_A_DEED.search(text[max(0, modal.start - 60) : modal.start]))
    if modal.word not in ("may", "must", "will", "can", "might"):
        return False
    before = text[max(0, modal.start - 8) : modal.start]
    if _NOT_A_MODAL_BEFORE.search(before):
        return True
    month = text[modal.start] == "M" and modal.word == "may"
    return month and bool(re.match(r"\s{1,3}\d", text[modal.end : modal.end + 4]))
