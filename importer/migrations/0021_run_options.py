from django.db import migrations, models

KEEP = """
    UPDATE importer_importrun SET options = jsonb_strip_nulls(jsonb_build_object(
        'status', nullif(status, ''),
        'import_description', import_description,
        'category_ids', CASE WHEN category_ids <> '{}' THEN to_jsonb(category_ids) END
    ))
"""


class Migration(migrations.Migration):
    dependencies = [("importer", "0020_before_images")]

    operations = [
        migrations.AddField(
            model_name="importrun",
            name="options",
            field=models.JSONField(
                blank=True,
                default=dict,
                help_text="What the person chose (importer.imports.options.Options).",
            ),
        ),
        migrations.RunSQL(["SET CONSTRAINTS ALL IMMEDIATE", KEEP], migrations.RunSQL.noop),
        *(
            migrations.RemoveField("importrun", name)
            for name in ("status", "import_description", "category_ids")
        ),
    ]
