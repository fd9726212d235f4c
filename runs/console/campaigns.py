"""A campaign from the command line: its runs one after the other, in this process."""

import time
from contextlib import suppress
from pathlib import Path

from django.core.management.base import CommandError

from reqplatform.errors import Conflict, InvalidInput
from runs.actions.campaigns import cancel_campaign
from runs.actions.execute import execute
from runs.console.command import MISSED, PASSED
from runs.console.progress import Progress
from runs.exports import campaign as exports
from runs.exports.loading import load
from runs.exports.result import RunResult
from runs.models import Campaign, Run, RunStatus, Tally
from runs.models.run import STOPPED

LOOK_SECONDS = 0.5


def execute_all(campaign: Campaign, progress: Progress) -> None:
    """Execute every run of the campaign; one that fails stops none of the others. A run that a
    worker has taken meanwhile is waited for. When interrupted, all that is left is cancelled."""
    try:
        for run in campaign.runs.select_related("subsystem").order_by("id"):
            progress.say(f"{run.subsystem.name} (run {run.short_id})")
            if not execute(run.pk, progress):
                _wait_for_worker(run, progress)
            run.refresh_from_db()
            if run.status in STOPPED:
                progress.say(f"  ! {run.get_status_display()}: {run.reason}")
    except KeyboardInterrupt:
        with suppress(Conflict):  # the last one has just ended
            cancel_campaign(None, campaign)
        progress.say(f"{_how_to_go_on(campaign)}")
        raise


def _wait_for_worker(run: Run, progress: Progress) -> None:
    progress.say("  A worker executes it already; waiting for it.")
    while True:
        run.refresh_from_db()
        if not run.is_working:
            return
        time.sleep(LOOK_SECONDS)


def write_files(campaign: Campaign, folder: Path) -> list[Path]:
    """The files of what has completed; none if nothing has. Raises CommandError."""
    if not campaign.runs.filter(status=RunStatus.COMPLETED).exists():
        return []
    try:
        return exports.write(campaign, folder)
    except InvalidInput as error:
        raise CommandError(f"The runs have ended. {error.message}") from error


def results_of(campaign: Campaign) -> list[RunResult]:
    """The results of the completed runs, by subsystem."""
    rows = campaign.runs.filter(status=RunStatus.COMPLETED).order_by("subsystem__code")
    return [load(run) for run in rows]


def outcome(campaign: Campaign, progress: Progress) -> int:
    """The exit code: PASSED if every run completed and passed its gate, MISSED if none failed.

    Raises CommandError, which names them, if some did not complete.
    """
    runs = list(campaign.runs.select_related("subsystem").order_by("subsystem__code"))
    words = Tally.of(run.status for run in runs).words
    stopped = [run for run in runs if run.status in STOPPED]
    if stopped:
        reasons = "\n".join(
            f"{run.subsystem.code}: {run.get_status_display()}: {run.reason}" for run in stopped
        )
        raise CommandError(f"{words}.\n{reasons}\n{_how_to_go_on(campaign)}")
    progress.say(f"{words}.")
    passed = all(run.status == RunStatus.COMPLETED and run.gate_passed for run in runs)
    return PASSED if passed else MISSED


def _how_to_go_on(campaign: Campaign) -> str:
    return (
        "Go on with what stopped on the campaign's page, through the API "
        f"(POST /campaigns/{campaign.pk}/resume), or run by run: manage.py decompose --resume RUN"
    )
