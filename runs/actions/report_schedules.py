"""Reports by mail: who gets which when, and sending them."""

import logging
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from observability import rollups
from observability.alerts.channels import MOST_ADDRESSES, addresses, check_addresses
from reqplatform.errors import ActionError, Conflict, InvalidInput
from reqplatform.mails import refused
from reqplatform.teams.models import Role, User
from reqplatform.teams.permissions import require
from runs.models import Cadence, MailedReport, ReportSchedule
from runs.reporting.asking import Words
from runs.reporting.bundles import TYPES, content_of, file_name
from runs.reporting.mails import mail_html, mail_text
from runs.reporting.making import ReportName, make, offered

TAKEN = timedelta(minutes=10)
AGAIN = timedelta(minutes=30)
MOST_ATTEMPTS = 24  # about half a day

_TIMES = ("cadence", "weekday", "day", "hour", "enabled")

log = logging.getLogger(__name__)


def save_schedule(user: User | None, row: ReportSchedule, members: Iterable[User]) -> None:
    """Save a schedule with its readers. Owners only. Raises InvalidInput."""
    require(user, row.project, Role.OWNER)
    members = list(members)
    known = {name.value for name in ReportName}
    if not row.reports or set(row.reports) - known:
        raise InvalidInput(f"Choose some of {', '.join(sorted(known))}.", field="reports")
    check_addresses(addresses(row.addresses), "addresses")
    if len(addresses(row.addresses)) > MOST_ADDRESSES:
        raise InvalidInput(f"{MOST_ADDRESSES} addresses at most.", field="addresses")
    inside = set(row.project.memberships.values_list("user", flat=True))
    outside = [member for member in members if member.pk not in inside]
    if outside:
        raise InvalidInput(
            f"{outside[0].display_name} is no member of the project. Add an address instead, if "
            "the figures may be seen there.",
            field="members",
        )
    if not members and not addresses(row.addresses):
        raise InvalidInput("Say who gets them: members, or addresses.", field="members")
    others = ReportSchedule.objects.filter(project=row.project, name=row.name)
    if others.exclude(pk=row.pk).exists():
        raise InvalidInput(f"There is a schedule {row.name} already.", field="name")
    before = ReportSchedule.objects.filter(pk=row.pk).values(*_TIMES).first()
    if before is not None and before != {name: getattr(row, name) for name in _TIMES}:
        row.since = timezone.now()  # another weekday, or on again: not for a day that has passed
    with transaction.atomic():
        row.save()
        row.members.set(members)


def leave(user: User, row: ReportSchedule) -> None:
    """Get it no more; everybody for themselves."""
    row.members.remove(user)


def recipients(row: ReportSchedule) -> list[str]:
    """Those of its readers who are members still, and the addresses; each once."""
    inside = row.project.memberships.values("user")
    members = User.objects.filter(report_schedules=row, pk__in=inside, is_active=True)
    mails = members.exclude(email="").order_by("username").values_list("email", flat=True)
    return list(dict.fromkeys([*mails, *addresses(row.addresses)]))


# When


def due_on(row: ReportSchedule, now: datetime) -> date:
    """The last day on which it was due. An hour that a spring day lacks is the one after it."""
    here = now.astimezone(ZoneInfo(row.project.time_zone))
    day = here.date()
    while not (_falls_on(row, day) and _moment(row, day) <= now):
        day -= timedelta(days=1)
    return day


def _falls_on(row: ReportSchedule, day: date) -> bool:
    return day.weekday() == row.weekday if row.cadence == Cadence.WEEKLY else day.day == row.day


def _moment(row: ReportSchedule, day: date) -> datetime:
    return datetime.combine(day, time(row.hour), tzinfo=ZoneInfo(row.project.time_zone))


def words(row: ReportSchedule, day: date) -> Words:
    """The seven days before, or the month before."""
    if row.cadence == Cadence.WEEKLY:
        return Words(first=day - timedelta(days=7), last=day - timedelta(days=1))
    before = day.replace(day=1) - timedelta(days=1)
    return Words(month=f"{before:%Y-%m}")


# Sending


def send_due(now: datetime | None = None) -> int:
    """Send what has become due since it was last sent or the schedule was made: after an outage the
    latest only. How many mails were taken by the mail server."""
    now = now or timezone.now()
    rows = ReportSchedule.objects.filter(enabled=True, project__archived_at=None)
    for row in rows.select_related("project"):
        day = due_on(row, now)
        if _moment(row, day) > row.since:
            MailedReport.objects.get_or_create(schedule=row, due_on=day, defaults={"due_at": now})
    waiting = MailedReport.objects.filter(sent_at=None, gave_up=False, due_at__lte=now)
    return sum(_send(one, now) for one in waiting.select_related("schedule__project"))


def send_now(user: User | None, row: ReportSchedule) -> int:
    """Send the latest due reports once more, whatever was sent; to how many. Owners only."""
    require(user, row.project, Role.OWNER)
    readers = recipients(row)
    if not readers:
        raise Conflict("Nobody gets it: no reader is a member with an e-mail address.")
    now = timezone.now()
    day = due_on(row, now)
    try:
        missed, why = _mail(row, day, readers)
    except OSError as error:
        raise Conflict(f"The mail server did not take it: {type(error).__name__}.") from error
    MailedReport.objects.update_or_create(
        schedule=row,
        due_on=day,
        defaults={
            "sent_at": now, "recipients": len(readers) - missed, "error": why, "gave_up": False,
        },
    )  # fmt: skip
    return len(readers) - missed


def _send(one: MailedReport, now: datetime) -> bool:
    mine = MailedReport.objects.filter(
        pk=one.pk, sent_at=None, attempts=one.attempts, due_at=one.due_at
    )
    if not mine.update(attempts=one.attempts + 1, due_at=now + TAKEN):
        return False  # somebody else sends it
    row, there = one.schedule, MailedReport.objects.filter(pk=one.pk)
    newer = MailedReport.objects.filter(schedule=row, due_on__gt=one.due_on).exists()
    readers = recipients(row)
    if one.attempts >= MOST_ATTEMPTS:  # whoever sent it died
        there.update(gave_up=True, error=one.error or "Its senders died.")
        return False
    if newer or not readers or not row.enabled:
        why = "A newer one is due." if newer else "Nobody gets it." if row.enabled else "Off."
        there.update(gave_up=True, error=why)
        return False
    try:
        missed, why = _mail(row, one.due_on, readers, f"report-{row.pk}-{one.due_on}")
    except ActionError as refusal:
        there.update(gave_up=True, error=refusal.message[:300])
        return False
    except Exception as error:
        log.exception("The reports of schedule %s could not be mailed.", row.pk)
        given_up = one.attempts + 1 >= MOST_ATTEMPTS
        said = f"It could not be mailed: {type(error).__name__}."
        there.update(due_at=now + AGAIN, error=said, gave_up=given_up)
        return False
    there.update(sent_at=timezone.now(), recipients=len(readers) - missed, error=why)
    return True


def _mail(
    row: ReportSchedule, day: date, readers: list[str], message_id: str = ""
) -> tuple[int, str]:
    """How many addresses the mail server refused, and what to say of it. `message_id`: what mail
    programs tell repeats by."""
    rollups.refresh(row.project_id, seconds=20)
    names = [name for name in offered() if name.value in row.reports]
    if not names:
        raise Conflict("Costs are hidden on this installation: choose other reports.")
    asked = words(row, day)
    reports = [make(name, row.project, asked, timezone.now()) for name in names]
    link = f"{settings.PUBLIC_URL}{reverse('runs:reports', args=[row.project.slug])}"
    subject = f"{row.project.name}: {row.name}".replace("\n", " ")
    headers = {"Auto-Submitted": "auto-generated"}
    if message_id:
        headers["Message-ID"] = f"<{message_id}@reqplatform>"
    mail = EmailMultiAlternatives(subject, mail_text(reports, link), bcc=readers, headers=headers)
    mail.attach_alternative(mail_html(reports, link), "text/html")
    for report in reports:
        style = row.file_format
        mail.attach(file_name(report, style), content_of(report, style), TYPES[style])
    mail.send()
    return refused(mail)
