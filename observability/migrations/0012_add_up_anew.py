from django.db import migrations


def add_up_anew(apps, schema_editor):
    """Sums are made again from the calls and records, by `rebuild_rollups` or by the next sweeps."""
    for name in ("PayerCost", "RunFigures"):
        apps.get_model("observability", name).objects.all().delete()
    for name in ("LLMCall", "QualityRecord"):
        apps.get_model("observability", name).objects.filter(is_due=False).update(is_due=True)


class Migration(migrations.Migration):

    dependencies = [("observability", "0011_spans")]

    operations = [migrations.RunPython(add_up_anew, migrations.RunPython.noop)]
