"""The pages of reports by mail."""

from typing import Any

from django.core import mail

from runs.models import ReportSchedule
from tests.audience import check_mutation, check_page
from tests.conftest import World

BASE = "/projects/survey/reports/mails/"


def schedule(world: World) -> ReportSchedule:
    row = ReportSchedule.objects.create(
        project=world.project, name="Weekly", reports=["cost"], addresses="cfo@example.org"
    )
    row.members.add(world.viewer)
    return row


def test_who_may(world: World) -> None:
    row = schedule(world)
    check_page(world, BASE)
    check_page(world, f"{BASE}new", least="owner")
    check_page(world, f"/report-mails/{row.pk}/", least="owner")
    check_mutation(world, f"/report-mails/{row.pk}/send", least="owner")
    check_mutation(world, f"/report-mails/{row.pk}/leave", least="viewer")


def test_a_schedule_is_added_and_changed(world: World) -> None:
    values = {
        "name": "Monthly", "reports": ["quality"], "cadence": "monthly", "weekday": 0, "day": 3,
        "hour": 6, "file_format": "ods", "members": [world.owner.pk], "enabled": "on",
    }  # fmt: skip
    client = world.client(world.owner)
    answer: Any = client.post(f"{BASE}new", values, follow=True)
    assert "Monthly is saved." in answer.text
    assert "day 3 of a month, 6:00" in answer.text
    row = ReportSchedule.objects.get()
    client.post(f"/report-mails/{row.pk}/", values | {"cadence": "weekly", "reports": ["cost"]})
    row.refresh_from_db()
    assert (row.cadence, row.reports) == ("weekly", ["cost"])
    wrong: Any = client.post(f"{BASE}new", values | {"name": "x", "members": []})
    assert "Say who gets them" in wrong.text
    outside: Any = client.post(f"{BASE}new", values | {"members": [world.stranger.pk]})
    assert outside.context["form"].errors["members"]


def test_send_now_and_not_to_me(world: World) -> None:
    row = schedule(world)
    answer: Any = world.client(world.owner).post(f"/report-mails/{row.pk}/send", follow=True)
    assert "Sent to 2 readers." in answer.text
    assert len(mail.outbox) == 1
    left: Any = world.client(world.viewer).post(f"/report-mails/{row.pk}/leave", follow=True)
    assert "You do not get Weekly any more." in left.text
    assert list(row.members.all()) == []


def test_addresses_are_the_owners_to_see(world: World) -> None:
    schedule(world)
    assert "cfo@example.org" in world.client(world.owner).get(BASE).text
    assert "cfo@example.org" not in world.client(world.viewer).get(BASE).text
