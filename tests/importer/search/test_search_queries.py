"""How often a search page asks the database."""

import pytest
from django.core.management import call_command

from importer.models import FeedItem
from importer.networks import NETWORKS
from tests.importer.pages import HTMX
from tests.importer.run import import_items
from tests.importer.views.test_search import connect, rows_of, search

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("headers", [None, HTMX], ids=["page", "part"])
@pytest.mark.parametrize("network", sorted(NETWORKS))
@pytest.mark.parametrize("who", ["admin_client", "editor_client"])
def test_a_page_of_hits_costs_twelve_queries(
    sandbox, network, headers, who, request, django_assert_max_num_queries
):
    client = request.getfixturevalue(who)
    connect(network)
    call_command("sync_feeds", "--network", network, "--inline", "--json")
    found = rows_of(search(client, network, headers, keywords="lampe"))
    import_items(*FeedItem.objects.filter(pk__in=found[:3]))
    with django_assert_max_num_queries(12):
        page = search(client, network, headers, keywords="lampe")
    assert rows_of(page) == found
