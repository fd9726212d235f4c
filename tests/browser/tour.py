"""Takes the screenshots of docs/tour.md.

    .venv/bin/python -m tests.browser.tour

With a database of its own, thrown away afterwards: the demo's project as `make demo` makes it, and
a project "History" with a made-up history of 2,000 runs in a year, because a demo without a key
costs nothing.
"""

import base64
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from socket import socket
from urllib.error import URLError
from urllib.request import urlopen

from tests.browser import chromium

ROOT = Path(__file__).resolve().parent.parent.parent
IMAGES = ROOT / "docs" / "images"
HISTORY = "/projects/history"
RUNS = 2_000
PAGES = (  # name, address, width, scheme, most height
    ("project", "/projects/demo/", 1280, "light", 900),
    ("trace", "/runs/{run}/trace", 1280, "light", 1100),
    ("quality", "/runs/{run}/quality", 1280, "light", 1100),
    ("report-cost", f"{HISTORY}/reports/cost", 1280, "light", 1900),
    ("report-cost-phone", f"{HISTORY}/reports/cost", 390, "dark", 1500),
    ("report-quality", f"{HISTORY}/reports/quality?days=90", 1280, "light", 1500),
    ("report-subsystems", f"{HISTORY}/reports/subsystems?days=90", 1280, "light", 2000),
    ("report-subsystems-dark", f"{HISTORY}/reports/subsystems?days=90", 1280, "dark", 1000),
    ("report-runs", f"{HISTORY}/reports/runs?{{compared}}", 1280, "light", 1150),
    ("report-models", f"{HISTORY}/reports/models", 1280, "light", 1000),
    ("report-energy", f"{HISTORY}/reports/energy", 1280, "light", 1100),
    ("report-calls", f"{HISTORY}/calls/", 1280, "light", 900),
    ("alerts", f"{HISTORY}/alerts/", 1280, "light", 1000),
    ("budgets", f"{HISTORY}/budgets/", 1280, "light", 900),
)


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="reqplatform-tour-") as folder:
        os.environ.update(REQPLATFORM_DATA_DIR=folder, DATABASE_URL="")
        os.environ["DJANGO_SETTINGS_MODULE"] = "reqplatform.settings"
        subprocess.run(
            [sys.executable, "manage.py", "seed_demo"], cwd=ROOT, check=True, stdout=sys.stderr
        )
        import django

        django.setup()
        cookie, names = fill()
        with server() as address, chromium.page(Path(folder) / "browser") as page:
            page.send("Network.setCookie", name="sessionid", value=cookie, url=address)
            IMAGES.mkdir(parents=True, exist_ok=True)
            for name, path, width, scheme, height in PAGES:
                page.view(width=width, scheme=scheme)
                page.open(f"{address}{path.format(**names)}")
                shoot(page, IMAGES / f"{name}.png", width, height)
    return 0


def fill() -> tuple[str, dict[str, str]]:
    """The history and its alerts; the session of somebody who sees both projects."""
    from django.conf import settings
    from django.test import Client
    from django.utils import timezone

    sys.path.insert(0, str(ROOT / "benchmarks"))
    import reports_rows

    from observability import rollups
    from observability.alerts.watching import watch
    from observability.models import AlertChannel, AlertRule
    from reqplatform.teams.models import Membership, Project, User
    from runs.models import Run

    reports_rows.fill(RUNS, datetime.now(UTC).date())
    project = Project.objects.get(slug="history")
    rollups.rebuild([project.pk])
    channel = AlertChannel.objects.create(
        project=project, name="Leads", kind="email", target="leads@example.org"
    )
    for cause, threshold in (("quality_low", "0.80"), ("pass_rate", "0.75")):
        rule = AlertRule.objects.create(project=project, cause=cause, threshold=Decimal(threshold))
        rule.channels.add(channel)
    watch(timezone.now(), [project])
    user = User.objects.get(username="demo")
    Membership.objects.create(project=project, user=user, role="owner")
    client = Client()
    client.force_login(user)
    newest = Run.objects.filter(project=project).order_by("-created_at")[:4]
    names = {
        "run": str(Run.objects.filter(project__slug="demo").latest("created_at").pk),
        "compared": "&".join(f"run={run.pk}" for run in newest),
    }
    return client.cookies[settings.SESSION_COOKIE_NAME].value, names


@contextmanager
def server() -> Iterator[str]:
    """The pages of this database on a free port of this machine."""
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "manage.py", "runserver", f"127.0.0.1:{port}", "--noreload"]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(100):
            try:
                urlopen(f"{address}/accounts/login/").close()  # noqa: S310
                break
            except URLError:
                time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        process.wait()


def shoot(page: chromium.Page, path: Path, width: int, most: int) -> None:
    time.sleep(0.5)  # charts are drawn by then
    height = min(most, page.send("Page.getLayoutMetrics")["cssContentSize"]["height"])
    clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
    taken = page.send("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
    path.write_bytes(base64.b64decode(taken["data"]))
    sys.stdout.write(f"{path.relative_to(ROOT)}\n")


if __name__ == "__main__":
    sys.exit(main())
