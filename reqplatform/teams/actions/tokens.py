"""Issuing, checking and revoking API tokens."""

from datetime import datetime, timedelta

from django.utils import timezone

from reqplatform.errors import InvalidInput, NotFound
from reqplatform.teams.models import ApiToken, User
from reqplatform.teams.models.api_token import PREFIX_LENGTH, digest, generate


def issue_token(
    user: User, name: str, *, expires_at: datetime | None = None
) -> tuple[ApiToken, str]:
    """A new token of `user`: its row and the token itself, which nobody can read again."""
    name = name.strip()
    if not name:
        raise InvalidInput("Name the token after what will use it.", field="name")
    if len(name) > 80:
        raise InvalidInput("The token's name must have at most 80 characters.", field="name")
    token = generate()
    row = ApiToken.objects.create(
        user=user,
        name=name,
        prefix=token[:PREFIX_LENGTH],
        digest=digest(token),
        expires_at=expires_at,
    )
    return row, token


def revoke_token(user: User, token_id: int) -> None:
    changed = ApiToken.objects.filter(pk=token_id, user=user, revoked_at=None).update(
        revoked_at=timezone.now()
    )
    if not changed:
        raise NotFound("You have no such token, or it is revoked already.")


def user_of_token(token: str) -> User | None:
    """The person whose usable token this is. Notes its use, at most once a minute."""
    row = ApiToken.objects.select_related("user").filter(digest=digest(token)).first()
    if row is None or not row.is_usable or not row.user.is_active:
        return None
    now = timezone.now()
    if row.last_used_at is None or now - row.last_used_at > timedelta(minutes=1):
        ApiToken.objects.filter(pk=row.pk).update(last_used_at=now)
    return row.user
