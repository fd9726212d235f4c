"""What a parent leaves vague: said at once, and asked of the only ones who can settle it."""

import re

from runs.analyst.draft import Draft
from runs.analyst.mend import MISSING
from runs.quality.finding import Finding
from runs.quality.lint import lint

OPEN = (
    "Open: no trial can tell a pass from a failure until the stakeholders give a figure for what "
    "the parent leaves unsaid."
)
"""The criterion of what can't be tested yet. It quotes no vague word: that would be none."""

_AWAY = re.compile(r"clear of\b")  # "to pass clear of the obstacle" is not vague
_ESCAPE = "escape-clause"
_CASES = "the cases in which it applies"


def _open_points(text: str) -> list[tuple[Finding, str]]:
    """The passages of a text that need an answer, with what would answer them; each once."""
    found: dict[tuple[int, int], tuple[Finding, str]] = {}
    for finding in lint(text).findings:
        if _AWAY.match(text, finding.start):
            continue
        needed = _CASES if finding.rule == _ESCAPE else MISSING.get(finding.rule)
        if needed is not None:
            found.setdefault((finding.start, finding.end), (finding, needed))
    return list(found.values())


def is_open(text: str) -> bool:
    return bool(_open_points(text))


def note(quote: str, needed: str) -> str:
    passage = f' for "{quote}"' if quote else ""
    return f"Open: the parent gives no figure{passage}; the stakeholders must supply {needed}."


def with_open_point(draft: Draft, quote: str, needed: str) -> Draft:
    """The draft with a note on the passage, unless its rationale has one already."""
    if quote and f'no figure for "{quote}"' in draft.rationale:
        return draft
    return draft.because(note(quote, needed))


def with_open_points(draft: Draft) -> Draft:
    for finding, needed in _open_points(draft.text):
        draft = with_open_point(draft, draft.text[finding.start : finding.end], needed)
    return draft
