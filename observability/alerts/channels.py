"""How a message gets to its receiver: by e-mail, signed webhook, or Apprise. One function each."""

import json
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from smtplib import SMTPException, SMTPRecipientsRefused
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.utils import timezone

from observability.models import AlertChannel, ChannelKind
from reqplatform.errors import InvalidInput
from reqplatform.mails import refused
from reqplatform.security.outbound import (
    RefusedAddressError,
    UnreachableError,
    addresses_of,
    check_url,
    is_allowed,
    post,
)

MOST_ADDRESSES = 20
# Apprise's services whose host is fixed by the service. Those that go wherever the URL says need
# their host in OUTBOUND_ALLOW; others, such as plug-ins that write files or run commands, are none.
FIXED = frozenset(
    {"slack", "discord", "msteams", "tgram", "gchat", "pagerduty", "opsgenie", "pover", "signl4"}
)
_WITH_A_HOST = (
    "json jsons ntfy ntfys mmost mmosts gotify gotifys rocket rockets matrix matrixs zulip"
)
HOSTED = frozenset(_WITH_A_HOST.split())
_PASSING = {408, 425, 429}

logging.getLogger("apprise").setLevel(logging.CRITICAL)  # its messages quote addresses


@dataclass(frozen=True, slots=True)
class Message:
    """What is told. `id` stays the same when it is sent again; `data` is for webhooks."""

    id: str
    title: str
    text: str
    data: Mapping[str, object]
    at: datetime


class UndeliveredError(Exception):
    """It was not taken. `final`: trying again would not help. `after`: seconds that the receiver
    asked to wait. The message holds no secret."""

    def __init__(self, message: str, *, final: bool = False, after: float = 0.0) -> None:
        super().__init__(message)
        self.message, self.final, self.after = message, final, after


def send(channel: AlertChannel, message: Message) -> str:
    """A sentence if it was not taken for all addresses; else "". Raises UndeliveredError. Not to be
    called within a transaction."""
    return _SENDERS[ChannelKind(channel.kind)](channel, message)


def check(kind: str, target: str, secret: str) -> None:
    """Raises InvalidInput for a target that nothing could be sent to."""
    try:
        _CHECKS[ChannelKind(kind)](target, secret)
    except (RefusedAddressError, UnreachableError) as error:
        raise InvalidInput(str(error), field="target") from error


def addresses(target: str) -> list[str]:
    return [part.strip() for part in target.replace("\n", ",").split(",") if part.strip()]


# E-mail


def _check_email(target: str, secret: str) -> None:
    found = addresses(target)
    if not 1 <= len(found) <= MOST_ADDRESSES:
        raise InvalidInput(
            f"Give 1 to {MOST_ADDRESSES} e-mail addresses, with commas between them.",
            field="target",
        )
    check_addresses(found, "target")


def check_addresses(found: Iterable[str], field: str) -> None:
    """Raises InvalidInput, about the field, for the first that is no e-mail address."""
    for address in found:
        try:
            validate_email(address)
        except ValidationError as error:
            raise InvalidInput(f"{address} is no e-mail address.", field=field) from error


def _send_email(channel: AlertChannel, message: Message) -> str:
    mail = EmailMessage(
        message.title.replace("\n", " "),
        message.text,
        to=addresses(channel.target),
        headers={"Message-ID": f"<{message.id}@reqplatform>", "Auto-Submitted": "auto-generated"},
    )
    try:
        mail.send()
    except SMTPRecipientsRefused as error:
        raise UndeliveredError("The mail server refused all addresses.", final=True) from error
    except (OSError, SMTPException) as error:
        raise UndeliveredError(
            f"The mail server did not take it: {type(error).__name__}."
        ) from error
    return refused(mail)[1]


# Webhooks, as https://www.standardwebhooks.com has them


def _check_webhook(target: str, secret: str) -> None:
    from standardwebhooks import Webhook

    parts = check_url(target)
    addresses_of(parts.hostname or "", parts.port or 443)
    try:
        Webhook(secret)
    except Exception as error:
        raise InvalidInput(
            "A signing secret is whsec_ and base64; leave it empty to have one made.",
            field="secret",
        ) from error


def _send_webhook(channel: AlertChannel, message: Message) -> str:
    from standardwebhooks import Webhook

    body = json.dumps(message.data, ensure_ascii=False, separators=(",", ":"))
    now = timezone.now()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "ReqPlatform",
        "webhook-id": message.id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(channel.secret).sign(message.id, now, body),
    }
    try:
        answer = post(channel.target, body.encode(), headers)
    except RefusedAddressError as error:
        raise UndeliveredError(str(error), final=True) from error
    except UnreachableError as error:
        raise UndeliveredError(str(error)) from error
    if 200 <= answer.status < 300:
        return ""
    passing = answer.status >= 500 or answer.status in _PASSING
    raise UndeliveredError(
        f"The receiver answered {answer.status}.",
        final=not passing,
        after=_retry_after(answer.headers.get("Retry-After", ""), now),
    )


def _retry_after(said: str, now: datetime) -> float:
    """Seconds, from either form that the header may have."""
    if said.isdecimal():
        return float(said)
    try:
        return max(0.0, (parsedate_to_datetime(said) - now).total_seconds())
    except (TypeError, ValueError):
        return 0.0


# Apprise


def _check_apprise(target: str, secret: str) -> None:
    _service(target)


def _service(target: str) -> Any:
    """The one service of a URL. Apprise would take several with commas or spaces between them, and
    reads files and addresses that parameters name (?template=), so none of that is let through."""
    from apprise import Apprise, AppriseAsset

    parts = urlsplit(target)
    scheme = parts.scheme.casefold()
    if scheme not in FIXED | HOSTED:
        raise InvalidInput(
            f"{scheme or 'This'} is no service that alerts are sent to. There are: "
            f"{', '.join(sorted(FIXED | HOSTED))}. Others can be reached by a webhook.",
            field="target",
        )
    if any(mark in target for mark in "?#,;") or any(map(str.isspace, target)):
        raise InvalidInput(
            "Give one address of a service, without parameters (?) and without others after it.",
            field="target",
        )
    if scheme in HOSTED and not is_allowed(parts.hostname or ""):
        raise InvalidInput(
            f"{scheme} goes to a host of its own: an administrator must name it in OUTBOUND_ALLOW.",
            field="target",
        )
    service = Apprise.instantiate(target, asset=AppriseAsset(http_redirects=False))
    if service is None:
        raise InvalidInput(
            f"Apprise cannot read this address. See its page on {scheme}.", field="target"
        )
    return service


def _send_apprise(channel: AlertChannel, message: Message) -> str:
    try:
        service = _service(channel.target)
    except InvalidInput as error:
        raise UndeliveredError(error.message, final=True) from error
    if not service.notify(title=message.title, body=message.text):
        raise UndeliveredError("The service did not take it, or could not be reached.")
    return ""


_CHECKS: dict[ChannelKind, Callable[[str, str], None]] = {
    ChannelKind.EMAIL: _check_email,
    ChannelKind.WEBHOOK: _check_webhook,
    ChannelKind.APPRISE: _check_apprise,
}
_SENDERS: dict[ChannelKind, Callable[[AlertChannel, Message], str]] = {
    ChannelKind.EMAIL: _send_email,
    ChannelKind.WEBHOOK: _send_webhook,
    ChannelKind.APPRISE: _send_apprise,
}
