"""A machine whose clock is off, for one process and those that it forks."""

import time
from datetime import datetime, timedelta

from django.utils import timezone


def shift(seconds: float) -> None:
    """Let `time.time` and `timezone.now` be so many seconds off from here on."""
    real_time, real_now = time.time, timezone.now

    def shifted_time() -> float:
        return real_time() + seconds

    def shifted_now() -> datetime:
        return real_now() + timedelta(seconds=seconds)

    time.time = shifted_time
    timezone.now = shifted_now
