# Reasons are kept as a code with parameters; columns stay text, so that plain sentences are read as before.

from django.db import migrations

import importer.models.reasons


class Migration(migrations.Migration):
    dependencies = [
        ("importer", "0002_variants"),
    ]

    operations = [
        migrations.AlterField(
            model_name="importrun",
            name="message",
            field=importer.models.reasons.ReasonField(blank=True),
        ),
        migrations.AlterField(
            model_name="networkaccount",
            name="check_error",
            field=importer.models.reasons.ReasonField(blank=True, editable=False),
        ),
        migrations.AlterField(
            model_name="syncrun",
            name="message",
            field=importer.models.reasons.ReasonField(blank=True),
        ),
    ]
