"""What the database's task queue holds."""

from django_q.models import OrmQ


def queued() -> list[tuple[str, tuple[str, ...]]]:
    """Function and arguments of each task that waits for a worker."""
    tasks = [row.task for row in OrmQ.objects.order_by("id")]
    return [(task["func"], task["args"]) for task in tasks]
