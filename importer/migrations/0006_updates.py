import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("importer", "0005_link_domains"),
    ]

    operations = [
        migrations.AddField(
            model_name="importrun",
            name="expired_count",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="importrun",
            name="feed",
            field=models.ForeignKey(
                blank=True,
                help_text="Of an update.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="updates",
                to="importer.feed",
            ),
        ),
        migrations.AlterField(
            model_name="importitem",
            name="verdict",
            field=models.CharField(
                blank=True,
                choices=[
                    ("created", "Created"),
                    ("joined", "Joined"),
                    ("updated", "Updated"),
                    ("expired", "No longer listed"),
                    ("unchanged", "Unchanged"),
                    ("blocked", "Blocked"),
                    ("invalid", "Invalid"),
                    ("failed", "Failed"),
                ],
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="importrun",
            name="kind",
            field=models.CharField(
                choices=[("single", "Single"), ("bulk", "Bulk"), ("quick", "Quick"), ("update", "Update")],
                max_length=10,
            ),
        ),
    ]
