"""What the queue calls. The queue only wakes a worker; the truth is the Run row."""

from uuid import UUID


def execute_run(run_id: str) -> None:
    """Execute a run. Everything that goes wrong is recorded in the run."""
    from runs.actions.execute import execute  # loads the graph, which web processes never do

    execute(UUID(run_id))


def reconcile(run_id: str, already: int) -> None:
    """Set LangSmith's account of a run beside ours; `already`: how many passes there were."""
    from runs.actions import reconcile as action

    action.reconcile(UUID(run_id), already)


def purge_checkpoints() -> None:
    """Remove the checkpoints of runs that ended long ago."""
    from runs.actions import retention

    retention.purge_checkpoints()


def prune_prompts() -> None:
    """Remove prompts and answers that are older than their projects keep them."""
    from observability import retention

    retention.prune()


def watch_projects() -> None:
    """Look for what people want to be warned of."""
    from django.utils import timezone

    from observability.alerts.watching import watch

    watch(timezone.now())


def send_mails() -> None:
    """Send the alerts that are due to their channels, and the reports to their readers."""
    from observability.alerts.sending import send_due
    from runs.actions import report_schedules

    send_due()
    report_schedules.send_due()


def write_export(export_id: str) -> None:
    """Write a large spreadsheet. Everything that goes wrong is recorded in its row."""
    from runs.actions import exports_writing

    exports_writing.write_export(UUID(export_id))


def purge_exports() -> None:
    """Remove the files of exports that have been kept for a week, and imports that nobody ended."""
    from runs.actions import exports_keeping
    from runs.importing import keeping

    exports_keeping.purge_exports()
    keeping.purge_kept_files()
