"""The budgets that a run has to fit, before it has opened a window of its own."""

from dataclasses import dataclass

from observability.budgets import Payer
from observability.models import Budget, Scope
from observability.reports.windows import current
from reqplatform.teams.models import Project

OWN = "This run"
OWN_GROUP = "This campaign"


@dataclass(frozen=True, slots=True)
class Account:
    """What is left of a budget now, in nano-USD; None in both for a budget without a limit."""

    scope: Scope
    label: str  # "This run", "Day 2026-11-26"
    left_nusd: int | None
    max_nusd: int | None

    def has(self, needed_nusd: int) -> bool:
        return self.left_nusd is None or needed_nusd <= self.left_nusd


def accounts_of(project: Project, group: str) -> tuple[Account, ...]:
    """The accounts that the calls of a new run would be charged to, narrowest first.

    What others hold counts as spent. Opens no window: an estimate writes nothing.
    """
    run = Budget.objects.filter(project=project, scope=Scope.RUN).first()
    own = [Account(Scope.RUN, OWN, run.max_nusd, run.max_nusd)] if run else []
    shared = current(project, Payer(project.pk, group=group))
    return (
        *own,
        *(Account(row.scope, row.label, row.left_nusd, row.max_nusd) for row in shared),
    )


def tightest(accounts: tuple[Account, ...]) -> Account | None:
    """The account with the least left, the narrowest of several; None if none has a limit."""
    limited = [account for account in accounts if account.left_nusd is not None]
    return min(limited, key=lambda account: account.left_nusd or 0, default=None)
