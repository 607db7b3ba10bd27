from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CatalogConfig(AppConfig):
    name = "catalog"
    verbose_name = "Catalogue"

    def ready(self) -> None:
        from catalog.lib import lookups
        from catalog.site import generation

        lookups.register()
        post_migrate.connect(generation.watch_tables, sender=self)
