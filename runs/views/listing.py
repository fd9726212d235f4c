"""The rows of a table of runs, with all that the table shows, in one query."""

from django.db.models import OuterRef, QuerySet, Subquery

from observability.models import QualityRecord
from reqplatform.teams.models import User
from runs.models import Run

NOT_LISTED = ("strategy", "routes", "weights", "reason")


def listed_runs(user: User) -> QuerySet[Run]:
    """The user's runs, newest first, with `overall` and `allocated` of their last scores."""
    latest = QualityRecord.objects.for_user(user).filter(run=OuterRef("pk"))
    latest = latest.order_by("-iteration_count")
    rows: QuerySet[Run] = (
        Run.objects.for_user(user)
        .select_related("project", "subsystem", "revision__specification", "started_by")
        .annotate(
            overall=Subquery(latest.values("overall")[:1]),
            allocated=Subquery(latest.values("allocated_count")[:1]),
        )
        .defer(*NOT_LISTED)
        .order_by("-id")
    )
    return rows
