import django.db.models.deletion
from django.db import migrations, models

import importer.models.fields


class Migration(migrations.Migration):
    dependencies = [
        ("importer", "0003_reasons"),
    ]

    operations = [
        migrations.CreateModel(
            name="StoredTokens",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("capability", models.CharField(max_length=20)),
                ("encrypted_tokens", importer.models.fields.EncryptedText(editable=False)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tokens",
                        to="importer.networkaccount",
                    ),
                ),
            ],
            options={
                "verbose_name": "sign-in",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("account", "capability"), name="tokens_once_per_account_and_capability"
                    )
                ],
            },
        ),
    ]
