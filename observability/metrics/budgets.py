"""The accounts that are open now: today's, this month's and the total of each project.

Those of single runs and groups are not told: their key would be a label without end.
"""

from collections.abc import Iterator

from observability.budgets import Payer, keys_of
from observability.metrics.described import Metric, Point, gauge
from observability.metrics.scrape import Scrape
from observability.models import Budget, BudgetWindow, Scope
from observability.money import NUSD_PER_USD

SCOPES = (Scope.DAY, Scope.MONTH, Scope.TOTAL)
_LABELS = ("project", "scope")

LIMIT = gauge(
    "budget_limit_dollars", _LABELS, "Where the budget stops, in US dollars; missing: no limit."
)
WARNING = gauge(
    "budget_warning_dollars", _LABELS, "Where it warns, in US dollars; missing: nowhere."
)
SPENT = gauge(
    "budget_spent_dollars", _LABELS, "US dollars spent; unconfirmed calls at their holds."
)
HELD = gauge("budget_held_dollars", _LABELS, "US dollars set aside for calls that are being made.")
UNCONFIRMED = gauge(
    "budget_unconfirmed_dollars", _LABELS, "US dollars of the spent whose outcome is unknown."
)
METRICS: tuple[Metric, ...] = (LIMIT, WARNING, SPENT, HELD, UNCONFIRMED)

_LIMITS = ("warn_nusd", "max_nusd")
_AMOUNTS = (*_LIMITS, "spent_nusd", "held_nusd", "unconfirmed_nusd")


def collect(scrape: Scrape) -> Iterator[Point]:
    """An account that nothing was charged to yet has its budget's limits, and nothing spent."""
    keys = {
        pk: keys_of(Payer(pk), str(live.zone), scrape.now) for pk, live in scrape.projects.items()
    }
    budgets = Budget.objects.filter(project__in=scrape.projects, scope__in=SCOPES)
    rows = list(budgets.order_by("project__slug", "pk").values("pk", "project", "scope", *_LIMITS))
    windows = BudgetWindow.objects.filter(
        budget__in=[row["pk"] for row in rows],
        key__in={key for mine in keys.values() for key in mine.values()},
    )
    opened = {
        (row["budget"], row["key"]): row for row in windows.values("budget", "key", *_AMOUNTS)
    }
    for row in rows:
        scope = Scope(row["scope"])
        amounts = opened.get((row["pk"], keys[row["project"]][scope]), row)
        labels = (scrape.slug(row["project"]), scope.value)
        for metric, name in (
            (LIMIT, "max_nusd"),
            (WARNING, "warn_nusd"),
            (SPENT, "spent_nusd"),
            (HELD, "held_nusd"),
            (UNCONFIRMED, "unconfirmed_nusd"),
        ):
            amount = amounts.get(name, 0)
            if amount is not None:
                yield metric.at(amount / NUSD_PER_USD, *labels)
