import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("importer", "0009_indexed_words"),
    ]

    operations = [
        migrations.AlterField(
            model_name="feeditem",
            name="feed",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="items",
                to="importer.feed",
            ),
        ),
    ]
