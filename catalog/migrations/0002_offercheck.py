import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="OfferCheck",
            fields=[
                (
                    "offer",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="later_check",
                        serialize=False,
                        to="catalog.offer",
                    ),
                ),
                ("checked_at", models.DateTimeField()),
            ],
        ),
        # Room on each page for the times of the next check: then no index is written (docs/freshness.md).
        migrations.RunSQL(
            "ALTER TABLE catalog_offercheck SET (fillfactor = 50)",
            "ALTER TABLE catalog_offercheck RESET (fillfactor)",
        ),
    ]
