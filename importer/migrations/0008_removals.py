from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("importer", "0007_sample_items"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="networkaccount",
            options={"default_manager_name": "objects", "ordering": ["network", "id"]},
        ),
        migrations.RemoveConstraint(
            model_name="networkaccount",
            name="account_label_once_per_network",
        ),
        migrations.AddField(
            model_name="networkaccount",
            name="removed_at",
            field=models.DateTimeField(
                editable=False, help_text="A worker deletes its rows since.", null=True
            ),
        ),
        migrations.AddIndex(
            model_name="feeditem",
            index=models.Index(
                condition=models.Q(("missing_at__isnull", False)),
                fields=["missing_at", "id"],
                name="feed_item_gone",
            ),
        ),
        migrations.AddConstraint(
            model_name="networkaccount",
            constraint=models.UniqueConstraint(
                condition=models.Q(("removed_at", None)),
                fields=("network", "label"),
                name="account_label_once_per_network",
                violation_error_message="There is an account of this name already.",
            ),
        ),
    ]
