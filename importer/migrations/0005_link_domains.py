"""Where links may lead: accounts may name more domains, and the shops that are there learn theirs."""

from urllib.parse import urlsplit

import django.contrib.postgres.fields
import django.core.validators
from django.db import migrations, models

CLICK_DOMAINS = {
    "tradedoubler": "tradedoubler.com",
    "adtraction": "adtraction.com",
    "tradetracker": "tradetracker.net",
}


def fill(apps, schema_editor):
    programs = {}
    for program in apps.get_model("importer", "Program").objects.select_related("account"):
        key = f"{program.account.network}:{program.external_id}"
        try:
            host = urlsplit(program.url).hostname or ""
        except ValueError:
            host = ""
        programs.setdefault(key, set()).add(host.removeprefix("www."))
    sources = list(apps.get_model("catalog", "ShopSource").objects.all())
    for source in sources:
        own = CLICK_DOMAINS.get(source.key.partition(":")[0], "")
        source.link_domains = sorted({own, *programs.get(source.key, ())} - {""})
    apps.get_model("catalog", "ShopSource").objects.bulk_update(sources, ["link_domains"], batch_size=1_000)


def secure(apps, schema_editor):
    """Old feeds name the networks' click servers with http; a click there now needs https."""
    for column in ("tracking_url", "tracking_template"):
        schema_editor.execute(
            f"""
            UPDATE catalog_offer SET {column} = 'https' || substr({column}, 5)
            WHERE {column} ~ '^http://([a-z0-9-]+[.])*(tradedoubler[.]com|adtraction[.]com|tradetracker[.]net)/'
            """  # noqa: S608 two names from above
        )


class Migration(migrations.Migration):
    dependencies = [("importer", "0004_feed_mirror"), ("catalog", "0009_link_domains")]

    operations = [
        migrations.AddField(
            model_name="networkaccount",
            name="link_domains",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    max_length=255,
                    validators=[
                        django.core.validators.RegexValidator(
                            "^[a-z0-9-]+(\\.[a-z0-9-]+)+\\Z", "Write domains, such as go.shop.com."
                        )
                    ],
                ),
                blank=True,
                default=list,
                help_text="The network's own and those of its shops may anyway. Name tracking domains of brands "
                "and private networks here, separated by commas.",
                size=50,
                verbose_name="more domains that links may lead to",
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RunPython(secure, migrations.RunPython.noop),
    ]
