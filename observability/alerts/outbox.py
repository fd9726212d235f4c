"""Which channels an alert goes to, written down with the alert itself: what is on record is sent,
and nothing else is."""

from datetime import datetime

from observability.models import Alert, AlertRule, Delivery


def deliver(alert: Alert, raised_at: datetime) -> None:
    """Put the deliveries of an alert that was raised, or opened again, on their way. To nobody
    without a rule, while the rule is muted or off, and where the project is archived."""
    rules = AlertRule.objects.filter(project=alert.project_id, cause=alert.cause, enabled=True)
    rule: AlertRule | None = rules.select_related("project").first()
    if rule is None or rule.project.archived_at is not None:
        return
    if rule.muted_until is not None and rule.muted_until > raised_at:
        return
    Delivery.objects.bulk_create(
        [
            Delivery(alert=alert, channel=channel, raised_at=raised_at, critical=rule.critical)
            for channel in rule.channels.filter(enabled=True, project=alert.project_id)
        ],
        ignore_conflicts=True,
    )
