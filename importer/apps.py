from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.db.models.signals import post_migrate

if TYPE_CHECKING:
    from catalog.causes import Cause


class ImporterConfig(AppConfig):
    name = "importer"
    verbose_name = "Importer"

    def ready(self) -> None:
        from affiliate_site.roles import create_roles
        from catalog.causes import name_causes
        from catalog.sources import describe_items, name_sources

        post_migrate.connect(create_roles, sender=self)
        name_sources(_network_labels)
        describe_items(_describe_item)
        name_causes("run", _describe_runs)
        name_causes("mapping", _describe_mapping_runs)


def _network_labels() -> dict[str, str]:
    from importer.networks import NETWORKS  # brings the SOAP library: not at every start

    return {slug: network.label for slug, network in NETWORKS.items()}


def _describe_runs(names: Sequence[str]) -> dict[str, Cause]:
    from catalog.causes import Cause
    from importer.models import ImportRun

    runs = ImportRun.objects.select_related("feed").in_bulk([int(name) for name in names if name.isdecimal()])
    return {str(pk): Cause(str(run), run.get_absolute_url(), run.is_active) for pk, run in runs.items()}


def _describe_mapping_runs(names: Sequence[str]) -> dict[str, Cause]:
    from catalog.causes import Cause
    from importer.models import MappingRun

    runs = MappingRun.objects.in_bulk([int(name) for name in names if name.isdecimal()])
    return {
        str(pk): Cause(str(run), run.get_absolute_url(), run.state == run.State.RUNNING)
        for pk, run in runs.items()
    }


def _describe_item(source_key: str):
    from catalog.sources import SourceItem
    from importer.imports.following import said_of_product
    from importer.imports.planned import PlannedItem
    from importer.models import FeedItem

    # The same feed may be known through two accounts: what was seen last says more.
    items = FeedItem.objects.filter(source_key=source_key).exclude(title="").select_related("feed__account")
    item = items.order_by("-seen_at").first()
    if item is None:
        return None
    account = item.feed.account
    planned = PlannedItem(item=item, account=account, shared_codes=item.feed.shared_codes)
    return SourceItem(
        title=item.title,
        description=item.description if account.import_description else "",
        brand=item.brand,
        image_urls=item.image_urls,
        links_pictures=account.links_pictures,
        attributes=item.attributes,
        said=dict(said_of_product(planned, with_description=account.import_description)),
    )
