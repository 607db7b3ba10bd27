"""What changed: the outbox, oldest first, so that a program that asks again and again misses nothing old."""

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router

from api.guard import Needs
from api.paging import Paging, page_of
from api.schemas.common import Page
from api.schemas.searches import EventOut
from events.models import Event

router = Router()


@router.get("", response=Page[EventOut], auth=Needs("events:read"))
def list_events(request: HttpRequest, paging: Query[Paging], kind: str = "", newest: bool = False) -> Any:
    """List events, the oldest that are kept first; `newest=true` turns that round. `kind`: of one kind.

    To be told of each event exactly as it comes, take a webhook: an event whose transaction took long may
    appear here behind one with a higher id.
    """
    found = Event.objects.filter(kind=kind[:40]) if kind else Event.objects.all()
    return page_of(found, paging, falls=newest)
