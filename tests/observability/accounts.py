"""Do the books agree? A window's columns must be the sums over the calls charged to it."""

from observability import ledger
from observability.models import BudgetWindow, CallHold, CallState


def sums_of(window: BudgetWindow) -> tuple[int, int, int]:
    """held, spent and unconfirmed, added up from the calls, in nano-USD."""
    calls = [row.call for row in CallHold.objects.filter(window=window).select_related("call")]
    charges = [
        ledger.charge(CallState(call.state), call.held_nusd, call.cost_nusd or 0) for call in calls
    ]
    return (
        sum(charge.held for charge in charges),
        sum(charge.spent for charge in charges),
        sum(charge.unconfirmed for charge in charges),
    )


def assert_books_agree() -> None:
    for window in BudgetWindow.objects.select_related("budget"):
        columns = (window.held_nusd, window.spent_nusd, window.unconfirmed_nusd)
        assert columns == sums_of(window), window.label
