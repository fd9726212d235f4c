"""Reports by mail: once for each time that they are due, to members who still are."""

import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.core import mail
from openpyxl import load_workbook

from observability import rollups
from reqplatform.errors import Conflict, InvalidInput, NotAllowed, NotFound
from reqplatform.teams.models import Membership, User
from runs.actions.report_schedules import (
    MOST_ATTEMPTS,
    due_on,
    leave,
    save_schedule,
    send_due,
    send_now,
    words,
)
from runs.models import MailedReport, ReportSchedule
from tests import factories
from tests.conftest import World
from tests.money import CENT, paid_call
from tests.smtp import mail_server

MADE = datetime(2026, 11, 1, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 7, tzinfo=UTC)


def schedule(world: World, *members: User, **values: Any) -> ReportSchedule:
    row = ReportSchedule(
        project=world.project,
        since=MADE,
        **{"name": "Weekly", "reports": ["cost", "quality", "subsystems"], **values},
    )
    save_schedule(world.owner, row, members or [world.owner])
    return row


@pytest.mark.parametrize(
    ("values", "now", "day"),
    [
        ({"weekday": 0, "hour": 7}, "2026-11-23T07:00+01:00", date(2026, 11, 23)),
        ({"weekday": 0, "hour": 7}, "2026-11-23T06:59+01:00", date(2026, 11, 16)),
        ({"weekday": 6, "hour": 2}, "2026-03-29T03:00+02:00", date(2026, 3, 29)),  # no 2:00 there
        ({"cadence": "monthly", "day": 1, "hour": 0}, "2026-03-01T00:00+01:00", date(2026, 3, 1)),
        ({"cadence": "monthly", "day": 28, "hour": 9}, "2026-03-01T00:00+01:00", date(2026, 2, 28)),
    ],
)
def test_when_it_is_due(world: World, values: dict[str, Any], now: str, day: date) -> None:
    world.project.time_zone = "Europe/Berlin"
    row = ReportSchedule(project=world.project, **values)
    assert due_on(row, datetime.fromisoformat(now)) == day


def test_what_it_is_about() -> None:
    weekly = words(ReportSchedule(cadence="weekly"), date(2026, 11, 23))
    assert (weekly.first, weekly.last) == (date(2026, 11, 16), date(2026, 11, 22))
    assert words(ReportSchedule(cadence="monthly"), date(2026, 1, 5)).month == "2025-12"


def test_it_arrives_at_a_mail_server(world: World, settings: LazySettings) -> None:
    paid_call(factories.completed_run(world.project), 3 * CENT, at=MONDAY - timedelta(days=2))
    rollups.refresh()
    schedule(world, world.owner, world.viewer, addresses="finance@example.org")
    settings.PUBLIC_URL = "https://req.example.org"
    with mail_server() as box:
        settings.EMAIL_BACKEND = "reqplatform.mails.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", box.port
        settings.EMAIL_USE_TLS = False
        assert send_due(MONDAY) == 1
    (message,) = box.messages
    assert box.recipients == [world.owner.email, world.viewer.email, "finance@example.org"]
    assert message["Bcc"] is None
    assert message["Message-ID"].startswith("<report-")
    assert message["Subject"] == "Survey vessel: Weekly"
    body: Any = message.get_body(("plain",))
    assert "Cost: $0.0300" in body.get_content()
    assert "https://req.example.org/projects/survey/reports/" in body.get_content()
    html: Any = message.get_body(("html",))
    assert "$0.0300" in html.get_content()
    files = {str(part.get_filename()): part.get_content() for part in message.iter_attachments()}
    assert sorted(files) == [
        f"survey-{name}-2026-11-16-2026-11-22.xlsx" for name in ("cost", "quality", "subsystems")
    ]
    book = load_workbook(io.BytesIO(files["survey-cost-2026-11-16-2026-11-22.xlsx"]))
    assert {row[0]: row[2] for row in book["Cost"].values}["Cost"] == "0.030000000"


def test_it_is_sent_once_each_week(world: World) -> None:
    schedule(world)
    assert [send_due(MONDAY + timedelta(hours=n)) for n in (0, 1, 100)] == [1, 0, 0]
    assert send_due(MONDAY + timedelta(days=7)) == 1
    assert len(mail.outbox) == 2


def test_after_an_outage_the_latest_only(world: World) -> None:
    schedule(world)
    assert send_due(MONDAY + timedelta(days=30)) == 1
    assert MailedReport.objects.get().due_on == date(2026, 12, 21)


def test_nothing_is_sent_for_the_time_before_it_was_made(world: World) -> None:
    row = schedule(world)
    ReportSchedule.objects.update(since=MONDAY + timedelta(hours=1))
    assert send_due(MONDAY + timedelta(hours=2)) == 0
    row.refresh_from_db()
    assert not MailedReport.objects.exists()


def test_what_was_changed_is_not_sent_for_a_day_that_has_passed(world: World) -> None:
    row = schedule(world, weekday=2)
    row.weekday = 0
    save_schedule(world.owner, row, [world.owner])
    assert row.since > MADE
    ReportSchedule.objects.update(since=MONDAY + timedelta(minutes=1))
    assert send_due(MONDAY + timedelta(hours=1)) == 0


def test_two_workers_send_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from runs.actions import report_schedules

    schedule(world)
    real = report_schedules.recipients

    def meanwhile(row: ReportSchedule) -> list[str]:
        monkeypatch.setattr(report_schedules, "recipients", real)
        assert send_due(MONDAY) == 0  # another worker, while this one is at it
        return real(row)

    monkeypatch.setattr(report_schedules, "recipients", meanwhile)
    assert send_due(MONDAY) == 1
    assert len(mail.outbox) == 1


def test_a_mail_server_that_is_away(world: World, settings: LazySettings) -> None:
    settings.EMAIL_BACKEND = "reqplatform.mails.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", 9, False
    row = schedule(world)
    assert send_due(MONDAY) == 0
    one = MailedReport.objects.get()
    assert (one.attempts, one.gave_up) == (1, False)
    assert "could not be mailed" in one.error
    with pytest.raises(Conflict, match="did not take it"):
        send_now(world.owner, row)
    for _ in range(MOST_ATTEMPTS):
        one.refresh_from_db()
        send_due(one.due_at)
    one.refresh_from_db()
    assert (one.attempts, one.gave_up, one.sent_at) == (MOST_ATTEMPTS, True, None)


def test_sending_at_once_is_on_record(world: World, settings: LazySettings) -> None:
    row = schedule(world, world.owner, addresses="finance@example.org")
    settings.EMAIL_BACKEND = "reqplatform.mails.EmailBackend"
    with mail_server() as box:
        box.unknown = "finance@example.org"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", box.port
        settings.EMAIL_USE_TLS = False
        for _ in range(2):
            assert send_now(world.owner, row) == 1
    one = MailedReport.objects.get()
    assert one.sent_at is not None
    assert (one.recipients, one.error) == (
        1,
        "The mail server refused 1 of 2 addresses (550).",
    )


def test_who_is_no_member_any_more_gets_nothing(world: World) -> None:
    row = schedule(world, world.owner, world.viewer)
    Membership.objects.filter(user=world.viewer).delete()
    send_due(MONDAY)
    assert mail.outbox[0].bcc == [world.owner.email]
    leave(world.owner, row)
    with pytest.raises(Conflict, match="Nobody gets it"):
        send_now(world.owner, row)
    send_due(MONDAY + timedelta(days=7))
    assert MailedReport.objects.latest("id").error == "Nobody gets it."


def test_costs_that_are_hidden_are_in_no_mail(world: World, settings: LazySettings) -> None:
    settings.COST_TRACKING_ENABLED = False
    paid_call(factories.completed_run(world.project), 3 * CENT, at=MONDAY - timedelta(days=2))
    schedule(world)
    assert send_due(MONDAY) == 1
    assert "$" not in mail.outbox[0].body
    assert len(mail.outbox[0].attachments) == 2


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"reports": []}, "Choose some of"),
        ({"reports": ["gossip"]}, "Choose some of"),
        ({"addresses": "ada"}, "no e-mail address"),
        ({"addresses": "a@b.org\nBcc: c"}, "no e-mail address"),
    ],
)
def test_what_makes_no_sense(world: World, values: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        schedule(world, **values)


def test_readers_are_members_or_addresses(world: World) -> None:
    with pytest.raises(InvalidInput, match="no member of the project"):
        schedule(world, world.stranger)
    row = ReportSchedule(project=world.project, name="x", reports=["cost"])
    with pytest.raises(InvalidInput, match="Say who gets them"):
        save_schedule(world.owner, row, [])


def test_only_owners(world: World) -> None:
    row = schedule(world)
    for person, error in ((world.editor, NotAllowed), (world.stranger, NotFound)):
        with pytest.raises(error):
            save_schedule(person, row, [world.owner])
        with pytest.raises(error):
            send_now(person, row)


def test_what_kills_its_senders_is_given_up(world: World) -> None:
    row = schedule(world)
    MailedReport.objects.create(
        schedule=row, due_on=MONDAY.date(), due_at=MONDAY, attempts=MOST_ATTEMPTS
    )
    assert send_due(MONDAY) == 0
    assert MailedReport.objects.get().gave_up


def test_another_reader_changes_nothing_of_what_is_due(world: World) -> None:
    row = schedule(world)
    save_schedule(world.owner, row, [world.owner, world.viewer])
    assert row.since == MADE
    assert send_due(MONDAY) == 1


def test_a_name_is_used_once(world: World) -> None:
    schedule(world)
    with pytest.raises(InvalidInput, match="There is a schedule Weekly already"):
        schedule(world)


def test_reports_that_are_hidden_are_not_tried_again(world: World, settings: LazySettings) -> None:
    settings.COST_TRACKING_ENABLED = False
    schedule(world, reports=["cost"])
    assert send_due(MONDAY) == 0
    one = MailedReport.objects.get()
    assert (one.gave_up, one.error.startswith("Costs are hidden")) == (True, True)
