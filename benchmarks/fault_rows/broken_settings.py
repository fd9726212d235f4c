"""The product's settings, for workers that break as a plan says: see `fault_rows.broken`."""

import os

if os.environ.get("FAULTS_CLOCK"):  # before any model takes `timezone.now` as a default
    from fault_rows import clock

    clock.shift(float(os.environ["FAULTS_CLOCK"]))

from reqplatform.settings import *  # noqa: F403
from reqplatform.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "fault_rows.broken.Broken"]
