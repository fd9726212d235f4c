"""The mail server, as Django speaks to it, with what Django throws away: whom it refused singly."""

from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend as SmtpBackend


class EmailBackend(SmtpBackend):
    """Leaves in `message.refused` the addresses that the server did not take, with its answers. A
    message that it took for nobody raises SMTPRecipientsRefused, as ever."""

    def _send(self, email_message: EmailMessage) -> bool:
        connection: Any = self.connection

        def sendmail(*args: Any, **values: Any) -> Any:
            refused = type(connection).sendmail(connection, *args, **values)
            email_message.refused = refused  # type: ignore[attr-defined]
            return refused

        connection.sendmail = sendmail
        try:
            return bool(super()._send(email_message))  # type: ignore[misc]
        finally:
            del connection.sendmail


def refused(message: EmailMessage) -> tuple[int, str]:
    """How many addresses the mail server did not take a message for that it took for others, and a
    sentence about it, without the addresses: not everybody who reads it may see them."""
    found: dict[str, tuple[int, bytes]] = getattr(message, "refused", {})
    if not found:
        return 0, ""
    codes = ", ".join(sorted({str(code) for code, _ in found.values()}))
    among = len(message.recipients())
    return len(found), f"The mail server refused {len(found)} of {among} addresses ({codes})."
