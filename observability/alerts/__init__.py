"""What a lead must be told of, on record: one alert for each cause and subject."""

from collections.abc import Collection, Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from observability import budgets
from observability.alerts.outbox import deliver
from observability.models import Alert, AlertCause
from observability.money import format_usd
from reqplatform.teams.models import Role, User
from reqplatform.teams.permissions import require


def window_subject(window_id: int | str) -> str:
    """What alerts call a budget's window."""
    return f"window {window_id}"


def raise_alert(
    project_id: int,
    cause: AlertCause,
    subject: str,
    message: str,
    *,
    run_id: UUID | None = None,
    reopen: bool = True,
) -> bool:
    """Put an alert on record and its deliveries on their way, together; False if the same one
    stands there open, which then tells the latest.

    One that was acknowledged is opened again: it has happened again. Without `reopen` it stays
    acknowledged, because only the same thing was seen once more.
    """
    message, now = message[:500], timezone.now()
    with transaction.atomic():
        alert, new = Alert.objects.get_or_create(
            project_id=project_id,
            cause=cause,
            subject=subject,
            defaults={"message": message, "run_id": run_id, "created_at": now},
        )
        if new:
            deliver(alert, now)
            return True
        same = Alert.objects.filter(pk=alert.pk)
        if not reopen:
            same.filter(acknowledged_at=None).update(message=message)
            return False
        reopened = same.filter(acknowledged_at__isnull=False).update(
            acknowledged_at=None, created_at=now
        )
        same.update(message=message, run_id=run_id)
        if reopened:
            deliver(alert, now)
    return bool(reopened)


def raise_for_crossed(windows: Sequence[int], run_id: UUID | None) -> list[tuple[int, str]]:
    """Alerts for those of these windows whose warning was just crossed: each window's id, and what
    its alert says. Every crossing is told once, to whoever finds it first."""
    return _tell_crossed(Q(pk__in=windows), run_id)


def raise_for_missed(project_id: int) -> int:
    """Alerts for warnings that a process crossed and did not live to tell; how many."""
    return len(_tell_crossed(Q(budget__project=project_id), None))


def _tell_crossed(windows: Q, run_id: UUID | None) -> list[tuple[int, str]]:
    told = []
    for window in budgets.crossed(windows):
        message = (
            f"{window.label} has spent {format_usd(window.spent_nusd)}, past its warning at "
            f"{format_usd(window.warn_nusd or 0)}."
        )
        with transaction.atomic():  # the mark and the alert, or neither
            if not budgets.mark_warned(window.pk):
                continue
            raise_alert(
                window.project_id,
                AlertCause.BUDGET_WARNING,
                window_subject(window.pk),
                message,
                run_id=run_id,
            )
        told.append((window.pk, message))
    return told


def answer(causes: Collection[AlertCause], subject: str) -> None:
    """What these alerts told of this subject is over."""
    rows = Alert.objects.filter(cause__in=causes, subject=subject, acknowledged_at=None)
    rows.update(acknowledged_at=timezone.now())


def answer_stop(window_id: int) -> None:
    """That this window had stopped runs needs nobody's attention any more: all of them go on."""
    answer([AlertCause.BUDGET_STOP], window_subject(window_id))


def acknowledge(user: User | None, alert: Alert) -> None:
    """Say that somebody has seen to it. Editors and above."""
    require(user, alert.project, Role.EDITOR)
    Alert.objects.filter(pk=alert.pk, acknowledged_at=None).update(acknowledged_at=timezone.now())
