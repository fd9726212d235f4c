from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_save


class ObservabilityConfig(AppConfig):
    name = "observability"
    verbose_name = "Money and measures"

    def ready(self) -> None:
        from observability.alerts import checks
        from reqplatform.teams.models import Project

        checks.register_all()
        post_save.connect(_seed_budgets, sender=Project, dispatch_uid="observability.seed_budgets")
        _register_metrics()


def _register_metrics() -> None:
    from observability import metrics
    from observability.metrics import budgets, calls, measures

    metrics.register("budgets", budgets.METRICS, budgets.collect)
    metrics.register("calls", calls.METRICS, calls.collect)
    metrics.register("measures", measures.METRICS, measures.collect)


def _seed_budgets(instance: Any, created: bool, raw: bool, **kwargs: Any) -> None:
    """Every project has its budgets from its first moment, whichever door it came through."""
    if created and not raw:
        from observability.budgets import seed

        seed(instance)
