"""Switching models on and off."""

from observability.models import ModelProfile
from reqplatform.errors import NotAllowed
from reqplatform.teams.models import User


def enable(user: User | None, profile: ModelProfile) -> None:
    """Let a model be asked again, and forget why it was not. Administrators only."""
    _set(user, profile, enabled=True, reason="")


def disable(user: User | None, profile: ModelProfile) -> None:
    """Let nobody ask a model any more, also runs that have pinned it. Administrators only."""
    name = user.display_name if user else "the operator"
    _set(user, profile, enabled=False, reason=f"Switched off by {name}.")


def _set(user: User | None, profile: ModelProfile, *, enabled: bool, reason: str) -> None:
    if user is not None and not (user.is_active and user.is_superuser):
        raise NotAllowed("Models belong to the whole installation: an administrator changes them.")
    ModelProfile.objects.filter(pk=profile.pk).update(enabled=enabled, disabled_reason=reason)
    profile.enabled, profile.disabled_reason = enabled, reason
