import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("importer", "0006_updates"),
    ]

    operations = [
        migrations.CreateModel(
            name="SampleItem",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("external_id", models.CharField(max_length=500)),
                ("source_key", models.TextField()),
                ("shop_name", models.CharField(max_length=120)),
                ("brand", models.CharField(max_length=120)),
                ("category", models.CharField(max_length=300)),
                ("price", models.DecimalField(decimal_places=2, max_digits=14, null=True)),
                ("discount", models.SmallIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("gtin", models.CharField(max_length=14)),
                ("in_stock", models.BooleanField(null=True)),
                (
                    "image_urls",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=2000), size=None
                    ),
                ),
                ("search", django.contrib.postgres.search.SearchVectorField()),
                (
                    "feed",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="importer.feed"
                    ),
                ),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(fields=["search"], name="sample_item_search")
                ],
            },
        ),
        migrations.RunSQL(
            """
            INSERT INTO importer_sampleitem (
                id, feed_id, external_id, source_key, shop_name, brand, category, price, discount, currency,
                gtin, in_stock, image_urls, search
            )
            SELECT id, feed_id, external_id, source_key, shop_name, brand, category, price, discount, currency,
                   gtin, in_stock, image_urls, search
            FROM importer_feeditem
            WHERE search @@ '''=r1024-0'' | ''=r1024-1'' | ''=r1024-2'' | ''=r1024-3''' AND missing_at IS NULL
            """,
            migrations.RunSQL.noop,
        ),
    ]
