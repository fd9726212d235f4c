from datetime import timedelta

from django.utils import timezone

from observability import alerts
from observability.models import Alert, AlertCause, AlertRule
from runs.models import Run
from tests import factories
from tests.audience import check_mutation
from tests.conftest import World


def alert(world: World, message: str = "Run 1 has spent $1.25.", run: Run | None = None) -> Alert:
    subject = f"window {Alert.objects.count()}"
    cause = AlertCause.BUDGET_WARNING
    alerts.raise_alert(world.project.pk, cause, subject, message, run_id=run.pk if run else None)
    return Alert.objects.get(subject=subject)


def test_who_may_acknowledge(world: World) -> None:
    row = alert(world)
    check_mutation(world, f"/alerts/{row.pk}/acknowledge", least="editor")
    row.refresh_from_db()
    assert row.acknowledged_at is None


def test_acknowledging(world: World) -> None:
    row, other = alert(world), alert(world, "Another")
    url = f"/alerts/{row.pk}/acknowledge"
    answer = world.client(world.editor).post(url, follow=True)
    assert answer.redirect_chain[-1][0] == "/projects/survey/"
    assert "The alert is acknowledged." in answer.text
    assert "Run 1 has spent" not in answer.text
    assert "Another" in answer.text
    row.refresh_from_db()
    other.refresh_from_db()
    assert row.acknowledged_at is not None
    assert other.acknowledged_at is None


def test_the_project_lists_what_is_open(world: World) -> None:
    run = factories.run(world.project)
    for number in range(6):
        alert(world, f"<b>Alert {number}</b>", run)
    text = world.client(world.viewer).get("/projects/survey/").text
    assert "&lt;b&gt;Alert 5&lt;/b&gt;" in text
    assert "Alert 0" not in text  # the five newest
    assert 'Open alerts <span class="count">6</span>' in text
    assert f"/runs/{run.pk}/" in text
    assert "acknowledge" not in text
    text = world.client(world.editor).get("/projects/survey/").text
    assert text.count("/acknowledge") == 5


def test_the_home_page_marks_the_project(world: World) -> None:
    client = world.client(world.viewer)
    assert "open alert" not in client.get("/").text
    row = alert(world)
    assert "1 open alert<" in client.get("/").text
    alert(world)
    assert "2 open alerts<" in client.get("/").text
    assert "open alert" not in world.client(world.stranger).get("/").text
    alerts.acknowledge(world.editor, row)
    assert "1 open alert<" in client.get("/").text


def test_who_may_mute(world: World) -> None:
    AlertRule.objects.create(project=world.project, cause=AlertCause.RUN_FAILED)
    check_mutation(world, "/projects/survey/alerts/run_failed/mute", least="editor")
    assert AlertRule.objects.get().muted_until is None


def test_muting_and_sending_again(world: World) -> None:
    AlertRule.objects.create(project=world.project, cause=AlertCause.RUN_FAILED)
    url = "/projects/survey/alerts/run_failed/mute"
    client = world.client(world.editor)
    assert "A run failed: muted for a day." in client.post(url, {"hours": "24"}, follow=True).text
    until = AlertRule.objects.get().muted_until
    assert until is not None
    assert timedelta(hours=23) < until - timezone.now() < timedelta(hours=25)
    page = client.get("/projects/survey/alerts/").text
    assert "muted until" in page
    assert "Send again: A run failed" in page
    assert "Send again" not in world.client(world.viewer).get("/projects/survey/alerts/").text
    assert "Nothing was changed" in client.post(url, {"hours": "7"}, follow=True).text
    assert AlertRule.objects.get().muted_until == until
    assert "not muted any more" in client.post(url, {"hours": "0"}, follow=True).text
    assert AlertRule.objects.get().muted_until is None
    other = "/projects/survey/alerts/run_stuck/mute"
    assert client.post(other, {"hours": "4"}).status_code == 404  # it has no rule
