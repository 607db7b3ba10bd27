import django.contrib.postgres.search
import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("importer", "0003_pictures"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="feeditem",
            name="feed_item_once_per_feed",
        ),
        migrations.RemoveIndex(
            model_name="feeditem",
            name="feed_item_price",
        ),
        migrations.AddField(
            model_name="feed",
            name="max_bad_percent",
            field=models.PositiveSmallIntegerField(
                default=20,
                help_text="Per cent of its rows that may be bad without asking.",
                validators=[django.core.validators.MaxValueValidator(100)],
                verbose_name="held when more is unreadable",
            ),
        ),
        migrations.AddField(
            model_name="feed",
            name="max_shrink_percent",
            field=models.PositiveSmallIntegerField(
                default=30,
                help_text="Per cent of its items that a sync may take away without asking.",
                validators=[django.core.validators.MaxValueValidator(100)],
                verbose_name="held when more is gone",
            ),
        ),
        migrations.AddField(
            model_name="feed",
            name="network_state",
            field=models.JSONField(
                default=dict,
                help_text="How the network's module tells that nothing changed since the last sync.",
            ),
        ),
        migrations.AddField(
            model_name="feed",
            name="schedule",
            field=models.CharField(
                choices=[
                    ("hourly", "Every hour"),
                    ("6h", "Every 6 hours"),
                    ("12h", "Every 12 hours"),
                    ("daily", "Every day"),
                    ("weekly", "Every week"),
                    ("change", "When the network says it changed"),
                ],
                default="12h",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="feeditem",
            name="discount",
            field=models.SmallIntegerField(
                default=0, help_text="Per cent that the old price was lowered by."
            ),
        ),
        migrations.AddField(
            model_name="syncrun",
            name="bad_samples",
            field=models.JSONField(default=list, help_text="The first bad rows: {reason, row}."),
        ),
        migrations.AddField(
            model_name="syncrun",
            name="byte_count",
            field=models.PositiveBigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="syncrun",
            name="claim",
            field=models.UUIDField(
                help_text="The worker's: who holds another one is no longer at it.", null=True
            ),
        ),
        migrations.AddField(
            model_name="syncrun",
            name="is_accepted",
            field=models.BooleanField(
                default=False, help_text="A person accepted what looked wrong: nothing is held."
            ),
        ),
        migrations.AddField(
            model_name="syncrun",
            name="total_bytes",
            field=models.PositiveBigIntegerField(help_text="Where the server says so.", null=True),
        ),
        migrations.AlterField(
            model_name="feeditem",
            name="feed",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="items",
                to="importer.feed",
            ),
        ),
        # What was computed stays until the feed's next sync writes the row anew.
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE importer_feeditem ALTER COLUMN search DROP EXPRESSION",
                    migrations.RunSQL.noop,
                )
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="feeditem",
                    name="search",
                    field=django.contrib.postgres.search.SearchVectorField(null=True),
                ),
            ],
        ),
        migrations.RunSQL(
            "UPDATE importer_feed SET next_sync_at = now() WHERE is_mirrored", migrations.RunSQL.noop
        ),
        migrations.AlterField(
            model_name="syncrun",
            name="state",
            field=models.CharField(
                choices=[
                    ("queued", "Waiting"),
                    ("running", "Running"),
                    ("done", "Done"),
                    ("unchanged", "Unchanged at the network"),
                    ("held", "Held"),
                    ("discarded", "Discarded"),
                    ("cancelled", "Cancelled"),
                    ("failed", "Failed"),
                ],
                default="queued",
                max_length=10,
            ),
        ),
        migrations.AddIndex(
            model_name="feeditem",
            index=models.Index(fields=["price", "id"], name="feed_item_price"),
        ),
        migrations.AddIndex(
            model_name="feeditem",
            index=models.Index(fields=["discount", "id"], name="feed_item_discount"),
        ),
        migrations.AddConstraint(
            model_name="feeditem",
            constraint=models.UniqueConstraint(
                fields=("feed", "external_id"), include=("id", "digest"), name="feed_item_once_per_feed"
            ),
        ),
    ]
