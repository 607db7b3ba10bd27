"""The keys that tie the catalogue to networks."""

import pytest
from django.utils import timezone

from catalog.lib.source_keys import own_part, source_of
from importer.models import Feed
from importer.models.keys import all_of, program_key, source_key
from tests.importer.make import make_feed


@pytest.mark.parametrize("part", ["12", "a:b", "", "ä ö", "feed-7"])
def test_what_a_key_was_made_of_is_read_from_it(part):
    key = program_key("adtraction", part, "9")
    assert source_of(key) == "adtraction"
    assert own_part(key) == (part or "feed-9")
    assert source_of(source_key("adtraction", part, "1")) == "adtraction"
    assert key.startswith(all_of("adtraction"))
    assert not key.startswith(all_of("ad"))


@pytest.mark.django_db
def test_a_feed_is_searchable_once_it_is_mirrored_and_read():
    feeds = {}
    for is_mirrored in (False, True):
        for synced_at in (None, timezone.now()):
            feed = make_feed()
            Feed.objects.filter(pk=feed.pk).update(is_mirrored=is_mirrored, synced_at=synced_at)
            feeds[feed.pk] = is_mirrored and synced_at is not None
    found = set(Feed.objects.searchable().values_list("pk", flat=True))
    assert found == {pk for pk, is_wanted in feeds.items() if is_wanted}
