from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0005_pictures"),
    ]

    operations = [
        # `catalog.generation` makes it anew, for the columns that pages show.
        migrations.RunSQL(
            "DROP TRIGGER IF EXISTS catalogue_change ON catalog_productimage", migrations.RunSQL.noop
        ),
        migrations.RemoveField(
            model_name="productimage",
            name="file",
        ),
        migrations.RemoveField(
            model_name="productimage",
            name="height",
        ),
        migrations.RemoveField(
            model_name="productimage",
            name="width",
        ),
    ]
