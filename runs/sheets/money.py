"""The columns of calls, costs, budget accounts, models and alerts.

Prompts and answers are in none of them: whoever may see a call reads them on its page.
"""

from collections.abc import Callable
from decimal import Decimal
from uuid import UUID

from observability.models import Alert, BudgetWindow, LLMCall, ModelProfile, NodeCost
from observability.money import to_nusd
from reqplatform.teams.models import User
from runs.models import Subsystem
from runs.reporting.table import Column, Kind, Sheet
from runs.sheets.spec import RowSheet

WHOLE, MONEY, NUMBER, MOMENT = Kind.WHOLE, Kind.MONEY, Kind.NUMBER, Kind.MOMENT


def code_of(subsystem: Subsystem | None) -> str | None:
    return subsystem.code if subsystem else None


def name_of(person: User | None) -> str | None:
    return person.username if person else None


def yes_no(value: bool | None) -> str | None:
    return None if value is None else "yes" if value else "no"


def id_of(key: UUID | None) -> str | None:
    return None if key is None else str(key)


def _price(field: str) -> Callable[[ModelProfile], int | None]:
    """Of a million tokens, in nano-USD: prices have six decimals, so nothing is rounded."""

    def read(profile: ModelProfile) -> int | None:
        price: Decimal | None = getattr(profile, field)
        return None if price is None else to_nusd(price)

    return read


def _energy(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


CALLS: RowSheet[LLMCall] = RowSheet(
    "calls",
    "Calls",
    LLMCall,
    Sheet(
        (
            (Column("id", "Call"), lambda row: str(row.pk)),
            (Column("created_at", "Asked", MOMENT), lambda row: row.created_at),
            (Column("finished_at", "Ended", MOMENT), lambda row: row.finished_at),
            (Column("project", "Project"), lambda row: row.project.slug),
            (Column("run", "Run"), lambda row: id_of(row.run_id)),
            (Column("extraction", "Extraction", WHOLE), lambda row: row.extraction_id),
            (Column("subsystem", "Subsystem"), lambda row: code_of(row.subsystem)),
            (Column("person", "Person"), lambda row: name_of(row.person)),
            (Column("node", "Agent"), lambda row: row.node),
            (Column("iteration", "Iteration", WHOLE), lambda row: row.iteration),
            (Column("purpose", "Purpose"), lambda row: row.purpose),
            (Column("skill", "Skill"), lambda row: row.skill),
            (Column("group", "Group"), lambda row: row.group),
            (Column("provider", "Provider"), lambda row: row.provider),
            (Column("model", "Model"), lambda row: row.model),
            (Column("state", "State"), lambda row: row.state),
            (Column("cost_source", "Source of the cost"), lambda row: row.cost_source),
            (Column("cost_usd", "Cost in USD", MONEY), lambda row: row.cost_nusd),
            (Column("held_usd", "Held in USD", MONEY), lambda row: row.held_nusd),
            (Column("input_fresh", "Fresh input tokens", WHOLE), lambda row: row.input_fresh),
            (Column("cache_read", "Tokens from a cache", WHOLE), lambda row: row.cache_read),
            (Column("cache_write", "Tokens into a cache", WHOLE), lambda row: row.cache_write),
            (Column("cache_write_1h", "for an hour", WHOLE), lambda row: row.cache_write_1h),
            (Column("output", "Output tokens", WHOLE), lambda row: row.output),
            (Column("reasoning", "Reasoning tokens", WHOLE), lambda row: row.reasoning),
            (Column("energy_low_wh", "Wh, at least", NUMBER), lambda row: row.energy_low_wh),
            (Column("energy_high_wh", "Wh, at most", NUMBER), lambda row: row.energy_high_wh),
            (Column("error", "Error"), lambda row: row.error),
        )
    ),
    related=("project", "subsystem", "person"),
    left_out=("prompt", "answer", "raw_usage", "price"),
)

NODE_COSTS: RowSheet[NodeCost] = RowSheet(
    "node-costs",
    "Costs of agents",
    NodeCost,
    Sheet(
        (
            (Column("project", "Project"), lambda row: row.project.slug),
            (Column("run", "Run"), lambda row: id_of(row.run_id)),
            (Column("extraction", "Extraction", WHOLE), lambda row: row.extraction_id),
            (Column("subsystem", "Subsystem"), lambda row: code_of(row.subsystem)),
            (Column("node", "Agent"), lambda row: row.node),
            (Column("iteration", "Iteration", WHOLE), lambda row: row.iteration),
            (Column("seconds", "Seconds", NUMBER), lambda row: row.duration_ms / 1000),
            (Column("calls", "Calls", WHOLE), lambda row: row.calls),
            (Column("input_tokens", "Input tokens", WHOLE), lambda row: row.input_tokens),
            (Column("output_tokens", "Output tokens", WHOLE), lambda row: row.output_tokens),
            (Column("cost_usd", "Cost in USD", MONEY), lambda row: row.cost_nusd),
            (Column("sources", "Sources of the cost"), lambda row: ", ".join(row.sources)),
            (Column("energy_low_wh", "Wh, at least", NUMBER), lambda row: row.energy_low_wh),
            (Column("energy_high_wh", "Wh, at most", NUMBER), lambda row: row.energy_high_wh),
            (Column("updated_at", "Added up", MOMENT), lambda row: row.updated_at),
        )
    ),
    related=("project", "subsystem"),
)

WINDOWS: RowSheet[BudgetWindow] = RowSheet(
    "budget-accounts",
    "Budget accounts",
    BudgetWindow,
    Sheet(
        (
            (Column("project", "Project"), lambda row: row.project.slug),
            (Column("scope", "Scope"), lambda row: row.scope.value),
            (Column("key", "Of"), lambda row: row.key),
            (Column("warn_usd", "Warns at, in USD", MONEY), lambda row: row.warn_nusd),
            (Column("max_usd", "Stops at, in USD", MONEY), lambda row: row.max_nusd),
            (Column("spent_usd", "Spent, in USD", MONEY), lambda row: row.spent_nusd),
            (Column("held_usd", "Held, in USD", MONEY), lambda row: row.held_nusd),
            (
                Column("unconfirmed_usd", "of it unconfirmed", MONEY),
                lambda row: row.unconfirmed_nusd,
            ),
            (Column("opened_at", "Opened", MOMENT), lambda row: row.opened_at),
            (Column("warned_at", "Warned", MOMENT), lambda row: row.warned_at),
        )
    ),
    related=("project", "budget"),
)

PROFILES: RowSheet[ModelProfile] = RowSheet(
    "models",
    "Models",
    ModelProfile,
    Sheet(
        (
            (Column("name", "Name"), lambda row: row.name),
            (Column("provider", "Provider"), lambda row: row.provider),
            (Column("model", "Model"), lambda row: row.model),
            (Column("base_url", "Base URL"), lambda row: row.base_url),
            (Column("context_window", "Context window", WHOLE), lambda row: row.context_window),
            (Column("max_output_tokens", "Output cap", WHOLE), lambda row: row.max_output_tokens),
            *(
                (Column(name, title, MONEY), _price(name))
                for name, title in (
                    ("input_price", "Input, USD per million"),
                    ("output_price", "Output, USD per million"),
                    ("cache_read_price", "From a cache, USD per million"),
                    ("cache_write_price", "Into a cache, USD per million"),
                    ("cache_write_1h_price", "for an hour, USD per million"),
                )
            ),
            (
                Column("energy_wh_per_1k_output", "Wh per 1,000 output tokens", NUMBER),
                lambda row: _energy(row.energy_wh_per_1k_output),
            ),
            (Column("enabled", "Enabled"), lambda row: yes_no(row.enabled)),
            (Column("disabled_reason", "Why it is off"), lambda row: row.disabled_reason),
        )
    ),
)

ALERTS: RowSheet[Alert] = RowSheet(
    "alerts",
    "Alerts",
    Alert,
    Sheet(
        (
            (Column("created_at", "Raised", MOMENT), lambda row: row.created_at),
            (Column("project", "Project"), lambda row: row.project.slug),
            (Column("cause", "Cause"), lambda row: row.cause),
            (Column("subject", "About"), lambda row: row.subject),
            (Column("message", "Message"), lambda row: row.message),
            (Column("run", "Run"), lambda row: id_of(row.run_id)),
            (Column("acknowledged_at", "Acknowledged", MOMENT), lambda row: row.acknowledged_at),
        )
    ),
    related=("project",),
)
