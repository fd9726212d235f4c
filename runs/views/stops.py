"""The budget's account that has stopped a run: whether it still does, and what to do about it."""

from dataclasses import dataclass

from django.utils import timezone

from observability.budgets import Payer, keys_of
from observability.models import Scope
from observability.money import format_left, format_usd, limit_usd
from observability.reports import windows
from observability.reports.windows import Standing
from runs.models import Run, RunStatus
from runs.records import stopped_by


@dataclass(frozen=True, slots=True)
class Stop:
    """Money in nano-USD. `needed_nusd`: the most that the call could cost that was not made.

    `was_nusd`: the account's stop then, if it is on record. `is_over`: of a day or month that has
    passed, so the run would be charged to another.
    """

    account: Standing
    needed_nusd: int
    was_nusd: int | None
    is_over: bool

    @property
    def has_room(self) -> bool:
        """Whether that call could be made now, as far as this account goes."""
        left = self.account.left_nusd
        return self.is_over or left is None or left >= self.needed_nusd

    @property
    def is_raised(self) -> bool:
        most = self.account.max_nusd
        return self.was_nusd is not None and (most is None or most > self.was_nusd)

    @property
    def least_nusd(self) -> int:
        """The lowest stop at which that call could be made."""
        return self.account.spent_nusd + self.account.held_nusd + self.needed_nusd

    @property
    def advice(self) -> str:
        """What to do next, in a sentence or two; "" as long as the stop has to be raised."""
        most = self.account.max_nusd
        if self.is_over:
            return f"Its {self.account.scope.value} is over: resume."
        if self.has_room:
            if most is None:
                return "It has no stop any more: press Resume."
            if self.is_raised:
                return f"Raised to {limit_usd(most)}: press Resume."
            return f"It has {format_left(self.account.left_nusd or 0)} left again: press Resume."
        if self.is_raised and most is not None:
            return (
                f"Raised to {limit_usd(most)}, which leaves "
                f"{format_left(self.account.left_nusd or 0)}: still less than the "
                f"{format_usd(self.needed_nusd)} that the next call may cost. Raise it further."
            )
        return ""


def stop_of(run: Run) -> Stop | None:
    """What has stopped a run that is out of budget: the window that its last event names."""
    if run.status != RunStatus.OUT_OF_BUDGET:
        return None
    figures = stopped_by(run)
    account = windows.window_of(run.project_id, figures.get("window", 0))
    if account is None:
        return None
    return Stop(
        account=account,
        needed_nusd=figures.get("needed_nusd", 0),
        was_nusd=figures.get("max_nusd"),
        is_over=_is_over(run, account),
    )


def _is_over(run: Run, account: Standing) -> bool:
    if account.scope not in {Scope.DAY, Scope.MONTH}:
        return False
    now = keys_of(Payer(run.project_id), run.project.time_zone, timezone.now())
    return account.key < now[account.scope]
