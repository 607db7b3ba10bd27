from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("importer", "0008_removals"),
    ]

    operations = [
        migrations.CreateModel(
            name="IndexedWord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.TextField(db_collation="C")),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("text",), name="indexed_word_once")],
            },
        ),
        # Half a minute for a million items.
        migrations.RunSQL(
            """
            INSERT INTO importer_indexedword (text)
            SELECT word FROM ts_stat('SELECT search FROM importer_feeditem') WHERE word NOT LIKE '=%'
            """,
            migrations.RunSQL.noop,
        ),
    ]
