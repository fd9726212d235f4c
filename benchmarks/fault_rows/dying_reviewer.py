"""Approves a run's review, and dies before the worker is woken: `dying_reviewer.py RUN`."""

import os
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reqplatform.settings")
import django

django.setup()

from runs import waking  # noqa: E402
from runs.actions.review import decide_review  # noqa: E402
from runs.models import Decision, Run  # noqa: E402


def die(*given: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    vars(waking)["async_task"] = die
    decide_review(None, Run.objects.get(pk=sys.argv[1]), Decision.APPROVED)
