from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ImporterConfig(AppConfig):
    name = "importer"
    verbose_name = "Importer"

    def ready(self) -> None:
        from affiliate_site.roles import create_roles

        post_migrate.connect(create_roles, sender=self)
