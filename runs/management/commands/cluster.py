"""manage.py cluster: the workers of one queue, as `serve` and `work` start them."""

import os
import signal
import threading
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from runs.graph import draining
from runs.serving.preload import preload


class Command(BaseCommand):
    help = (
        "The workers of one queue; Q_CLUSTER_NAME says which (runs or maint). Started by serve and "
        "work, which look after it. SIGTERM lets each worker finish the node that it is at."
    )
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        from django_q.cluster import Cluster

        asked = threading.Event()

        def drain(number: int, frame: object) -> None:
            draining.begin()
            asked.set()

        if settings.Q_CLUSTER["cluster_name"] == os.environ.get("Q_CLUSTER_NAME"):
            preload()
        cluster = Cluster()  # takes the signals for itself
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, drain)
        cluster.start()
        sentinel = cluster.sentinel
        while sentinel.is_alive() and not asked.is_set():
            time.sleep(0.1)
        if not asked.is_set():
            raise CommandError("The cluster's guard died; its workers are left without one.")
        # In a thread of its own: a guard that was killed while it waited never answers.
        threading.Thread(target=cluster.stop_event.set, daemon=True).start()
        while sentinel.is_alive():
            time.sleep(0.1)
