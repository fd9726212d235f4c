"""The rows of a table of runs, with all that the table shows, in two queries."""

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from observability.models import CallState, LLMCall, QualityRecord
from reqplatform.teams.models import User
from runs.models import Run

_BOUND = Q(state__in=[CallState.HELD, CallState.UNCONFIRMED], held_nusd__gt=0)
NOT_LISTED = ("strategy", "routes", "weights", "reason")


def listed_runs(user: User) -> QuerySet[Run]:
    """The user's runs, newest first, with `overall` and `allocated` of their last scores, and
    `cost_nusd` of their own calls, the most that it can be if `cost_is_bound`; None without a call.
    """
    latest = QualityRecord.objects.for_user(user).filter(run=OuterRef("pk"))
    latest = latest.order_by("-iteration_count")
    own = LLMCall.objects.for_user(user).filter(run=OuterRef("pk"))
    calls = own.order_by().values("run")
    rows: QuerySet[Run] = (
        Run.objects.for_user(user)
        .select_related("subsystem", "revision__specification", "started_by")
        .prefetch_related("project")  # joined, it would be what SQLite begins with, and sorts after
        .annotate(
            overall=Subquery(latest.values("overall")[:1]),
            allocated=Subquery(latest.values("allocated_count")[:1]),
            cost_nusd=Subquery(
                calls.annotate(n=Sum(Coalesce("cost_nusd", "held_nusd"))).values("n")
            ),
            # Counted, since PostgreSQL answers an EXISTS here by reading every such call there is.
            cost_is_bound=Coalesce(
                Subquery(calls.annotate(n=Count("pk", filter=_BOUND)).values("n")), 0
            ),
        )
        .defer(*NOT_LISTED)
        .order_by("-id")
    )
    return rows
