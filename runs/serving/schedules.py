"""What the `maint` cluster does by the calendar."""

from django_q.models import Schedule

DAILY = {
    "purge checkpoints": "runs.tasks.purge_checkpoints",
    "purge exports": "runs.tasks.purge_exports",
}


def ensure() -> None:
    """Have the schedules that the product needs. Two of one kind would do no harm."""
    for name, func in DAILY.items():
        if not Schedule.objects.filter(name=name, cluster="maint").exists():
            Schedule.objects.create(
                name=name,
                func=func,
                schedule_type=Schedule.DAILY,
                repeats=-1,
                cluster="maint",
            )
