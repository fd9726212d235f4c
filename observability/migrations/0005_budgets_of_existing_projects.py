from decimal import Decimal

from django.conf import settings
from django.db import migrations

SCOPES = ("run", "group", "day", "month", "total")


def seed(apps, schema_editor):
    """Projects that were there before budgets were get those of a new project."""
    Project = apps.get_model("teams", "Project")
    Budget = apps.get_model("observability", "Budget")

    def nusd(usd):
        return int(Decimal(usd) * 1_000_000_000)

    limits = {
        "warn_nusd": nusd(settings.COST_BUDGET_WARNING_THRESHOLD),
        "max_nusd": nusd(settings.COST_BUDGET_MAX),
    }
    for project in Project.objects.all():
        for scope in SCOPES:
            Budget.objects.get_or_create(
                project=project, scope=scope, defaults=limits if scope == "run" else {}
            )


class Migration(migrations.Migration):
    dependencies = [("observability", "0004_money")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
