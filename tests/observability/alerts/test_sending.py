"""An alert arrives, once, at whoever the rules name; what does not arrive is sent again."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.core import mail
from django.utils import timezone

from observability.actions.alerting import mute, new_secret, save_channel, save_rule, send_test
from observability.alerts import acknowledge, raise_alert
from observability.alerts.sending import MOST_ATTEMPTS, PAUSES, quiet_until, send_due
from observability.models import (
    AlertCause,
    AlertChannel,
    AlertRule,
    Delivery,
    DeliveryState,
)
from reqplatform.errors import Conflict
from tests.conftest import World
from tests.observability.alerts.receiver import Receiver, receiver
from tests.smtp import mail_server

CAUSE = AlertCause.BUDGET_STOP
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def hook(settings: LazySettings) -> Iterator[Receiver]:
    settings.OUTBOUND_ALLOW = ["127.0.0.0/8"]
    with receiver(new_secret()) as found:
        yield found


def channel(world: World, **values: Any) -> AlertChannel:
    row = AlertChannel(
        project=world.project,
        **{
            "name": "Leads",
            "kind": "email",
            "target": "ada@example.org, ben@example.org",
            **values,
        },
    )
    save_channel(world.owner, row)
    return row


def rule(world: World, *channels: AlertChannel, **values: Any) -> AlertRule:
    row = AlertRule(project=world.project, cause=CAUSE, **values)
    save_rule(world.owner, row, channels)
    return row


def raised(world: World, subject: str = "window 1", **values: Any) -> bool:
    return raise_alert(world.project.pk, CAUSE, subject, "It is used up. Raise it.", **values)


def only() -> Delivery:
    found: Delivery = Delivery.objects.get()
    return found


def test_an_alert_arrives_at_a_mail_server(world: World, settings: LazySettings) -> None:
    rule(world, channel(world))
    raised(world)
    with mail_server() as box:
        settings.EMAIL_BACKEND = "reqplatform.mails.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", box.port
        settings.EMAIL_USE_TLS = False
        assert send_due() == 1
        assert send_due() == 0
    (message,) = box.messages
    assert message["Subject"] == "Survey vessel: A budget stopped a run"
    assert "It is used up. Raise it." in message.get_content()
    assert box.recipients == ["ada@example.org", "ben@example.org"]
    assert (only().state, only().attempts) == (DeliveryState.SENT, 1)


def test_an_alert_arrives_at_a_webhook(world: World, hook: Receiver) -> None:
    rule(world, channel(world, kind="webhook", target=hook.url, secret=hook.secret))
    raised(world)
    assert send_due() == 1
    (body,), (headers,) = hook.bodies, hook.requests
    assert headers["webhook-id"] == str(only().pk)
    assert body["type"] == "alerts.raised"
    (alert,) = body["data"]["alerts"]
    assert (alert["cause"], alert["message"]) == (CAUSE.value, "It is used up. Raise it.")
    assert body["data"]["project"] == "survey"


def test_an_alert_arrives_by_apprise(world: World, hook: Receiver) -> None:
    target = hook.url.replace("http://", "json://").partition("?")[0]
    rule(world, channel(world, kind="apprise", target=target))
    raised(world)
    assert send_due() == 1
    assert "It is used up." in hook.bodies[0]


def test_apprise_is_led_nowhere_else(world: World, hook: Receiver) -> None:
    target = hook.url.replace("http://", "json://").partition("?")[0]
    rule(world, channel(world, kind="apprise", target=target))
    raised(world)
    hook.answers.append((307, {"Location": hook.url}))
    assert send_due() == 0
    assert len(hook.requests) == 1
    assert only().error == "The service did not take it, or could not be reached."


def test_what_is_not_taken_is_sent_again_under_the_same_id(world: World, hook: Receiver) -> None:
    rule(world, channel(world, kind="webhook", target=hook.url, secret=hook.secret))
    raised(world)
    hook.answers += [(503, {}), (429, {"Retry-After": "4000"})]
    now = timezone.now()
    assert send_due(now) == 0
    first = only()
    assert first.error == "The receiver answered 503."
    assert timedelta(seconds=0.7 * PAUSES[0]) < first.due_at - now < timedelta(seconds=40)
    assert send_due(first.due_at) == 0
    second = only()
    assert second.due_at - first.due_at >= timedelta(seconds=4000)
    assert send_due(second.due_at - timedelta(seconds=1)) == 0
    assert send_due(second.due_at) == 1
    assert len({headers["webhook-id"] for headers in hook.requests}) == 1
    assert (only().state, only().error, only().attempts) == ("sent", "", 3)


@pytest.mark.parametrize("status", [400, 401, 404, 410, 301])
def test_a_receiver_that_never_will_is_not_asked_again(
    world: World, hook: Receiver, status: int
) -> None:
    rule(world, channel(world, kind="webhook", target=hook.url, secret=hook.secret))
    raised(world)
    hook.answers.append((status, {"Location": "http://127.0.0.1/elsewhere"}))
    send_due()
    assert (only().state, only().attempts) == (DeliveryState.FAILED, 1)
    assert len(hook.requests) == 1


def test_after_a_day_it_is_given_up(world: World, hook: Receiver) -> None:
    rule(world, channel(world, kind="webhook", target=hook.url, secret=hook.secret))
    raised(world)
    hook.answers += [(500, {})] * MOST_ATTEMPTS
    began = timezone.now()
    while only().state == DeliveryState.PENDING:
        send_due(only().due_at)
    assert (only().state, only().attempts) == (DeliveryState.FAILED, MOST_ATTEMPTS)
    assert only().due_at - began < timedelta(hours=30)


def test_a_mail_server_that_is_away(world: World, settings: LazySettings) -> None:
    settings.EMAIL_BACKEND = "reqplatform.mails.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", 9, False
    rule(world, channel(world))
    raised(world)
    assert send_due() == 0
    assert only().state == DeliveryState.PENDING
    assert "did not take it" in only().error
    with mail_server() as box:
        box.refuses = True
        settings.EMAIL_PORT = box.port
        send_due(only().due_at)
    assert (only().state, box.messages) == (DeliveryState.FAILED, [])


SAID = "The mail server refused 1 of 2 addresses (550)."  # not which: members read it


def test_addresses_that_the_mail_server_refuses_are_on_record(
    world: World, settings: LazySettings
) -> None:
    row = rule(world, channel(world)).channels.get()
    raised(world)
    settings.EMAIL_BACKEND = "reqplatform.mails.EmailBackend"
    with mail_server() as box:
        box.unknown = "ben@example.org"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", box.port
        settings.EMAIL_USE_TLS = False
        assert send_due() == 1
        with pytest.raises(Conflict, match=r"got it in part\. The mail server refused 1 of 2"):
            send_test(world.owner, row)
    assert box.recipients == ["ada@example.org"] * 2
    assert (only().state, only().error) == ("sent", SAID)


def test_two_senders_send_once(world: World, hook: Receiver) -> None:
    from observability.alerts import sending

    rule(world, channel(world, kind="webhook", target=hook.url, secret=hook.secret))
    raised(world)
    now = timezone.now()
    mine, theirs = only(), only()
    assert sending._take(mine, now)
    assert not sending._take(theirs, now)
    assert send_due(now) == 0  # it is being sent
    assert send_due(now + sending.TAKEN) == 1  # the other has died


def test_an_open_alert_is_sent_once_until_somebody_has_seen_to_it(world: World) -> None:
    rule(world, channel(world))
    for _ in range(3):
        raised(world)
    assert Delivery.objects.count() == 1
    acknowledge(world.editor, only().alert)
    assert raised(world, reopen=False) is False
    assert Delivery.objects.count() == 1
    assert raised(world)
    assert Delivery.objects.count() == 2


def test_nobody_is_told_without_a_rule_and_while_it_is_off_or_muted(world: World) -> None:
    raised(world, "window 1")
    row = rule(world, channel(world), enabled=False)
    raised(world, "window 2")
    row.enabled = True
    save_rule(world.owner, row, row.channels.all())
    mute(world.editor, row, timezone.now() + timedelta(hours=1))
    raised(world, "window 3")
    assert not Delivery.objects.exists()
    mute(world.editor, row, None)
    raised(world, "window 4")
    assert only().alert.subject == "window 4"


def test_a_channel_that_was_switched_off_gets_nothing(world: World) -> None:
    way = channel(world)
    rule(world, way)
    raised(world)
    AlertChannel.objects.update(enabled=False)
    assert send_due() == 0
    assert (only().state, len(mail.outbox)) == (DeliveryState.DROPPED, 0)


def test_many_at_once_are_one_message(world: World) -> None:
    rule(world, channel(world))
    for number in range(5):
        raised(world, f"window {number}")
    assert send_due() == 5
    (message,) = mail.outbox
    assert message.subject == "Survey vessel: 5 alerts"
    assert message.body.count("It is used up.") == 5


def test_quiet_hours_hold_all_but_what_is_critical(world: World) -> None:
    way = channel(world, quiet_from=time(22), quiet_until=time(7))
    row = rule(world, way)
    night = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    raised(world)
    Delivery.objects.update(due_at=night)
    assert send_due(night) == 0
    assert only().due_at == datetime(2026, 11, 21, 7, tzinfo=UTC)
    assert send_due(only().due_at) == 1
    row.critical = True
    save_rule(world.owner, row, [way])
    raised(world, "window 2")
    Delivery.objects.filter(state="pending").update(due_at=night)
    assert send_due(night) == 1


@pytest.mark.parametrize(
    ("now", "end"),
    [
        ("2026-11-20T22:00+01:00", "2026-11-21T07:00+01:00"),
        ("2026-11-20T06:59+01:00", "2026-11-20T07:00+01:00"),
        ("2026-11-20T07:00+01:00", None),
        ("2026-11-20T21:59+01:00", None),
        ("2026-03-28T23:00+01:00", "2026-03-29T07:00+02:00"),  # the night is an hour shorter
    ],
)
def test_quiet_hours_are_the_projects(now: str, end: str | None) -> None:
    row = AlertChannel(quiet_from=time(22), quiet_until=time(7))
    found = quiet_until(row, "Europe/Berlin", datetime.fromisoformat(now))
    assert found == (None if end is None else datetime.fromisoformat(end))


def test_what_is_undone_sends_nothing(world: World) -> None:
    from django.db import transaction

    rule(world, channel(world))
    with pytest.raises(RuntimeError), transaction.atomic():  # noqa: PT012
        raised(world)
        raise RuntimeError
    assert send_due() == 0
    assert not Delivery.objects.exists()


def test_a_test_message(world: World, hook: Receiver) -> None:
    way = channel(world, kind="webhook", target=hook.url, secret=hook.secret)
    send_test(world.owner, way)
    assert hook.bodies[0]["type"] == "alerts.test"
    hook.answers.append((404, {}))
    with pytest.raises(Conflict, match="The receiver answered 404"):
        send_test(world.owner, way)


def test_a_fault_of_one_channel_keeps_no_other_waiting(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from observability.alerts import channels, sending

    def broken(way: AlertChannel, message: Any) -> str:
        if way.name == "Broken":
            raise RuntimeError("token xoxb-secret")
        return channels.send(way, message)

    monkeypatch.setattr(sending, "send", broken)
    rule(world, channel(world, name="Broken"), channel(world))
    raised(world)
    assert send_due() == 1
    failed = Delivery.objects.get(channel__name="Broken")
    assert failed.error == "A fault of the program; see its log."


def test_what_kills_its_senders_is_given_up(world: World, hook: Receiver) -> None:
    rule(world, channel(world, kind="webhook", target=hook.url, secret=hook.secret))
    raised(world)
    Delivery.objects.update(attempts=MOST_ATTEMPTS)
    assert send_due() == 0
    assert (only().state, only().error) == (DeliveryState.FAILED, "Its senders died.")
    assert hook.requests == []


def test_what_is_added_to_a_repeat_has_another_id(world: World, hook: Receiver) -> None:
    rule(world, channel(world, kind="webhook", target=hook.url, secret=hook.secret))
    hook.answers.append((503, {}))
    raised(world, "window 0")
    send_due()
    for number in range(1, 4):
        raised(world, f"window {number}")
    Delivery.objects.update(due_at=timezone.now())
    assert send_due() == 4
    first, second = (headers["webhook-id"] for headers in hook.requests)
    assert first != second


def test_a_receiver_that_drips_holds_nobody_up(
    world: World, monkeypatch: pytest.MonkeyPatch, settings: LazySettings
) -> None:
    import socket
    import threading
    import time

    from reqplatform.security import outbound

    settings.OUTBOUND_ALLOW = ["127.0.0.0/8"]
    monkeypatch.setattr(outbound, "SECONDS", 0.4)
    server = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        client, _ = server.accept()
        with client:
            client.recv(1000)
            for byte in b"HTTP/1.1 200 OK\r\nX: " + b"x" * 10:
                client.sendall(bytes([byte]))
                time.sleep(0.1)

    threading.Thread(target=drip, daemon=True).start()
    began = time.monotonic()
    with server, pytest.raises(outbound.UnreachableError):
        outbound.post(f"http://127.0.0.1:{server.getsockname()[1]}?a=1", b"", {})
    assert time.monotonic() - began < 3
