from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from reqplatform.teams.models import Project, ProjectScoped


class Scope(models.TextChoices):
    """What a budget limits, from the narrowest to the widest: money is held in this order."""

    RUN = "run", "Each run"
    GROUP = "group", "Each group of runs"
    DAY = "day", "Each day"
    MONTH = "month", "Each month"
    TOTAL = "total", "Project in total"


SCOPES = list(Scope)


def _limits() -> list[models.CheckConstraint]:
    return [
        models.CheckConstraint(
            name="%(class)s_warn_not_negative",
            condition=Q(warn_nusd__isnull=True) | Q(warn_nusd__gte=0),
        ),
        models.CheckConstraint(
            name="%(class)s_max_not_negative",
            condition=Q(max_nusd__isnull=True) | Q(max_nusd__gte=0),
        ),
        models.CheckConstraint(
            name="%(class)s_warn_below_max",
            condition=Q(warn_nusd__isnull=True)
            | Q(max_nusd__isnull=True)
            | Q(warn_nusd__lte=F("max_nusd")),
        ),
    ]


class Limits(ProjectScoped):
    """Two amounts in nano-USD: where to warn and where to stop. Null is no limit."""

    warn_nusd = models.BigIntegerField("warn at", null=True, blank=True)
    max_nusd = models.BigIntegerField("stop at", null=True, blank=True)

    class Meta:
        abstract = True

    def clean(self) -> None:
        warn, stop = self.warn_nusd, self.max_nusd
        if warn is not None and stop is not None and warn > stop:
            raise ValidationError("The warning must come before the stop: make it the lower one.")


class Budget(Limits):
    """What a project may spend in one scope. Each project has one row for every scope.

    Its windows (this run, this day, ...) carry the limits that they were opened with; changing a
    budget changes the windows that are still open and follow it, see
    `observability.budgets.set_limits`.
    """

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="budgets")
    scope = models.CharField(max_length=8, choices=Scope.choices)

    class Meta:
        ordering = ["project", "id"]
        constraints = [
            models.UniqueConstraint(fields=["project", "scope"], name="budget_scope_unique"),
            models.CheckConstraint(name="budget_scope_valid", condition=Q(scope__in=Scope.values)),
            *_limits(),
        ]

    def __str__(self) -> str:
        return f"{self.project}: {self.get_scope_display().lower()}"


class BudgetWindow(Limits):
    """The account of one run, group, day, month or project: what may still be spent.

    held: the upper bounds of calls that are being made. spent: what settled calls cost, with
    unconfirmed calls at their holds; `unconfirmed` says how much of it that is. A hold is granted
    only if held + spent + hold <= max, in one UPDATE of this row. Money moves only in
    `observability.ledger`; all amounts are nano-USD.
    """

    budget = models.ForeignKey(Budget, on_delete=models.PROTECT, related_name="windows")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="budget_windows")
    key = models.CharField(
        max_length=64, help_text="The run's id, the group's name, 2026-11-26, 2026-11, or total."
    )
    held_nusd = models.BigIntegerField(default=0)
    spent_nusd = models.BigIntegerField(default=0)
    unconfirmed_nusd = models.BigIntegerField(default=0)
    warned_at = models.DateTimeField(null=True, blank=True)
    set_alone = models.BooleanField(
        default=False, help_text="It has limits of its own, which a change of its budget leaves."
    )
    opened_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["budget", "key"], name="budget_window_unique"),
            models.CheckConstraint(
                name="budgetwindow_amounts_not_negative",
                condition=Q(held_nusd__gte=0, spent_nusd__gte=0, unconfirmed_nusd__gte=0),
            ),
            models.CheckConstraint(
                name="budgetwindow_unconfirmed_is_spent",
                condition=Q(unconfirmed_nusd__lte=F("spent_nusd")),
            ),
            *_limits(),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def scope(self) -> Scope:
        return Scope(self.budget.scope)

    @property
    def label(self) -> str:
        """ "Run 1f0c9a2e", "Day 2026-11-26", "Project in total"."""
        return window_label(self.scope, self.key)

    @property
    def used_nusd(self) -> int:
        return self.spent_nusd + self.held_nusd

    @property
    def left_nusd(self) -> int | None:
        """What a new call could hold now; None without a limit, 0 if nothing is left."""
        return None if self.max_nusd is None else max(0, self.max_nusd - self.used_nusd)


def window_label(scope: Scope, key: str) -> str:
    if scope == Scope.TOTAL:
        return scope.label
    word = {Scope.RUN: "Run", Scope.GROUP: "Group", Scope.DAY: "Day", Scope.MONTH: "Month"}[scope]
    return f"{word} {key.replace('-', '')[-8:] if scope == Scope.RUN else key}"


class CallHold(ProjectScoped):
    """That a call is charged to a window: its hold first, its cost once it is settled."""

    project_path = "call__project"

    # Neither calls nor windows are ever deleted. Constraints on the two would be checked at every
    # commit, row by row, while all other holds of the project wait for the windows' locks.
    call = models.ForeignKey(  # its index is the one of the unique constraint
        "LLMCall",
        on_delete=models.PROTECT,
        related_name="holds",
        db_index=False,
        db_constraint=False,
    )
    window = models.ForeignKey(
        BudgetWindow, on_delete=models.PROTECT, related_name="holds", db_constraint=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["call", "window"], name="call_hold_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.call_id} in {self.window_id}"
