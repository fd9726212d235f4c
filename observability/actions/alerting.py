"""Who is told of what: a project's alert rules and channels. Owners only."""

import base64
import secrets
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from observability.alerts.channels import Message, UndeliveredError, check, send
from observability.alerts.watching import CHECKS
from observability.models import AlertCause, AlertChannel, AlertRule, ChannelKind
from reqplatform.errors import Conflict, InvalidInput
from reqplatform.teams.models import Role, User
from reqplatform.teams.permissions import require

SECRET_BYTES = 32


def save_channel(user: User | None, channel: AlertChannel) -> str:
    """Save a channel; the signing secret that was made for it, which is never shown again, else "".

    Raises InvalidInput for a target that nothing can be sent to.
    """
    require(user, channel.project, Role.OWNER)
    made = ""
    if channel.kind == ChannelKind.WEBHOOK and not channel.secret:
        made = channel.secret = new_secret()
    if channel.kind != ChannelKind.WEBHOOK:
        channel.secret = ""
    channel.target = channel.target.strip()
    if (channel.quiet_from is None) != (channel.quiet_until is None):
        raise InvalidInput("Give both ends of the quiet hours, or none.", field="quiet_until")
    others = AlertChannel.objects.filter(project=channel.project, name=channel.name)
    if others.exclude(pk=channel.pk).exists():
        raise InvalidInput(f"There is a channel {channel.name} already.", field="name")
    check(channel.kind, channel.target, channel.secret)
    channel.save()
    return made


def new_secret() -> str:
    """As Standard Webhooks has it: whsec_ and 32 random bytes in base64."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()}"


def send_test(user: User | None, channel: AlertChannel) -> None:
    """Send a message that says it is a test. Raises Conflict with what went wrong, also where it
    was not taken for all."""
    require(user, channel.project, Role.OWNER)
    now = timezone.now()
    name = channel.project.name
    data = {
        "type": "alerts.test",
        "timestamp": now.isoformat(),
        "data": {"project": channel.project.slug},
    }
    text = f"This is a test: alerts of {name} come this way."
    message = Message(f"test-{secrets.token_hex(8)}", f"{name}: test", text, data, now)
    try:
        missed = send(channel, message)
    except UndeliveredError as error:
        raise Conflict(f"{channel.name} did not get it. {error.message}") from error
    if missed:
        raise Conflict(f"{channel.name} got it in part. {missed}")


def save_rule(user: User | None, rule: AlertRule, channels: Iterable[AlertChannel]) -> None:
    """Save a rule with its channels. Raises InvalidInput for a threshold that means nothing."""
    require(user, rule.project, Role.OWNER)
    watched = CHECKS.get(AlertCause(rule.cause))
    if rule.threshold is not None:
        if watched is None:
            raise InvalidInput(
                "This cause is told when it happens, and has no threshold: leave it empty.",
                field="threshold",
            )
        if not watched.least <= rule.threshold <= watched.most:
            raise InvalidInput(
                f"The threshold is the {watched.means}, from {watched.least} to {watched.most}.",
                field="threshold",
            )
    channels = list(channels)
    if any(one.project_id != rule.project_id for one in channels):
        raise InvalidInput("A channel of another project cannot be told.", field="channels")
    with transaction.atomic():
        rule.save()
        rule.channels.set(channels)


def mute(user: User | None, rule: AlertRule, until: datetime | None) -> None:
    """Send nothing until then, or again (None). Editors and above."""
    require(user, rule.project, Role.EDITOR)
    if until is not None and until <= timezone.now():
        raise InvalidInput("That moment has passed.", field="until")
    AlertRule.objects.filter(pk=rule.pk).update(muted_until=until)
