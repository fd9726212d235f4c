"""Do the books agree? A window's columns must be the sums over the calls charged to it."""

from observability.models import BudgetWindow, CallHold, CallState


def sums_of(window: BudgetWindow) -> tuple[int, int, int]:
    """held, spent and unconfirmed, added up from the calls, in nano-USD.

    What a call counts for is written out here, by its state, and not asked of the ledger.
    """
    held = spent = unconfirmed = 0
    for row in CallHold.objects.filter(window=window).select_related("call"):
        call = row.call
        if call.state == CallState.HELD:
            held += call.held_nusd
        elif call.state == CallState.UNCONFIRMED:
            spent += call.held_nusd
            unconfirmed += call.held_nusd
        elif call.state == CallState.SETTLED:
            spent += call.cost_nusd or 0
        else:  # it surely cost nothing
            assert call.state == CallState.RELEASED
    return held, spent, unconfirmed


def assert_books_agree() -> None:
    for window in BudgetWindow.objects.select_related("budget"):
        columns = (window.held_nusd, window.spent_nusd, window.unconfirmed_nusd)
        assert columns == sums_of(window), window.label
