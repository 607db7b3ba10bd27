from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ImporterConfig(AppConfig):
    name = "importer"
    verbose_name = "Importer"

    def ready(self) -> None:
        from affiliate_site.roles import create_roles
        from catalog.sources import name_sources

        post_migrate.connect(create_roles, sender=self)
        name_sources(_network_labels)


def _network_labels() -> dict[str, str]:
    from importer.networks import NETWORKS  # brings the SOAP library: not at every start

    return {slug: network.label for slug, network in NETWORKS.items()}
