"""Passages of a specification that require nothing, told by their headings and first words."""

import re
from enum import StrEnum


class SectionKind(StrEnum):
    REQUIREMENTS = "requirements"  # says so in its title: unmarked statements count here
    EXPLAINING = "explaining"  # definitions, references, conventions: nothing counts here
    FRAMING = "framing"  # scope, purpose, overview: only binding sentences count
    OTHER = "other"


_EXPLAINING = re.compile(
    r"\b(?:definitions?(?! of (?!terms|the terms|acronyms|abbreviations|symbols))|glossary"
    r"|terminology|terms|abbreviations?|acronyms?|references?"
    r"|(?:referenced?|related|applicable|reference) documents?|bibliography|(?:revision|change"
    r"|document|version) (?:history|control|record|log)|conventions?|table of contents|contents"
    r"|list of (?:tables|figures|abbreviations|definitions|acronyms)|acknowledge?ments?"
    r"|intended audience|document overview|document structure|organi[sz]ation of (?:the|this)"
    r"|index|foreword|preface|how to read|data dictionary|issues? list)\b",
    re.IGNORECASE,
)
_EXPLAINING_NOT = re.compile(r"\brequirements?\b|\bfunctions?\b|\binterfaces?\b", re.IGNORECASE)
_FRAMING = re.compile(
    r"^(?:[\d.]+\s)?(?:introduction|scope|purpose|background|overview|general description"
    r"|product perspective|product functions|user (?:classes|characteristics)"
    r"|(?:project|system|product|document|business) (?:overview|scope|purpose|context"
    r"|perspective|background)"
    r"|objectives?|motivation|context|executive summary|description|user documentation"
    r"|(?:pre-?|post-?)conditions?|triggers?|actors?|stimulus|(?:basic|main|alternative|exception)"
    r" (?:data )?(?:flow|scenario|course)s?|assumptions?)\b",
    re.IGNORECASE,
)
_REQUIREMENTS = re.compile(
    r"\b(?:requirements?|constraints?|business rules|rules|limitations?|restrictions?)\b",
    re.IGNORECASE,
)
_REMARK = re.compile(
    r"[\s(*\[]{0,3}(?:notes?|nb|n\.b\.|remarks?|rationales?|justifications?|examples?|comments?"
    r"|explanations?|discussion|background|information|guidance|tip|warning|source|author|status"
    r"|priority|definition|figure|fig\.|table|see also|open issue|issue|remark of [\w ]{1,30})"
    r"(?:\s[\d.\-]{1,6}(?:\s\([A-Z]\))?)?\s{0,2}(?::|\.\s|–\s|-\s|—\s|\)\s)",
    re.IGNORECASE,
)
_REMARK_INSIDE = re.compile(
    r"(?<=[.;:)\]])\s(?:notes?|remarks?|rationale|justification|examples?|comment|explanation)"
    r"(?:\s\d{1,2})?\s?:",
    re.IGNORECASE,
)
_META = re.compile(
    r"\s?(?:in\s)?(?:(?:this|the (?:present|following|next|above))"
    r"\s(?:[\w-]{1,20}\s){0,2}?(?:document|specification|section|sections|chapter|clause|annex|appendix|paragraph"
    r"|part|figure|table|diagram|list|srs|frs|issue|version|release of this document)\b"
    r"|(?:figure|table|section|chapter|annex|appendix)\s[\w.\-]{1,8}\s"
    r"|(?:the|this)\s(?:[\w/-]{1,20}\s){0,5}?(?:specification|document|srs|manual)\s(?:is|was|has|have"
    r"|does|defines|describes|covers|contains|provides|distinguishes|identifies|specifies|addresses"
    r"|also|primarily|only|applies|sets)\b"
    r"|the (?:scope|aim|purpose|objective|primary objective|goal|intention) of this\b"
    r"|the (?:word|words|term|terms|verb|verbs|keyword|keywords|key word|key words|expression)"
    r"\s[\"“'‘«])",
    re.IGNORECASE,
)
_DELETED = re.compile(
    r"\W{0,3}(?:intentionally|deliberately)?\s?(?:deleted|left blank|void|reserved|not used|unused"
    r"|not applicable|n/a|none|tbd|tbc|withdrawn)\W{0,4}(?:\([A-Z]\)\W?)?",
    re.IGNORECASE,
)


_USE_CASE = re.compile(
    r"(?:pre-?conditions?|post-?conditions?|actors?|goals?|triggers?|assumptions?|summary|stimulus"
    r"|(?:(?:basic|main|normal|alternat\w+|exception\w*|data)\s){1,2}(?:scenario|flow|course|path)s?"
    r"|scenarios?|flow of events)\s?:?",
    re.IGNORECASE,
)
_LABEL = re.compile(r"[A-Z][\w/ -]{2,40}:")


def is_use_case_label(text: str) -> bool:
    """ "Preconditions:", "Basic Scenario:": below stands what is assumed or happens."""
    return bool(_USE_CASE.fullmatch(text.strip()))


def is_label(text: str) -> bool:
    """A short title with a colon, on a line of its own."""
    return bool(_LABEL.fullmatch(text.strip()))


def section_kind(title: str) -> SectionKind:
    """What a heading promises of the text below it."""
    if _EXPLAINING.search(title) and not _EXPLAINING_NOT.search(title):
        return SectionKind.EXPLAINING
    if _REQUIREMENTS.search(title):
        return SectionKind.REQUIREMENTS
    if _FRAMING.match(title.strip()):
        return SectionKind.FRAMING
    return SectionKind.OTHER


def is_remark(text: str) -> bool:
    """True for "NOTE: ...", "Rationale: ...", "Table 1: ...": beside the requirements, not one."""
    return bool(_REMARK.match(text))


def remark_start(text: str) -> int:
    """Where a remark begins behind a statement in its block; the text's length if none does."""
    match = _REMARK_INSIDE.search(text)
    return match.start() if match else len(text)


def is_about_the_document(sentence: str) -> bool:
    """ "This section describes ...", 'The word "shall" marks ...'."""
    return bool(_META.match(sentence))


def is_deleted(text: str) -> bool:
    """True for what stands where a requirement was: "Intentionally deleted", "Void.\""""
    return bool(_DELETED.fullmatch(text))
