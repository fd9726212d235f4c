"""Models that could not be reached a moment ago: while another can be asked, they are left alone.

Without this, every request of a run tries a dead server three times, and each try that may have
been billed stays charged at its hold. Known to this process only: another finds out by itself.
"""

import time

from observability.llm.errors import Outage
from observability.models import ModelProfile

REST_SECONDS = 30.0

_until: dict[int, float] = {}


def outage(profile: ModelProfile, message: str) -> Outage:
    """The error that says so, to be raised. The model rests from now on."""
    _until[profile.pk] = time.monotonic() + REST_SECONDS
    return Outage(message)


def rests(profile: ModelProfile) -> bool:
    return time.monotonic() < _until.get(profile.pk, 0.0)


def resting(profile: ModelProfile) -> Outage:
    """The error that says why others are asked before it."""
    return Outage(f"{profile.name} could not be reached a moment ago.")
