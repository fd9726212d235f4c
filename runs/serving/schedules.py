"""What the `maint` cluster does by the calendar."""

from django_q.models import Schedule

DAILY = {
    "purge checkpoints": "runs.tasks.purge_checkpoints",
    "prune prompts": "runs.tasks.prune_prompts",
    "purge exports": "runs.tasks.purge_exports",
}
HOURLY = {"watch projects": "runs.tasks.watch_projects"}
MINUTELY = {"send mails": "runs.tasks.send_mails"}


def ensure() -> None:
    """Have the schedules that the product needs. Two of one kind would do no harm."""
    for kind, tasks in (
        (Schedule.DAILY, DAILY),
        (Schedule.HOURLY, HOURLY),
        (Schedule.MINUTES, MINUTELY),
    ):
        for name, func in tasks.items():
            if not Schedule.objects.filter(name=name, cluster="maint").exists():
                Schedule.objects.create(
                    name=name, func=func, schedule_type=kind, minutes=1, repeats=-1, cluster="maint"
                )
