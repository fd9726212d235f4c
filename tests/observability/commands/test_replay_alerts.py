"""manage.py replay_alerts: what would have been told, and when."""

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from observability import rollups
from observability.models import Alert, Budget, LLMCall, QualityRecord
from observability.reports.asked import today
from tests import factories
from tests.conftest import World
from tests.money import DOLLAR, paid_call


def replay(**options: Any) -> str:
    out = StringIO()
    call_command("replay_alerts", project="survey", stdout=out, **options)
    return out.getvalue()


@pytest.fixture
def spike(world: World) -> None:
    """A dollar a day for 60 days, but twenty ten days ago."""
    Budget.objects.filter(project=world.project).update(warn_nusd=None, max_nusd=None)
    run = factories.completed_run(world.project)
    for ago in range(60, 0, -1):
        cost = 20 * DOLLAR if ago == 10 else DOLLAR
        call = paid_call(run, cost, held_nusd=cost)
        LLMCall.objects.filter(pk=call.pk).update(created_at=timezone.now() - timedelta(days=ago))
    rollups.rebuild([world.project.pk])


def test_an_anomaly_of_the_past(world: World, spike: None) -> None:
    (fired,) = json.loads(replay(format="json"))
    day = today(world.project, timezone.now()) - timedelta(days=10)
    assert (fired["day"], fired["cause"]) == (str(day), "cost")
    assert "Mainly because models were dearer" in fired["text"]
    assert not Alert.objects.exists()
    assert json.loads(replay(format="json", days=5)) == []
    assert json.loads(replay(format="json", cause="quality")) == []


def test_results_that_became_worse(world: World) -> None:
    for number in range(40):
        run = factories.completed_run(world.project, requirements=1)
        at = timezone.now() - timedelta(days=20) + timedelta(hours=number)
        score = (0.9 if number < 30 else 0.6) + 0.01 * (number % 2)
        QualityRecord.objects.filter(run=run).update(overall=score, timestamp=at)
    rollups.rebuild([world.project.pk])
    (fired,) = json.loads(replay(format="json"))
    assert fired["cause"] == "quality"
    assert "Nothing known changed" in fired["text"]


def test_the_terminal(spike: None, capsys: pytest.CaptureFixture[str]) -> None:
    replay()
    text = capsys.readouterr().out
    assert "What it would have said" in text
    assert "$20.00" in text
    replay(days=3)
    assert "Nothing would have fired." in capsys.readouterr().out


def test_what_makes_no_sense(world: World) -> None:
    with pytest.raises(CommandError, match="from 1 to"):
        replay(days=0)
    with pytest.raises(CommandError, match="There are: "):
        call_command("replay_alerts", project="no-such")
