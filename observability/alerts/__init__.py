"""What a lead must be told of, on record: one alert for each cause and subject."""

from uuid import UUID

from django.utils import timezone

from observability.models import Alert, AlertCause
from reqplatform.teams.models import Role, User
from reqplatform.teams.permissions import require


def raise_alert(
    project_id: int, cause: AlertCause, subject: str, message: str, *, run_id: UUID | None = None
) -> bool:
    """Put an alert on record; False if the same one stands there open, which then tells the latest.

    One that was acknowledged is opened again: it has happened again.
    """
    message = message[:500]
    alert, new = Alert.objects.get_or_create(
        project_id=project_id,
        cause=cause,
        subject=subject,
        defaults={"message": message, "run_id": run_id},
    )
    if new:
        return True
    same = Alert.objects.filter(pk=alert.pk)
    reopened = same.filter(acknowledged_at__isnull=False).update(
        acknowledged_at=None, created_at=timezone.now()
    )
    same.update(message=message, run_id=run_id)
    return bool(reopened)


def acknowledge(user: User | None, alert: Alert) -> None:
    """Say that somebody has seen to it. Editors and above."""
    require(user, alert.project, Role.EDITOR)
    Alert.objects.filter(pk=alert.pk, acknowledged_at=None).update(acknowledged_at=timezone.now())
