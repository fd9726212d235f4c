"""Sending what is due: each delivery by one sender at a time, again with growing pauses."""

import logging
import random
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from observability.alerts.channels import Message, UndeliveredError, send
from observability.models import AlertChannel, Delivery, DeliveryState

TAKEN = timedelta(minutes=5)  # for which nobody else tries; longer than any sender waits
PAUSES = (30, 120, 600, 1800, 7200, 21_600, 43_200)  # seconds after the 1st, 2nd, ... attempt
MOST_ATTEMPTS = len(PAUSES) + 1  # within a day
AT_ONCE = 200
ONE_BY_ONE = 3  # more alerts than these for one channel at a time are sent together

log = logging.getLogger(__name__)


def send_due(now: datetime | None = None) -> int:
    """Send what is due; how many deliveries were taken by their receivers. Not within a
    transaction."""
    now = now or timezone.now()
    rows = Delivery.objects.filter(state=DeliveryState.PENDING, due_at__lte=now)
    found = rows.select_related("channel", "alert__project").order_by("due_at", "id")[:AT_ONCE]
    by_channel: dict[AlertChannel, list[Delivery]] = defaultdict(list)
    for row in found:
        if _may_go(row, now):
            by_channel[row.channel].append(row)
    sent = 0
    for channel, rows_of in by_channel.items():
        groups = [rows_of] if len(rows_of) > ONE_BY_ONE else [[row] for row in rows_of]
        sent += sum(_send(channel, group, now) for group in groups)
    return sent


def _may_go(row: Delivery, now: datetime) -> bool:
    """Not to a channel that is off, and not in its quiet hours but for what is critical."""
    if not row.channel.enabled:
        _close(row, DeliveryState.DROPPED, error="The channel is switched off.")
        return False
    quiet = None if row.critical else quiet_until(row.channel, row.alert.project.time_zone, now)
    if quiet is not None:
        Delivery.objects.filter(pk=row.pk, state=DeliveryState.PENDING).update(due_at=quiet)
    return quiet is None


def quiet_until(channel: AlertChannel, time_zone: str, now: datetime) -> datetime | None:
    """The end of the quiet hours that a channel is in; they may go over midnight."""
    begin, end = channel.quiet_from, channel.quiet_until
    if begin is None or end is None or begin == end:
        return None
    here = now.astimezone(ZoneInfo(time_zone))
    clock = here.time().replace(tzinfo=None)
    within = begin <= clock < end if begin < end else clock >= begin or clock < end
    if not within:
        return None
    day = here.date() + timedelta(days=1 if begin > end and clock >= begin else 0)
    return datetime.combine(day, end, tzinfo=here.tzinfo)


def _send(channel: AlertChannel, rows: Sequence[Delivery], now: datetime) -> int:
    taken = [row for row in rows if _take(row, now)]
    if not taken:
        return 0
    try:
        missed = send(channel, message_of(taken))
    except UndeliveredError as error:
        _all_again(taken, error, now)
        return 0
    except Exception:  # a library's fault must not keep the others waiting
        log.exception("Channel %s could not be used.", channel.pk)
        _all_again(taken, UndeliveredError("A fault of the program; see its log."), now)
        return 0
    for row in taken:
        _close(row, DeliveryState.SENT, sent_at=timezone.now(), error=missed)
    return len(taken)


def _take(row: Delivery, now: datetime) -> bool:
    """Whether this sender is the first; the attempt is counted before it is made, so that one which
    kills its sender is not made for ever."""
    if row.attempts >= MOST_ATTEMPTS:
        _close(row, DeliveryState.FAILED, error=row.error or "Its senders died.")
        return False
    mine = Delivery.objects.filter(
        pk=row.pk, state=DeliveryState.PENDING, attempts=row.attempts, due_at=row.due_at
    )
    if not mine.update(attempts=row.attempts + 1, due_at=now + TAKEN):
        return False
    row.attempts += 1
    return True


def _all_again(rows: Sequence[Delivery], error: UndeliveredError, now: datetime) -> None:
    """Later, together, unless that would not help."""
    spread = random.uniform(0.8, 1.2)  # noqa: S311 - not a secret
    for row in rows:
        if error.final or row.attempts >= MOST_ATTEMPTS:
            _close(row, DeliveryState.FAILED, error=error.message[:300])
            continue
        pause = max(PAUSES[row.attempts - 1] * spread, error.after)
        due = now + timedelta(seconds=min(pause, PAUSES[-1]))
        Delivery.objects.filter(pk=row.pk, state=DeliveryState.PENDING).update(
            due_at=due, error=error.message[:300]
        )


def _close(row: Delivery, state: DeliveryState, **columns: Any) -> None:
    Delivery.objects.filter(pk=row.pk, state=DeliveryState.PENDING).update(state=state, **columns)


def message_of(rows: Sequence[Delivery]) -> Message:
    """One message for deliveries of one channel. Its id is of what it holds, so that whoever tells
    repeats by it misses nothing that was added."""
    first, project = rows[0], rows[0].alert.project
    data = {
        "type": "alerts.raised",
        "timestamp": first.raised_at.isoformat(),
        "data": {"project": project.slug, "alerts": [_data(row) for row in rows]},
    }
    if len(rows) == 1:
        title = f"{project.name}: {first.alert.get_cause_display()}"
        return Message(str(first.pk), title, first.alert.message, data, first.raised_at)
    lines = [f"- {row.alert.get_cause_display()}. {row.alert.message}" for row in rows]
    title = f"{project.name}: {len(rows)} alerts"
    whole = sha256(" ".join(sorted(str(row.pk) for row in rows)).encode()).hexdigest()
    return Message(whole[:36], title, "\n\n".join(lines), data, first.raised_at)


def _data(row: Delivery) -> dict[str, Any]:
    alert = row.alert
    return {
        "id": alert.pk,
        "cause": alert.cause,
        "subject": alert.subject,
        "message": alert.message,
        "run": str(alert.run_id) if alert.run_id else None,
        "raised_at": row.raised_at.isoformat(),
    }
