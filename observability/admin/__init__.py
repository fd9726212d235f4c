"""The admin of money and measures: budgets and models are set, what was measured is read.

Only what people decide is changed here, through the actions; money moves in the ledger alone.
"""

from observability.admin import (
    alerting,
    alerts,
    budgets,
    calls,
    measures,
    profiles,
    routes,
    windows,
)

__all__ = ["alerting", "alerts", "budgets", "calls", "measures", "profiles", "routes", "windows"]
