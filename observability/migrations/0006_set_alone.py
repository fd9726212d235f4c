from django.db import migrations, models
from django.db.models import F, Q


def differs(field):
    limit = F(f"budget__{field}")
    only_one = Q(**{f"{field}__isnull": True}, **{f"budget__{field}__isnull": False}) | Q(
        **{f"{field}__isnull": False}, **{f"budget__{field}__isnull": True}
    )
    return only_one | (Q(**{f"{field}__isnull": False}) & ~Q(**{field: limit}))


def mark(apps, schema_editor):
    """Until now a change of a budget reached all its runs and groups: what differs was set alone."""
    BudgetWindow = apps.get_model("observability", "BudgetWindow")
    rows = BudgetWindow.objects.filter(budget__scope__in=["run", "group"])
    ids = rows.filter(differs("warn_nusd") | differs("max_nusd")).values_list("pk", flat=True)
    BudgetWindow.objects.filter(pk__in=list(ids)).update(set_alone=True)


class Migration(migrations.Migration):
    dependencies = [("observability", "0005_budgets_of_existing_projects")]
    operations = [
        migrations.AddField(
            model_name="budgetwindow",
            name="set_alone",
            field=models.BooleanField(
                default=False,
                help_text="It has limits of its own, which a change of its budget leaves.",
            ),
        ),
        migrations.RunPython(mark, migrations.RunPython.noop),
    ]
