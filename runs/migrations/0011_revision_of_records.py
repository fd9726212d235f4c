"""Says of every quality record which revision its run decomposed: reports join nothing above them."""

from django.db import migrations
from django.db.models import OuterRef, Subquery


def fill(apps, schema_editor):
    records = apps.get_model("observability", "QualityRecord").objects.filter(revision=None)
    runs = apps.get_model("runs", "Run").objects.filter(pk=OuterRef("run"))
    records.update(revision=Subquery(runs.values("revision")[:1]), is_due=True)


class Migration(migrations.Migration):
    dependencies = [
        ("runs", "0010_domain"),
        ("observability", "0008_rollups"),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
