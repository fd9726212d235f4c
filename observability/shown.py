"""How costs are put to people, everywhere alike, and whether they are shown at all.

COST_TRACKING_ENABLED=false hides costs from pages, from what commands print and from the files of
a run. It hides them only: every call is accounted and limited all the same, the admin shows the
books, and scripts read them through the API.
"""

from collections.abc import Callable, Iterable

from django.conf import settings

from observability.langsmith import HEURISTIC, Mode, mode
from observability.models import CostSource, ModelProfile, Scope
from observability.money import format_usd
from observability.reports.costs import Taken

UNCONFIRMED = "unconfirmed: the most it can have cost, until somebody knows"


MEANING = {
    Scope.RUN: "Each run has an account of its own, for all that it asks of models, with its "
    "repeats and revisions.",
    Scope.GROUP: "Runs that were started together share an account, beside the one that each of "
    "them has.",
    Scope.DAY: "All runs of the project together, from midnight to midnight in its time zone.",
    Scope.MONTH: "All runs of the project together, in a calendar month of its time zone.",
    Scope.TOTAL: "All that the project has ever spent.",
}
AT_WARNING = (
    "The run goes on. It gets a yellow mark and a line in its log, and the project an alert: once, "
    "until the warning is raised."
)
AT_STOP = (
    "A call that might cost more than what is left is not made. The run stops, marked as out of "
    "budget, and keeps all that it has done. Raise the limit and resume the run: it goes on where "
    "it stopped, and what it has asked is not paid for again."
)
EMPTY = "No limit. The money is counted all the same."


def costs_are_shown() -> bool:
    return bool(settings.COST_TRACKING_ENABLED)


def bounded(nusd: int, is_bound: bool = True, shown: Callable[[int], str] = format_usd) -> str:
    """ "up to $0.05" of an amount that is the most it can be, else "$0.05"."""
    return f"up to {shown(nusd)}" if is_bound else shown(nusd)


def cost_text(cost_nusd: int, sources: Iterable[str]) -> str:
    """Dollars as a reader may take them: "$0.0123", "up to $0.05", "$0.0123, Heuristic (±30%)"."""
    sources = set(sources)
    text = bounded(cost_nusd, CostSource.UNCONFIRMED in sources)
    return f"{text}, {HEURISTIC}" if CostSource.ESTIMATED in sources else text


def source_text(source: str, *, within: bool = False) -> str:
    """Where a cost comes from, in words, also `within` a sentence; as it stands if it is none of
    ours."""
    if source == CostSource.UNCONFIRMED:
        return UNCONFIRMED
    if source == CostSource.ESTIMATED:
        return HEURISTIC
    labels = {item.value: str(item.label) for item in CostSource}
    text = labels.get(source, source)
    return f"{text[:1].lower()}{text[1:]}" if within else text


def short_source(source: str) -> str:
    """A source in a word, for a table with its explanation below."""
    if source == CostSource.ESTIMATED:
        return HEURISTIC
    return {CostSource.EMBEDDED.value: "embedded analyst"}.get(source, source)


def why_off(profile: ModelProfile) -> str:
    """ "Off: Switched off by Ada." of a model that is not asked."""
    return f"Off: {profile.disabled_reason or 'somebody switched it off.'}"


def energy_text(low_wh: float | None, high_wh: float | None, unknown_calls: int = 0) -> str:
    """A range of watt-hours with two digits: "0.012 to 0.34 Wh".

    "unknown" where nobody knows the models, and a dash where no model was asked that uses any.
    """
    if low_wh is None or high_wh is None:
        return "unknown" if unknown_calls else "–"
    low, high = _watt_hours(low_wh), _watt_hours(high_wh)
    text = f"{low} Wh" if low == high else f"{low} to {high} Wh"
    return f"{text}, and {unknown_calls} of the calls unknown" if unknown_calls else text


def _watt_hours(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{float(f'{value:.2g}'):.4g}" if value >= 0.001 else ("0" if value == 0 else "<0.001")


def tracing_of(taken: Taken) -> Mode:
    """How a run's figures may be taken: whether LangSmith was told of its calls, or will be."""
    if taken.traced_calls:
        return Mode.LANGSMITH
    return Mode.HEURISTIC if taken.calls else mode()
