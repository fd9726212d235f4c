"""Alerts and their deliveries, as the API answers them."""

from datetime import datetime
from typing import Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, Field

from observability.models import Alert, AlertCause, AlertRule, DeliveryState
from runs.routers.schemas import Answer, Input


class DeliveryOut(Answer):
    channel: str
    state: DeliveryState
    attempts: int
    due_at: datetime
    sent_at: datetime | None
    error: str


class AlertOut(Answer):
    """`subject`: what it is about, with the window where there is one. Each is told once."""

    id: int
    cause: AlertCause
    subject: str
    message: str
    run: UUID | None
    created_at: datetime
    acknowledged_at: datetime | None
    deliveries: list[DeliveryOut]

    @classmethod
    def of(cls, row: Alert) -> Self:
        return cls(
            id=row.pk,
            cause=AlertCause(row.cause),
            subject=row.subject,
            message=row.message,
            run=row.run_id,
            created_at=row.created_at,
            acknowledged_at=row.acknowledged_at,
            deliveries=[
                DeliveryOut(
                    channel=one.channel.name,
                    state=DeliveryState(one.state),
                    attempts=one.attempts,
                    due_at=one.due_at,
                    sent_at=one.sent_at,
                    error=one.error,
                )
                for one in row.deliveries.all()
            ],
        )


class RuleOut(Answer):
    """What a project is warned of, and by which channels. A cause without a rule is watched at its
    default, and sent to nobody."""

    cause: AlertCause
    enabled: bool
    threshold: float | None
    channels: list[str]
    critical: bool
    muted_until: datetime | None

    @classmethod
    def of(cls, row: AlertRule) -> Self:
        return cls(
            cause=AlertCause(row.cause),
            enabled=row.enabled,
            threshold=None if row.threshold is None else float(row.threshold),
            channels=[channel.name for channel in row.channels.all()],
            critical=row.critical,
            muted_until=row.muted_until,
        )


class MuteIn(Input):
    until: AwareDatetime | None = Field(None, description="Null: send again.")


Shown = Literal["open", "acknowledged", "all"]
