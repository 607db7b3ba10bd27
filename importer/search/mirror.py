"""What there is to search here."""

from importer.models import Feed


def mirror_currencies() -> list[str] | None:
    """Return the currencies of the feeds that can be searched here; None where there is no such feed."""
    feeds = Feed.objects.searchable()
    found = set(feeds.order_by().values_list("currency", flat=True).distinct())
    return sorted(found - {""}) if found else None
