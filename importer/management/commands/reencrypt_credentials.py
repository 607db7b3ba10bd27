from collections import Counter

from django.apps import apps
from django.db.models import Field, Model

from affiliate_site.encrypted import CredentialsUnreadable, EncryptedText, reencrypt
from importer.management.output import Failure, ScriptCommand


class Command(ScriptCommand):
    help = (
        "Encrypt every stored credential with the first key of CREDENTIALS_KEYS. Then the old keys may go. "
        "Safe to repeat, to stop in the middle, and while the site runs."
    )

    def run(self, **options) -> dict:
        counts = Counter(reencrypted=0, current=0)
        unreadable = []
        for model in apps.get_models():
            for field in model._meta.concrete_fields:
                if isinstance(field, EncryptedText):
                    for row in model._base_manager.exclude(**{field.name: ""}).order_by("pk").iterator():
                        try:
                            counts[self.reencrypt(row, field)] += 1
                        except CredentialsUnreadable:
                            unreadable.append(f"{model._meta.verbose_name} {row.pk} ({row})")
        result = {**counts, "unreadable": unreadable}
        if unreadable:
            raise Failure(
                f"{self.describe(result)} Not readable with any key: {', '.join(unreadable)}. "
                "Add the key they were encrypted with to CREDENTIALS_KEYS, or enter them again.",
                **result,
            )
        return result

    def reencrypt(self, row: Model, field: Field) -> str:
        """Bring one credential to the first key; each by itself, so that a stop loses nothing."""
        old = getattr(row, field.attname)
        new = reencrypt(old)
        if new is None:
            return "current"
        # Whoever saved other credentials in the meantime did it with the first key.
        same = type(row)._base_manager.filter(pk=row.pk, **{field.name: old})
        return "reencrypted" if same.update(**{field.name: new}) else "current"

    def describe(self, result: dict) -> str:
        return f"{result['reencrypted']} encrypted with the first key, {result['current']} had it already."
