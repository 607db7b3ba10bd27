"""Leave room on the pages of offers: noting that they were checked then writes no index."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0008_late_percent"),
    ]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE catalog_offer SET (fillfactor = 80)",
            "ALTER TABLE catalog_offer RESET (fillfactor)",
        ),
    ]
