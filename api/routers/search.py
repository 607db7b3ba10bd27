"""Search what can be imported: the mirror, or a network itself."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router

from api.guard import Needs
from api.problems import Problem
from api.schemas import items as shapes
from importer.feed_index import Paging, find_blocks
from importer.models import FeedItem, NetworkAccount
from importer.networks.query import ItemQuery
from importer.search import hits

router = Router()
READ = Needs("search:read", reads=True)
PAGE_SIZE = 25


@router.post("", response=shapes.Found, auth=READ)
def search_mirror(request: HttpRequest, data: shapes.SearchIn) -> Any:
    """Search all mirrored feeds; changes nothing. Beyond 10,000 matches `total` is an estimate."""
    query = ItemQuery.from_json(data.query)
    found = hits.search_index(query.comparable, Paging(cursor=data.cursor, limit=data.limit, max_facets=0))
    page = found.page
    return {
        "items": [shapes.item_row(hit) for hit in found.hits],
        **{"total": page.total, "is_estimate": page.is_estimate, "next": page.next_cursor},
    }


@router.post("/live", response=shapes.FoundLive, auth=READ)
def search_live(request: HttpRequest, data: shapes.LiveIn) -> Any:
    """Search one account (`account_id` of the query): its mirror where it is whole, else its network."""
    query = ItemQuery.from_json(data.query)
    if query.account_id is None:
        message = "Name the account: account_id."
        raise Problem(
            "invalid", errors=[{"field": "query.account_id", "code": "required", "message": message}]
        )
    account = get_object_or_404(NetworkAccount, pk=query.account_id)
    found = hits.search(account, query, data.page, PAGE_SIZE)
    names = ("total", "has_next", "is_live", "notice", "hidden")
    return {
        "items": [shapes.item_row(hit) for hit in found.hits],
        "unobeyed": sorted(found.unobeyed),
        **{name: getattr(found, name) for name in names},
    }


@router.get("/items/{int:pk}", response=shapes.ItemOut, auth=Needs("search:read"))
def get_item(request: HttpRequest, pk: int) -> Any:
    """Read a feed item that a search found."""
    item = get_object_or_404(FeedItem.objects.select_related("feed__account"), pk=pk)
    return shapes.item_row(hits.get_hits([item], find_blocks([pk]))[0])
