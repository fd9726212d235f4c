from django.db import migrations


def add_up_anew(apps, schema_editor):
    """Sums are made again from the calls and records, by the next sweeps."""
    for name in ("PayerCost", "RunFigures"):
        apps.get_model("observability", name).objects.all().delete()
    apps.get_model("observability", "RollupState").objects.update(time_zone="")


class Migration(migrations.Migration):

    dependencies = [("observability", "0011_spans")]

    operations = [migrations.RunPython(add_up_anew, migrations.RunPython.noop)]
