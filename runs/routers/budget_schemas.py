"""What the API takes and answers about budgets and calls. Money is dollars as a decimal string."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from pydantic import BeforeValidator, Field

from observability.models import Budget, LLMCall
from observability.money import exact_usd
from observability.reports.forecast import Crossing, Forecast, Reach
from observability.reports.windows import Mark, Standing
from reqplatform.amounts import MOST_USD
from runs.routers.schemas import Answer, Input


def _no_boolean(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("It should be an amount of dollars, or null for no limit")
    return value


Dollars = Annotated[
    Decimal,
    Field(
        ge=0,
        le=MOST_USD,
        decimal_places=9,
        description="Dollars, as a string or a number; null: no limit.",
    ),
    BeforeValidator(_no_boolean),
]


class LimitsIn(Input):
    """Both limits, as they are to be. Both are given; null is no limit."""

    warn: Dollars | None
    stop: Dollars | None


def _optional(nusd: int | None) -> str | None:
    return None if nusd is None else exact_usd(nusd)


class CrossingOut(Answer):
    """When a limit is reached at the rate of the last 14 days. Days are the project's."""

    reach: Reach
    on: date | None = Field(description="The day; null unless `reach` is `on`.")
    early: date | None = Field(
        description="The interval of 80 % begins; null: not within ten years, or the account's "
        "day or month."
    )
    late: date | None = Field(description="It ends; null as for `early`.")

    @classmethod
    def of(cls, crossing: Crossing | None) -> Self | None:
        if crossing is None:
            return None
        return cls(reach=crossing.reach, on=crossing.on, early=crossing.early, late=crossing.late)


class WindowOut(Answer):
    """The account of a run, of today, of this month, or of the project. `spent` includes what is
    `unconfirmed`; `held` is what calls that are being made can cost at most."""

    scope: str
    key: str
    warn: str | None
    stop: str | None
    spent: str
    held: str
    unconfirmed: str
    left: str | None = Field(description="null: no limit.")
    state: Mark
    set_alone: bool = Field(description="It has limits of its own and does not follow its budget.")
    warned_at: datetime | None
    reaches_warning: str | None = Field(description="At the rate of the last 14 days, in words.")
    reaches_stop: str | None
    warning_ahead: CrossingOut | None = Field(description="null: no limit, or no forecast.")
    stop_ahead: CrossingOut | None
    why_no_forecast: str = Field(description="For limits that are set and not crossed; else empty.")

    @classmethod
    def of(cls, standing: Standing, ahead: Forecast) -> Self:
        return cls(
            scope=standing.scope,
            key=standing.key,
            warn=_optional(standing.warn_nusd),
            stop=_optional(standing.max_nusd),
            spent=exact_usd(standing.spent_nusd),
            held=exact_usd(standing.held_nusd),
            unconfirmed=exact_usd(standing.unconfirmed_nusd),
            left=_optional(standing.left_nusd),
            state=standing.mark,
            set_alone=standing.set_alone,
            warned_at=standing.warned_at,
            reaches_warning=str(ahead.warn) if ahead.warn else None,
            reaches_stop=str(ahead.stop) if ahead.stop else None,
            warning_ahead=CrossingOut.of(ahead.warn),
            stop_ahead=CrossingOut.of(ahead.stop),
            why_no_forecast=ahead.why_none,
        )


class BudgetOut(Answer):
    """What the project may spend in one scope; new windows begin with these limits."""

    scope: str
    warn: str | None
    stop: str | None
    window: WindowOut | None = Field(description="null for runs and groups: each has its own.")

    @classmethod
    def of(cls, row: Budget, window: WindowOut | None) -> Self:
        return cls(
            scope=row.scope,
            warn=_optional(row.warn_nusd),
            stop=_optional(row.max_nusd),
            window=window,
        )


class BudgetList(Answer):
    items: list[BudgetOut] = Field(description="From the narrowest scope to the widest.")
    time_zone: str = Field(description="In which days and months begin.")


class CallOut(Answer):
    """A row of the journal, without what was said. `cost` is null while a call is being made."""

    id: UUID
    paid_by: str = Field(description="run, or extraction: the revision, once for all its runs.")
    node: str
    iteration: int
    ordinal: int
    purpose: str
    provider: str
    model: str
    state: str
    source: str
    cost: str | None
    held: str = Field(description="The most that it can cost.")
    overrun: bool
    input_fresh: int
    cache_read: int
    cache_write: int
    cache_write_1h: int
    output: int
    reasoning: int
    energy_low_wh: float | None
    energy_high_wh: float | None
    langsmith_cost: str | None
    error: str
    created_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, row: LLMCall) -> Self:
        other = {"paid_by", "source", "cost", "held", "langsmith_cost"}
        same = set(cls.model_fields) - other
        return cls(
            paid_by="run" if row.run_id else "extraction",
            source=row.cost_source,
            cost=_optional(row.cost_nusd),
            held=exact_usd(row.held_nusd),
            langsmith_cost=_optional(row.langsmith_cost_nusd),
            **{name: getattr(row, name) for name in same},
        )
