"""Rules and channels: who may, and what is refused with which words."""

from datetime import time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.conf import LazySettings
from django.utils import timezone

from observability.actions.alerting import mute, save_channel, save_rule, send_test
from observability.models import AlertCause, AlertChannel, AlertRule
from reqplatform.errors import InvalidInput, NotAllowed, NotFound
from tests.conftest import World

SLACK = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/"


def unsaved(world: World, **values: Any) -> AlertChannel:
    return AlertChannel(
        project=world.project, **{"name": "Leads", "kind": "email", "target": "a@b.org", **values}
    )


def test_only_owners_say_who_is_told(world: World) -> None:
    for person, error in ((world.editor, NotAllowed), (world.stranger, NotFound)):
        with pytest.raises(error):
            save_channel(person, unsaved(world))
        with pytest.raises(error):
            save_rule(person, AlertRule(project=world.project, cause="forecast"), [])
    save_channel(world.owner, unsaved(world))
    with pytest.raises(NotAllowed):
        send_test(world.editor, AlertChannel.objects.get())


@pytest.mark.parametrize(
    ("kind", "target", "words"),
    [
        ("email", "", "e-mail addresses"),
        ("email", "ada", "no e-mail address"),
        ("email", "a@b.org,\nBcc: x", "no e-mail address"),
        ("email", ", ".join(f"a{n}@b.org" for n in range(21)), "1 to 20"),
        ("webhook", "ftp://example.org/x", "begins with https"),
        ("webhook", "https://", "names a host"),
        ("webhook", "https://ada:pw@93.184.216.34/", "user name and password"),
        ("webhook", "http://93.184.216.34/", "Use https"),
        ("webhook", "https://127.0.0.1/", "inside a network"),
        ("webhook", "https://169.254.169.254/latest", "inside a network"),
        ("webhook", "https://10.0.0.1/", "inside a network"),
        ("webhook", "https://[::1]/", "inside a network"),
        ("webhook", "https://[::ffff:10.0.0.1]/", "inside a network"),
        ("webhook", "https://[64:ff9b::7f00:1]/", "inside a network"),
        ("webhook", "https://[2002:7f00:1::]/", "inside a network"),
        ("webhook", "https://2130706433/", "inside a network"),
        ("webhook", "https://0x7f.1/", "inside a network"),
        ("webhook", "https://localhost/", "inside a network"),
        ("webhook", "https://no-such-host.invalid/", "is not known"),
        ("webhook", "https://[::1", "no address"),
        ("apprise", "json://127.0.0.1/x", "OUTBOUND_ALLOW"),
        ("apprise", "jsons://example.org/x", "OUTBOUND_ALLOW"),
        ("apprise", "file:///etc/passwd", "no service"),
        ("apprise", "mailto://a:b@10.0.0.1", "no service"),
        ("apprise", "nonsense", "no service"),
        ("apprise", "slack://x", "cannot read"),
        ("apprise", f"{SLACK}, json://169.254.169.254/x", "Give one address"),
        ("apprise", f"{SLACK} syslog://", "Give one address"),
        ("apprise", f"{SLACK}?template=/etc/passwd", "Give one address"),
        ("apprise", "zulip://bot@inner.corp.local/token", "OUTBOUND_ALLOW"),
    ],
)
def test_a_target_that_nothing_is_sent_to(world: World, kind: str, target: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        save_channel(world.owner, unsaved(world, kind=kind, target=target))
    assert not AlertChannel.objects.exists()


def test_what_an_administrator_allows(world: World, settings: LazySettings) -> None:
    settings.OUTBOUND_ALLOW = ["10.1.0.0/16", "localhost"]
    for number, target in enumerate(
        ("https://10.1.2.3/hook", "http://10.1.2.3/hook", "http://localhost:8080/")
    ):
        save_channel(world.owner, unsaved(world, name=f"{number}", kind="webhook", target=target))
    with pytest.raises(InvalidInput):
        save_channel(world.owner, unsaved(world, kind="webhook", target="https://10.2.0.1/"))
    save_channel(world.owner, unsaved(world, kind="apprise", target="ntfy://localhost/topic"))


def test_a_secret_is_made_once(world: World) -> None:
    row = unsaved(world, kind="webhook", target="https://93.184.216.34/hook")
    made = save_channel(world.owner, row)
    assert made.startswith("whsec_")
    assert save_channel(world.owner, row) == ""
    assert AlertChannel.objects.get().secret == made
    with pytest.raises(InvalidInput, match="whsec_"):
        save_channel(
            world.owner,
            unsaved(
                world,
                name="x",
                kind="webhook",
                target="https://93.184.216.34/",
                secret="not base64!",
            ),
        )


def test_one_service_of_a_known_kind(world: World) -> None:
    save_channel(world.owner, unsaved(world, kind="apprise", target=SLACK))
    with pytest.raises(InvalidInput, match="There is a channel Leads already"):
        save_channel(world.owner, unsaved(world))


def test_quiet_hours_have_two_ends(world: World) -> None:
    with pytest.raises(InvalidInput, match="both ends"):
        save_channel(world.owner, unsaved(world, quiet_from=time(22)))


@pytest.mark.parametrize(
    ("cause", "threshold", "words"),
    [
        (AlertCause.RUN_FAILED, "1", "leave it empty"),
        (AlertCause.QUALITY_LOW, "1.5", "from 0 to 1"),
        (AlertCause.RUN_COSTLY, "0.5", "from 1 to"),
        (AlertCause.RUN_STUCK, "1", "from 5 to"),
    ],
)
def test_a_threshold_that_means_nothing(
    world: World, cause: AlertCause, threshold: str, words: str
) -> None:
    row = AlertRule(project=world.project, cause=cause, threshold=Decimal(threshold))
    with pytest.raises(InvalidInput, match=words):
        save_rule(world.owner, row, [])


def test_channels_of_other_projects_are_not_told(world: World) -> None:
    other = unsaved(world)
    other.project = world.other_project
    save_channel(None, other)
    with pytest.raises(InvalidInput, match="another project"):
        save_rule(world.owner, AlertRule(project=world.project, cause="forecast"), [other])


def test_muting(world: World) -> None:
    row = AlertRule(project=world.project, cause="forecast")
    save_rule(world.owner, row, [])
    with pytest.raises(NotAllowed):
        mute(world.viewer, row, timezone.now() + timedelta(hours=1))
    with pytest.raises(InvalidInput, match="has passed"):
        mute(world.editor, row, timezone.now())
