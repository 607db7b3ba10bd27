"""Offers of all products. What is done with them is at their product."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router

from api.guard import Needs
from api.paging import Paging, page_of
from api.schemas.common import Page
from api.schemas.products import OfferFilter, OfferOut, offer_row
from catalog.models import Offer

router = Router()
READ = Needs("products:read")


@router.get("", response=Page[OfferOut], auth=READ)
def list_offers(request: HttpRequest, asked: Query[OfferFilter], paging: Query[Paging]) -> Any:
    """List offers by id. `gone=true`: those that their network no longer lists, too."""
    found = Offer.objects.select_related("shop", "later_check")
    wanted = {"shop": asked.shop, "product": asked.product, "source": asked.source, "gtin": asked.gtin}
    found = found.filter(**{name: value for name, value in wanted.items() if value})
    page = page_of(found if asked.gone else found.filter(expired_at=None), paging, falls=False)
    return {"items": [offer_row(offer) for offer in page["items"]], "next": page["next"]}


@router.get("/{int:pk}", response=OfferOut, auth=READ)
def get_offer(request: HttpRequest, pk: int) -> Any:
    return offer_row(get_object_or_404(Offer.objects.select_related("shop", "later_check"), pk=pk))
