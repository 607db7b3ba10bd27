"""What shops of the sandbox have as habits is read as it is meant, on every network and in every row."""

import pytest

from importer.networks.variants import variant_key
from importer.sandbox.catalogue.items import Catalogue
from importer.sandbox.catalogue.oddities import HABITS
from importer.sandbox.catalogue.shops import network_feeds


@pytest.mark.parametrize("slug", ["tradedoubler", "adtraction", "tradetracker"])
def test_the_habits_of_shops_are_read_as_they_are_meant(connect, slug):
    network = connect(slug)
    catalogue, seen = Catalogue(3000), set()
    feeds = {str(feed.feed_id): feed for feed in network_feeds(slug) if feed.state == "connected"}
    known = [data for data in network.fetch_feeds() if data.external_id in feeds]
    for data in known[:12]:
        rows = {item.sku: item for item in catalogue.rows(feeds[data.external_id]) if item.oddity in HABITS}
        for read in network.fetch_items(data):
            if not (item := rows.get(read.external_id)):
                continue
            seen.add(item.oddity)
            assert not read.problem
            if item.oddity in ("filler_ean", "in_store_code"):
                assert read.gtin == ""
            elif item.oddity == "counted_stock":
                assert read.in_stock is (item.stock > 0)
            else:
                assert variant_key(read)
    assert seen == set(HABITS)
